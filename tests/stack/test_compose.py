"""What can be said of compose.yaml without a container engine: that it fits the files it names, and stays at home."""

import re
from typing import Any

import pytest
import yaml
from stack.binaries import COLLECTOR_VERSION, PROMETHEUS_VERSION
from stack.places import COLLECTOR_FILE, ROOT
from stack.prometheus import FEATURES

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def mounts() -> list[str]:
    return [each.split(":")[0] for service in SERVICES.values() for each in service.get("volumes", ())]


def test_every_port_is_published_on_loopback_only() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert ports
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_every_image_is_pinned_to_the_version_that_the_stack_is_run_with() -> None:
    images = {name: service["image"].rsplit(":", 1)[1] for name, service in SERVICES.items() if "image" in service}
    assert set(images) == {"collector", "prometheus", "tempo", "grafana"}
    assert all(re.fullmatch(r"v?\d+\.\d+\.\d+", version) for version in images.values())
    assert images["collector"] == COLLECTOR_VERSION.removeprefix("v")
    # The Go module of Prometheus 3.16.0 is v0.316.0.
    major, minor, patch = images["prometheus"].removeprefix("v").split(".")
    assert f"v0.{major}{int(minor):02}.{patch}" == PROMETHEUS_VERSION


@pytest.mark.parametrize("source", [source for source in mounts() if source.startswith("./")])
def test_what_is_mounted_exists(source: str) -> None:
    assert (ROOT / source).exists()


def test_named_volumes_are_declared() -> None:
    assert {source for source in mounts() if not source.startswith("./")} == set(COMPOSE["volumes"])


def test_the_collector_is_told_only_what_its_file_asks_for() -> None:
    asked = set(re.findall(r"\$\{env:(\w+)", COLLECTOR_FILE.read_text(encoding="utf-8")))
    assert set(SERVICES["collector"]["environment"]) <= asked
    # One that is left at its default listens inside of its container alone.
    listening = {name for name in asked if name.endswith(("_LISTEN", "_HOST"))}
    assert listening <= set(SERVICES["collector"]["environment"])


def test_prometheus_scrapes_the_ports_that_the_collector_opens() -> None:
    config = yaml.safe_load((ROOT / "compose" / "prometheus.yaml").read_text(encoding="utf-8"))
    targets = [
        target for job in config["scrape_configs"] for each in job["static_configs"] for target in each["targets"]
    ]
    listens = SERVICES["collector"]["environment"]["COLLECTOR_PROMETHEUS_LISTEN"].rsplit(":", 1)[1]
    assert targets == [f"collector:{listens}", "collector:8888"]
    assert FEATURES in SERVICES["prometheus"]["command"]


def test_grafanas_data_sources_are_services_of_these_names_and_ports() -> None:
    provisioning = ROOT / "dashboards" / "lambdascope_dashboards" / "provisioning" / "datasources.yaml"
    urls = {each["url"] for each in yaml.safe_load(provisioning.read_text(encoding="utf-8"))["datasources"]}
    assert urls == {"http://prometheus:9090", "http://tempo:3200"}


def test_grafana_is_given_every_dashboard_that_it_has_a_data_source_for() -> None:
    # The one of the history needs a plugin that Grafana's image has not.
    built = ROOT / "dashboards" / "lambdascope_dashboards" / "built"
    mounted = {source.rsplit("/", 1)[1] for source in mounts() if "/built" in source}
    assert mounted == {path.name for path in built.glob("*.json")} - {"lambdascope-history.json"}


def test_prometheus_keeps_as_long_as_the_rules_look_back() -> None:
    # The same hour of a week ago, and that hour's hour before.
    kept = [each for each in SERVICES["prometheus"]["command"] if "retention" in each]
    assert kept == ["--storage.tsdb.retention.time=8d"]
    assert "`--storage.tsdb.retention.time=8d`" in (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8")


def test_what_is_said_of_starting_it_is_the_same_everywhere() -> None:
    pages = [ROOT / "compose.yaml", ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    said = {
        path.name: found
        for path in pages
        if (found := re.findall(r"docker compose up[^`,;.]*", path.read_text(encoding="utf-8")))
    }
    assert {each.strip() for found in said.values() for each in found} == {"docker compose up --build"}


def test_the_image_takes_along_only_what_is_ignored_neither_in_the_file_nor_by_docker() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert ignored[1] == "*"
    assert {name for line in copied for name in line.split()} == {line[1:] for line in ignored if line.startswith("!")}

"""The files to deploy with: settings that exist and go together, and processes that may do no more than they need."""

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import botocore.session
import pytest
import yaml
from botocore.validate import ParamValidator

from lambdascope_proxy.settings import load_settings
from lambdascope_proxy.settings_table import TABLE

ROOT = Path(__file__).parents[2]
PACKAGING = ROOT / "packaging"
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
SETTINGS = {setting.variable for setting in TABLE}
# What Python, the shell and OpenTelemetry read.
PYTHONS = {"HOME", "PATH", "TMPDIR", "XDG_DATA_HOME", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}
OTHERS = PYTHONS | {"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_METRIC_EXPORT_INTERVAL"}
USER = 10001
DATA = "/var/lib/lambdascope"
# Beside the drain: the pause before SIGTERM, and what the history takes to be written.
REST_S = 10


def written(path: str) -> str:
    """A file of the repository."""
    return (ROOT / path).read_text(encoding="utf-8")


def pairs(text: str) -> dict[str, str]:
    """The variables of an environment file."""
    parts = [line.partition("=") for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return {name: value for name, _, value in parts}


def manifests() -> dict[str, Any]:
    """The manifests of Kubernetes by kind."""
    found = [yaml.safe_load(path.read_text("utf-8")) for path in sorted((PACKAGING / "kubernetes").glob("*.yaml"))]
    return {document["kind"]: document for document in found}


def task() -> dict[str, Any]:
    """The task definition of ECS."""
    return json.loads(written("packaging/ecs/task-definition.json"))


def unit() -> dict[str, list[str]]:
    """The directives of the systemd unit; one may stand several times."""
    found: dict[str, list[str]] = {}
    for line in written("packaging/systemd/lambdascope.service").splitlines():
        if "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def of_the_image() -> dict[str, str]:
    """The variables that the last stage of the image sets."""
    last = written("Dockerfile").rpartition("\nFROM ")[2]
    parts = [word.partition("=") for line in re.findall(r"^ENV (.*)$", last, re.MULTILINE) for word in line.split()]
    return {name: value for name, _, value in parts}


def of_the_unit() -> dict[str, str]:
    """The variables of the unit and of its settings file."""
    words = " ".join(unit()["Environment"]).split()
    return {**dict(word.split("=", 1) for word in words), **pairs(written("packaging/systemd/lambdascope.env"))}


def of_ecs() -> dict[str, str]:
    """The variables of the task."""
    (container,) = task()["containerDefinitions"]
    return {each["name"]: each["value"] for each in container["environment"]}


def of_kubernetes() -> dict[str, str]:
    """The variables of the pods."""
    return pairs(written("packaging/kubernetes/settings.env"))


def of_compose() -> dict[str, str]:
    """The variables of the proxy in the compose file."""
    return yaml.safe_load(written("compose.yaml"))["services"]["proxy"]["environment"]


DEPLOYMENTS = {
    "image": of_the_image,
    "compose": of_compose,
    "kubernetes": of_kubernetes,
    "ecs": of_ecs,
    "systemd": of_the_unit,
}


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_every_variable_is_one_that_is_read(name: str) -> None:
    # Catches a setting that was renamed, and one that never was.
    environ = DEPLOYMENTS[name]()
    assert environ
    assert set(environ) <= SETTINGS | OTHERS


@pytest.mark.parametrize("name", ["kubernetes", "ecs", "systemd"])
def test_the_settings_go_together_and_let_nobody_in_unasked(name: str) -> None:
    # load_settings refuses an address beyond loopback without a list of hosts and without keys or OAuth.
    settings = load_settings({**of_the_image(), **DEPLOYMENTS[name]()})
    assert settings.allowed_hosts
    assert settings.api_keys_file or settings.oauth_issuer
    assert not settings.allow_unauthenticated
    assert not settings.allow_all_functions


def test_the_image_is_of_one_named_base_and_runs_as_nobody_special() -> None:
    dockerfile = written("Dockerfile")
    assert re.search(r"^ARG PYTHON=\d+\.\d+\.\d+-slim-\w+$", dockerfile, re.MULTILINE)
    assert set(re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)) == {"python:${PYTHON}"}
    assert f"\nUSER {USER}:{USER}\n" in dockerfile
    assert dockerfile.rindex("\nUSER ") > dockerfile.rindex("\nRUN ")


def test_all_that_the_image_writes_is_in_its_volume_and_no_shell_is_needed() -> None:
    environ = of_the_image()
    assert environ["HOME"] == environ["XDG_DATA_HOME"] == DATA
    assert environ["LAMBDASCOPE_HISTORY_DIR"].startswith(f"{DATA}/")
    for instruction in ("VOLUME", "ENTRYPOINT", "CMD"):
        words = re.findall(rf"^\s*{instruction} (.*)$", written("Dockerfile"), re.MULTILINE)
        assert all(json.loads(given) for given in words)
    assert json.loads(re.findall(r"^VOLUME (.*)$", written("Dockerfile"), re.MULTILINE)[0]) == [DATA]


def test_the_compose_file_runs_the_image_as_hardened_as_it_is_meant() -> None:
    proxy = yaml.safe_load(written("compose.yaml"))["services"]["proxy"]
    assert proxy["read_only"] is True
    assert proxy["cap_drop"] == ["ALL"]
    assert f"history:{DATA}" in proxy["volumes"]
    assert "/tmp" in proxy["tmpfs"]
    directory = proxy["command"][proxy["command"].index("--history-dir") + 1]
    assert directory == of_the_image()["LAMBDASCOPE_HISTORY_DIR"]


def pod() -> dict[str, Any]:
    """The pod that the deployment makes."""
    return manifests()["Deployment"]["spec"]["template"]["spec"]


def test_the_pods_may_do_no_more_than_the_restricted_standard_allows() -> None:
    context = pod()["securityContext"]
    assert context["runAsNonRoot"] is True
    assert (context["runAsUser"], context["fsGroup"]) == (USER, USER)
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    (container,) = pod()["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod()["automountServiceAccountToken"] is False


def test_the_pods_have_places_to_write_to_and_the_keys_where_the_setting_says() -> None:
    (container,) = pod()["containers"]
    mounted = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
    assert {DATA, "/tmp"} < set(mounted)
    assert set(mounted.values()) == {volume["name"] for volume in pod()["volumes"]}
    keys = Path(of_kubernetes()["LAMBDASCOPE_API_KEYS_FILE"])
    assert str(keys.parent) in mounted


def test_the_probes_ask_for_life_and_readiness_at_the_port_of_the_server() -> None:
    (container,) = pod()["containers"]
    (port,) = container["ports"]
    asked = {name: container[name]["httpGet"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert {name: probe["path"] for name, probe in asked.items()} == {
        "startupProbe": "/health",
        "livenessProbe": "/health",
        "readinessProbe": "/ready",
    }
    assert {probe["port"] for probe in asked.values()} == {port["name"]}
    assert port["containerPort"] == load_settings({}).port


def test_every_selector_means_the_pods() -> None:
    # A common label put in by kustomize would also narrow who may ask and where the Collector is.
    ours = {"app.kubernetes.io/name": "lambdascope"}
    found = manifests()
    assert found["Service"]["spec"]["selector"] == ours
    for kind in ("Deployment", "PodDisruptionBudget"):
        assert found[kind]["spec"]["selector"]["matchLabels"] == ours
    assert found["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"] == ours
    (labels,) = found["Kustomization"]["labels"]
    assert labels["pairs"] == ours
    assert labels["includeTemplates"] is True
    assert "includeSelectors" not in labels


def test_the_kustomization_names_every_manifest_and_the_version_that_is_built() -> None:
    kustomization = manifests()["Kustomization"]
    others = {path.name for path in (PACKAGING / "kubernetes").glob("*.yaml")} - {"kustomization.yaml"}
    assert set(kustomization["resources"]) == others
    (image,) = kustomization["images"]
    assert image["newTag"] == VERSION
    (generated,) = kustomization["configMapGenerator"]
    (container,) = pod()["containers"]
    assert container["envFrom"] == [{"configMapRef": {"name": generated["name"]}}]


def test_the_task_definition_is_one_that_ecs_registers() -> None:
    session: Any = botocore.session.Session()
    operation = session.get_service_model("ecs").operation_model("RegisterTaskDefinition")
    report = ParamValidator().validate(task(), operation.input_shape)
    assert not report.has_errors(), report.generate_report()
    # The proof that the check can fail.
    assert ParamValidator().validate({**task(), "cpus": 1}, operation.input_shape).has_errors()


def test_the_task_is_as_hardened_as_the_pods() -> None:
    (container,) = task()["containerDefinitions"]
    assert container["readonlyRootFilesystem"] is True
    assert container["user"] == f"{USER}:{USER}"
    assert container["linuxParameters"]["capabilities"] == {"drop": ["ALL"]}
    assert [mount["containerPath"] for mount in container["mountPoints"]] == [DATA]
    # Fargate has no tmpfs.
    assert of_ecs()["TMPDIR"] == DATA
    assert container["image"].endswith(f":{VERSION}")


def test_whoever_stops_the_server_waits_for_its_calls() -> None:
    (container,) = task()["containerDefinitions"]
    waits: Mapping[str, float] = {
        "kubernetes": pod()["terminationGracePeriodSeconds"],
        "ecs": container["stopTimeout"],
        "systemd": float(unit()["TimeoutStopSec"][0]),
    }
    for name, patience_s in waits.items():
        settings = load_settings({**of_the_image(), **DEPLOYMENTS[name]()})
        assert patience_s >= settings.drain_s + REST_S, name


def test_a_query_of_the_history_has_room_beside_the_proxy() -> None:
    # About 130 MB for the proxy; a query may have a GiB of addresses more, which are not memory.
    (container,) = pod()["containers"]
    limits_mb = {"kubernetes": 1024, "ecs": int(task()["memory"])}
    assert container["resources"]["limits"]["memory"] == "1Gi"
    for name, limit_mb in limits_mb.items():
        settings = load_settings({**of_the_image(), **DEPLOYMENTS[name]()})
        assert settings.sql_concurrency * settings.sql_memory_mb + 512 <= limit_mb, name


def test_the_unit_gives_the_server_a_place_of_its_own_and_nothing_else() -> None:
    given = unit()
    assert given["DynamicUser"] == given["NoNewPrivileges"] == given["PrivateTmp"] == ["yes"]
    assert given["ProtectSystem"] == ["strict"]
    assert given["CapabilityBoundingSet"] == [""]
    (state,) = given["StateDirectory"]
    assert of_the_unit()["LAMBDASCOPE_HISTORY_DIR"] == f"%S/{state}/history"
    (credential, _) = given["LoadCredential"][0].split(":")
    assert of_the_unit()["LAMBDASCOPE_API_KEYS_FILE"] == f"%d/{credential}"

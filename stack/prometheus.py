"""Prometheus with the shipped scrape configuration and rules, at a pace that suits a run of a minute."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

import yaml

from stack.binaries import BIN
from stack.children import LOOPBACK, free_port, running
from stack.collectors import Collector
from stack.places import PROMETHEUS_FILE

PACE: Final = "1s"
FEATURES: Final = "--enable-feature=exemplar-storage,created-timestamp-zero-ingestion"


@contextmanager
def scraping(folder: Path, collectors: Sequence[Collector], rule_files: Sequence[Path]) -> Generator[int]:
    """Prometheus, scraping these Collectors; yields its port."""
    port, config = free_port(), folder / "prometheus.yaml"
    rules = [_quickened(path, folder) for path in rule_files]
    shipped = yaml.safe_load(PROMETHEUS_FILE.read_text(encoding="utf-8"))
    targets = {
        "lambdascope": [each.prometheus for each in collectors],
        "otelcol": [each.telemetry for each in collectors],
    }
    config.write_text(yaml.safe_dump(adapted(shipped, targets, rules)), encoding="utf-8")
    command = [
        str(BIN / "prometheus"),
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address={LOOPBACK}:{port}",
        FEATURES,
    ]
    with running("Prometheus", command, folder / "prometheus.log", {}) as child:
        child.await_answer(port, "/-/ready")
        yield port


def _quickened(path: Path, folder: Path) -> Path:
    copy = folder / f"rules-{path.name}"
    copy.write_text(yaml.safe_dump(quickened(yaml.safe_load(path.read_text(encoding="utf-8")))), encoding="utf-8")
    return copy


def quickened(rules: Mapping[str, Any]) -> dict[str, Any]:
    """The same rules, evaluated at every scrape."""
    return {**rules, "groups": [{**group, "interval": PACE} for group in rules["groups"]]}


def adapted(shipped: Mapping[str, Any], targets: Mapping[str, Sequence[int]], rules: Sequence[Path]) -> dict[str, Any]:
    """The shipped configuration with other targets, rule files and pace.

    Raises: KeyError for a job of the shipped one that has no target here.
    """
    config = deepcopy(dict(shipped))
    config["global"] = {"scrape_interval": PACE, "scrape_timeout": PACE, "evaluation_interval": PACE}
    config["rule_files"] = [str(path) for path in rules]
    for job in config["scrape_configs"]:
        job["static_configs"] = [{"targets": [f"{LOOPBACK}:{port}" for port in targets[job["job_name"]]]}]
    return config

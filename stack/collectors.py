"""The Collector with the shipped file, on free ports, and a second one that stands where Tempo would be.

The second takes the spans over OTLP as Tempo does and writes them to a file, so that the shipped file runs unchanged.
"""

import os
import subprocess
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from stack.binaries import BIN
from stack.children import LOOPBACK, free_port, running
from stack.places import COLLECTOR_FILE

OTELCOL: Final = str(BIN / "otelcol")
# What the options need to be valid. sigv4auth looks for credentials before anything is sent.
PRETENDED: Final = {
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "AWS_EC2_METADATA_DISABLED": "true",
    "PROMETHEUS_REMOTE_WRITE_URL": "http://127.0.0.1:1/api/v1/write",
    "LOGS_OTLP_ENDPOINT": "http://127.0.0.1:1",
}
QUICKLY: Final = {"TRACES_DECISION_WAIT": "1s", "DEPLOYMENT_ENVIRONMENT": "stack"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Collector:
    """The ports of a running Collector."""

    otlp_http: int
    prometheus: int
    telemetry: int


def validate(options: Sequence[Path]) -> str:
    """What the Collector has against the shipped file with these merged into it; nothing when it is content."""
    environment = {"PATH": os.environ.get("PATH", os.defpath), **PRETENDED}
    done = subprocess.run(
        [OTELCOL, "validate", *_files(options)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return (done.stderr or done.stdout).strip() or "no reason given" if done.returncode else ""


def _files(options: Sequence[Path]) -> list[str]:
    return [argument for path in (COLLECTOR_FILE, *options) for argument in ("--config", str(path))]


@contextmanager
def collecting(
    folder: Path, name: str, tempo: int, settings: Mapping[str, str], options: Sequence[Path] = ()
) -> Generator[Collector]:
    """The shipped Collector with these files merged in, which sends its traces to this port."""
    grpc, http, prometheus, health, telemetry = (free_port() for _ in range(5))
    environment = {
        "COLLECTOR_GRPC_LISTEN": f"{LOOPBACK}:{grpc}",
        "COLLECTOR_HTTP_LISTEN": f"{LOOPBACK}:{http}",
        "COLLECTOR_PROMETHEUS_LISTEN": f"{LOOPBACK}:{prometheus}",
        "COLLECTOR_HEALTH_LISTEN": f"{LOOPBACK}:{health}",
        "COLLECTOR_TELEMETRY_PORT": str(telemetry),
        "TEMPO_ENDPOINT": f"{LOOPBACK}:{tempo}",
        **QUICKLY,
        **settings,
    }
    with running(name, [OTELCOL, *_files(options)], folder / f"{name}.log", environment) as child:
        child.await_answer(health, "/")
        yield Collector(otlp_http=http, prometheus=prometheus, telemetry=telemetry)


@contextmanager
def standing_for_tempo(folder: Path, spans: Path) -> Generator[int]:
    """Takes spans over OTLP/gRPC and writes them to this file; yields its port."""
    with _backend(
        folder, "tempo-stand-in", "traces", {"file": {"path": str(spans), "flush_interval": "200ms"}}
    ) as port:
        yield port


@contextmanager
def refusing_spans(folder: Path) -> Generator[int]:
    """A backend that speaks OTLP/gRPC and takes no spans; yields its port."""
    with _backend(folder, "refusing", "logs", {"debug": {}}) as port:
        yield port


@contextmanager
def _backend(folder: Path, name: str, signal: str, exporters: Mapping[str, object]) -> Generator[int]:
    grpc, health = free_port(), free_port()
    config = {
        "extensions": {"health_check": {"endpoint": f"{LOOPBACK}:{health}"}},
        "receivers": {"otlp": {"protocols": {"grpc": {"endpoint": f"{LOOPBACK}:{grpc}"}}}},
        "exporters": exporters,
        "service": {
            "extensions": ["health_check"],
            "telemetry": {"metrics": {"level": "none"}},
            "pipelines": {signal: {"receivers": ["otlp"], "exporters": [*exporters]}},
        },
    }
    file = folder / f"{name}.yaml"
    file.write_text(yaml.safe_dump(config), encoding="utf-8")
    with running(name, [OTELCOL, "--config", str(file)], folder / f"{name}.log", {}) as child:
        child.await_answer(health, "/")
        yield grpc

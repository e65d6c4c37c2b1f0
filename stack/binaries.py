"""Builds the Collector, Prometheus and promtool with Go, once: they stay in .stack/bin until their versions change."""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from stack.errors import NotBuiltError
from stack.places import BIN, CACHE, HERE, ROOT

COLLECTOR_VERSION: Final = "v0.159.0"
PROMETHEUS_VERSION: Final = "v0.316.0"  # Prometheus 3.16.0: its module counts on from 0.300
BUILDER_FILE: Final = HERE / "otelcol-builder.yaml"
# Discovery in a dozen clouds is most of Prometheus's size and of the time it takes to build.
PROMETHEUS_TAGS: Final = "remove_all_sd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Binary:
    """One binary: `recipe` is all that decides what comes out, `commands` build it at `path`."""

    name: str
    recipe: str
    commands: Sequence[Sequence[str]]
    built: Path | None = None

    @property
    def path(self) -> Path:
        """Where it is once it is built."""
        return BIN / self.name

    @property
    def mark(self) -> Path:
        """Holds the recipe's fingerprint, written after the binary."""
        return BIN / f"{self.name}.recipe"

    @property
    def fingerprint(self) -> str:
        """Changes with the recipe."""
        return hashlib.sha256(self.recipe.encode()).hexdigest()

    def is_built(self) -> bool:
        """Whether this very recipe has been built."""
        return self.path.exists() and self.mark.exists() and self.mark.read_text() == self.fingerprint


def binaries() -> tuple[Binary, ...]:
    """All of them, in the order in which they are built."""
    return (_collector(), _prometheus("prometheus"), _prometheus("promtool"))


def _collector() -> Binary:
    builder = f"go.opentelemetry.io/collector/cmd/builder@{COLLECTOR_VERSION}"
    return Binary(
        name="otelcol",
        # Not the text: a comment builds nothing.
        recipe=builder + json.dumps(yaml.safe_load(BUILDER_FILE.read_text(encoding="utf-8"))),
        commands=(("go", "install", builder), (str(BIN / "builder"), "--config", str(BUILDER_FILE))),
        built=CACHE / "otelcol" / "otelcol",
    )


def _prometheus(name: str) -> Binary:
    module = f"github.com/prometheus/prometheus/cmd/{name}@{PROMETHEUS_VERSION}"
    command = ("go", "install", "-tags", PROMETHEUS_TAGS, "-ldflags=-s -w", module)
    return Binary(name=name, recipe=" ".join(command), commands=(command,))


def build(binary: Binary) -> bool:
    """Builds it unless that was done before. Returns whether there was anything to do.

    Raises: NotBuiltError.
    """
    if binary.is_built():
        return False
    if shutil.which("go") is None:
        raise NotBuiltError(f"{binary.name} is built with Go, which is not installed: https://go.dev/dl/")
    BIN.mkdir(parents=True, exist_ok=True)
    for command in binary.commands:
        _run(binary, command)
    if binary.built:
        shutil.move(binary.built, binary.path)
    binary.mark.write_text(binary.fingerprint)
    return True


def _run(binary: Binary, command: Sequence[str]) -> None:
    environment = {**os.environ, "GOBIN": str(BIN), "CGO_ENABLED": "0"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise NotBuiltError(f"{binary.name}: `{' '.join(command)}` ended with {done.returncode}:\n{last}")

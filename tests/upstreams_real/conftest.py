"""Servers of others, by themselves and behind lambdascope; `make upstreams` runs what is here, `make test` does not."""

import os
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

# What tests share lies beside them: test directories are no packages.
sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "interaction")]

from stage.spans import SpanSink  # noqa: E402 - it is found only now

KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE")


@pytest.fixture
def environment() -> dict[str, str]:
    """What a server needs of our own environment."""
    return {name: os.environ[name] for name in KEPT if name in os.environ}


@pytest.fixture
def recording(tmp_path: Path) -> dict[str, str]:
    """Settings of a lambdascope with a history of its own."""
    return {"LAMBDASCOPE_HISTORY_DIR": str(tmp_path / "history")}


@pytest.fixture(scope="session")
def spans() -> Generator[SpanSink]:
    """A collector."""
    sink = SpanSink()
    yield sink
    sink.close()

"""Upstreams for the tests: real processes, over stdio one a test, over HTTP one of each era for the run."""

import sys
from collections.abc import Generator
from pathlib import Path

import pytest

# What the tests share lies beside them: test directories are no packages.
sys.path.insert(0, str(Path(__file__).parent))

from behind import command, http_fixture

from lambdascope_proxy.upstreams.spec import Upstream


@pytest.fixture(scope="session")
def http_urls() -> Generator[dict[str, str]]:
    """Where the fixture listens, by era."""
    with http_fixture("both") as (both, _), http_fixture("legacy") as (legacy, _):
        yield {"both": both, "legacy": legacy}


@pytest.fixture(params=["stdio-both", "stdio-legacy", "http-both", "http-legacy"])
def upstream(request: pytest.FixtureRequest, http_urls: dict[str, str]) -> Upstream:
    """One upstream, over each transport in each era."""
    return reached(request.param, http_urls)


@pytest.fixture(params=["stdio-legacy", "http-both"])
def either(request: pytest.FixtureRequest, http_urls: dict[str, str]) -> Upstream:
    """One upstream, over each transport once, in each era once: a process costs a second."""
    return reached(request.param, http_urls)


def reached(how: str, http_urls: dict[str, str]) -> Upstream:
    """The fixture, reached like this."""
    transport, era = how.split("-")
    if transport == "stdio":
        return Upstream(name="fixture", command=command(era))
    return Upstream(name="fixture", url=http_urls[era])

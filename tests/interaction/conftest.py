"""The stage of the interaction tests: real functions, a real collector's protocol, real proxy processes."""

import os
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

# What the tests share lies beside them in `stage`: test directories are no packages.
sys.path.insert(0, str(Path(__file__).parent))

from stage.proxies import HttpProxy, Stage
from stage.spans import SpanSink

from lambdascope_proxy.local import LocalAws, LocalFunction
from lambdascope_proxy.local.demo import SCHEMA_TAG, demo_functions, demo_schemas

FUNCTIONS = Path(__file__).parent / "functions"
USUAL: dict[str, Any] = {"timeout_s": 10}
SPECIAL: dict[str, dict[str, Any]] = {
    "gate": {"timeout_s": 30},
    "sleeper": {"timeout_s": 1},
    "chatty": {"timeout_s": 30, "memory_mb": 512},
}


def odd_functions() -> list[LocalFunction]:
    """Functions that do what functions should not; one directory each under `functions/`."""
    named = {path.parent.name: path.parent for path in sorted(FUNCTIONS.glob("*/app.py"))}
    made = [
        LocalFunction(name=f"odd-{name}", code=code, **{**USUAL, **SPECIAL.get(name, {})})
        for name, code in named.items()
    ]
    return [*made, LocalFunction(name="odd-throttled", code=named["echo"], reserved_concurrency=0)]


@pytest.fixture(scope="session")
def local_aws() -> Generator[LocalAws]:
    """Demo functions, those of the tests, and one that no setting allows, for the whole run."""
    secret = LocalFunction(name="payroll", code=FUNCTIONS / "echo")
    functions = [*demo_functions(), *odd_functions(), secret]
    with LocalAws(functions, demo_schemas(), event_retry_delays_s=(0.1, 0.1)) as aws:
        yield aws


@pytest.fixture(scope="session")
def clean_environment() -> dict[str, str]:
    """What a proxy process needs of our own environment, and nothing that would lead it elsewhere."""
    needed = ("PATH", "HOME", "LANG", "TMPDIR", "COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG")
    kept = {name: os.environ[name] for name in needed if name in os.environ}
    return {**kept, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", "PYTHONWARNINGS": "error"}


@pytest.fixture(scope="session")
def spans() -> Generator[SpanSink]:
    """One collector for the whole run; tests find their spans by trace id."""
    sink = SpanSink()
    yield sink
    sink.close()


@pytest.fixture(scope="session")
def settings(clean_environment: dict[str, str], local_aws: LocalAws) -> dict[str, str]:
    """A proxy that sees the local AWS and may call the demo's functions and the odd ones."""
    return {
        **clean_environment,
        **local_aws.environment(),
        "FUNCTION_PREFIX": "demo-",
        "FUNCTION_LIST": ",".join(function.name for function in odd_functions()),
        "FUNCTION_INPUT_SCHEMA_ARN_TAG_KEY": SCHEMA_TAG,
        "LAMBDASCOPE_THROTTLE_BUDGET_S": "1",
    }


@pytest.fixture
def stage(settings: dict[str, str], tmp_path: Path) -> Generator[Stage]:
    """Proxies of one test, with a history of their own."""
    history = tmp_path / "history"
    made = Stage(environment={**settings, "LAMBDASCOPE_HISTORY_DIR": str(history)}, history_directory=history)
    yield made
    made.close()


@pytest.fixture(scope="session")
def house(settings: dict[str, str], spans: SpanSink, tmp_path_factory: pytest.TempPathFactory) -> Generator[Stage]:
    """The stage of the proxy that the whole run shares: traced, with both ways of propagation."""
    history = tmp_path_factory.mktemp("house") / "history"
    traced = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": spans.endpoint,
        "OTEL_BSP_SCHEDULE_DELAY": "50",
        "LAMBDASCOPE_PROPAGATION": "both",
        "LAMBDASCOPE_HISTORY_DIR": str(history),
    }
    made = Stage(environment={**settings, **traced}, history_directory=history)
    yield made
    made.close()


@pytest.fixture(scope="session")
def proxy(house: Stage) -> HttpProxy:
    """The shared proxy over HTTP: a process costs seconds, tests tell their calls apart by call id."""
    return house.serve_http()

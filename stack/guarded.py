"""A third proxy, `lambdascope wrap` around an MCP server that misbehaves, with every guardrail on.

Calls are cached, repeated, refused by each guard, approved and declined; the other server changes its tools, leaves and
is away for a moment. In the end the budget of the session is spent.
"""

import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from stack.children import END_S, bare_environment, end
from stack.collectors import Collector
from stack.places import HERE
from stack.stdio_client import StdioClient

CALL_USD: Final = "0.01"
ROUNDS: Final = 5
APART_S: Final = 2.0
# Longer than a breaker stays open.
RECOVERS_S: Final = 1.2
# More than the rate that is allowed.
HURRIED: Final = 8
# More than the rounds leave of the budget.
SPENDING: Final = 30
# The rounds in which the other server leaves: each loss is followed by a longer pause before it is started again.
LEAVING: Final = (1, 3)
SETTINGS: Final = {
    "LAMBDASCOPE_RATE_LIMIT_TOOL": "6/second",
    "LAMBDASCOPE_CONCURRENT_TOOL": "2",
    "LAMBDASCOPE_CALL_TIMEOUT_S": "1",
    "LAMBDASCOPE_BREAKER_FAILURES": "1",
    "LAMBDASCOPE_BREAKER_OPEN_S": "1",
    "LAMBDASCOPE_RETRY_ATTEMPTS": "2",
    "LAMBDASCOPE_CACHE_TTL_S": "60",
    "LAMBDASCOPE_APPROVE": "destructive",
    "LAMBDASCOPE_PIN_TOOLS": "hold",
    "LAMBDASCOPE_BUDGET_SESSION_USD": "0.35",
    "LAMBDASCOPE_BUDGET_DAY_S": "3600",
    "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=guarded",
    "OTEL_METRIC_EXPORT_INTERVAL": "1000",
    "OTEL_BSP_SCHEDULE_DELAY": "500",
}


def keep_within(folder: Path, collector: Collector) -> None:
    """Makes the same calls several times over, spends what is left, and leaves."""
    with _guarded(folder, collector) as client:
        client.open(elicitation={})
        # Nothing is offered before the other server is there.
        client.ask("tools/list", {})
        for number in range(ROUNDS):
            _round(client, number)
        _spend(client)


def _round(client: StdioClient, number: int) -> None:
    for _ in range(HURRIED):
        client.call("look_up", {"round": number})
    client.call("add", {"round": number})
    client.call("refuse", {"round": number})
    client.reply = _approved if number % 2 else _declined
    client.call("remove", {"round": number})
    client.call("stumble", {"round": number})
    client.call("change", {"round": number})
    time.sleep(APART_S)
    client.call("shift", {"round": number})
    client.call("stall", {"round": number})
    # The breaker is open now.
    client.call("add", {"round": number})
    time.sleep(RECOVERS_S)
    if number in LEAVING:
        client.call("leave", {"round": number})
        time.sleep(RECOVERS_S)


def _spend(client: StdioClient) -> None:
    """Calls until there is nothing left, and several times after that."""
    for number in range(SPENDING):
        client.call("add", {"round": number})
        time.sleep(APART_S / HURRIED)


def _approved(params: Mapping[str, Any]) -> dict[str, Any]:
    return {"action": "accept", "content": {"approve": True}}


def _declined(params: Mapping[str, Any]) -> dict[str, Any]:
    return {"action": "decline"}


@contextmanager
def _guarded(folder: Path, collector: Collector) -> Generator[StdioClient]:
    own = folder / "guarded"
    own.mkdir()
    proxy = [sys.executable, "-m", "lambdascope_proxy.cli", "wrap", "--name", "shop", "--cost", CALL_USD, "--"]
    environment = {
        **bare_environment(),
        **SETTINGS,
        "LAMBDASCOPE_HISTORY_DIR": str(own / "history"),
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.otlp_http}",
    }
    with (folder / "guarded.log").open("wb") as log:
        process = subprocess.Popen(
            [*proxy, sys.executable, str(HERE / "upstream.py"), str(own / "away")],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
        try:
            yield StdioClient(process)
            assert process.stdin is not None
            process.stdin.close()
            process.wait(timeout=END_S)
        finally:
            end(process)

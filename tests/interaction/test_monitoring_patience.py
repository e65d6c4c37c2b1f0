"""Queries that would take for ever, scan too much or are not wanted any more: bounded, stopped at AWS, and told so."""

import re
import time
from collections.abc import AsyncGenerator, Generator
from decimal import Decimal
from pathlib import Path
from typing import Any

import anyio
import boto3
import pytest
from mcp import Client
from stage.answers import ask, invoke
from stage.proxies import Stage
from stage.waiting import eventually
from stage.watched import WatchedAws, stage_at

from lambdascope_proxy.local import LocalFunction
from lambdascope_proxy.local.logs import LogEvent

pytestmark = pytest.mark.anyio

ECHO = Path(__file__).parent / "functions" / "echo"
QUIET, LOUD = "look-quiet", "look-loud"
SCANNED = 5_000_000
DAY_MS = 86_400_000
LINES, LINE_BYTES = 240, 9_000
RAW = "fields @timestamp, @message"


@pytest.fixture(scope="module")
def aws() -> Generator[WatchedAws]:
    """A function with a few lines of log, and one with two megabytes, written evenly over a day."""
    with WatchedAws([LocalFunction(name=name, code=ECHO) for name in (QUIET, LOUD)]) as made:
        began_ms = round(time.time() * 1000) - DAY_MS
        for number in range(LINES):
            moment_ms = began_ms + number * (DAY_MS // LINES)
            made.journal.add_event(
                LogEvent(timestamp_ms=moment_ms, group=f"/aws/lambda/{LOUD}", stream="s", message="x" * LINE_BYTES)
            )
        yield made


@pytest.fixture(scope="module")
def stage(house: Stage, aws: WatchedAws, tmp_path_factory: pytest.TempPathFactory) -> Generator[Stage]:
    """A proxy waits for a query for a second."""
    made = stage_at(house, aws, tmp_path_factory.mktemp("patience"), LAMBDASCOPE_LOGS_TIMEOUT_S="1")
    yield made
    made.close()


@pytest.fixture(scope="module")
async def ready_client(stage: Stage) -> AsyncGenerator[Client]:
    async with stage.serve_http().client() as connected:
        await invoke(connected, QUIET, {})
        yield connected


@pytest.fixture(scope="module")
async def frugal_client(stage: Stage, ready_client: Client) -> AsyncGenerator[Client]:
    async with stage.having(LAMBDASCOPE_MAX_SCAN_GB="0.001").stdio_client() as connected:
        yield connected


@pytest.fixture
def frugal(frugal_client: Client, aws: WatchedAws) -> Client:
    """A client of a proxy that may scan a megabyte."""
    aws.forget()
    return frugal_client


@pytest.fixture
def client(ready_client: Client, aws: WatchedAws) -> Client:
    aws.forget()
    return ready_client


@pytest.fixture
async def patient(stage: Stage, ready_client: Client, aws: WatchedAws) -> AsyncGenerator[Client]:
    """A client of a proxy that waits for a minute."""
    aws.forget()
    async with stage.having(LAMBDASCOPE_LOGS_TIMEOUT_S="60").stdio_client() as connected:
        yield connected


def running(_: Any, __: Any) -> dict[str, Any]:
    """A query that found a row and does not end; the true one is not asked, so it stays as it is as well."""
    cells = [
        {"field": "@timestamp", "value": "2026-11-22 10:00:00.003"},
        {"field": "@message", "value": "found so far"},
    ]
    statistics = {"recordsMatched": 1.0, "recordsScanned": 20_000.0, "bytesScanned": float(SCANNED)}
    return {"status": "Running", "results": [cells], "statistics": statistics}


def states_of_queries(aws: WatchedAws) -> list[str]:
    """What became of the queries that were stopped, as AWS tells whoever asks."""
    session: Any = boto3.Session(aws_access_key_id="local", aws_secret_access_key="local", region_name="us-east-1")
    logs = session.client("logs", endpoint_url=aws.endpoint_url)
    stopped = [body["queryId"] for body in aws.bodies("StopQuery")]
    return [logs.get_query_results(queryId=query_id)["status"] for query_id in stopped]


async def test_a_query_that_never_completes_is_stopped_and_what_it_found_is_told_as_partial(
    client: Client, aws: WatchedAws, stage: Stage
) -> None:
    with aws.playing("GetQueryResults", running):
        answer = await ask(client, "query_logs", function_names=[QUIET], query=RAW)
    assert (answer["is_error"], answer["is_complete"]) == (False, False)
    assert answer["rows"] == [["2026-11-22 10:00:00.003", "found so far"]]
    assert "Partial" in answer["notes"][0]
    assert "LAMBDASCOPE_LOGS_TIMEOUT_S" in answer["notes"][0]
    assert states_of_queries(aws) == ["Cancelled"]
    # AWS charges for what was scanned until then.
    assert answer["bill"]["scanned_bytes"] == SCANNED
    (row,) = await eventually(lambda: stage.rows("tool_name = 'query_logs'"))
    assert f"{row['cost_usd']:f}" == answer["bill"]["cost_usd"] == "0.000025000000"


async def test_sums_over_part_of_the_log_are_not_told_as_sums(client: Client, aws: WatchedAws) -> None:
    with aws.playing("GetQueryResults", running):
        answer = await ask(client, "monitor_executions", function_name=QUIET)
    assert (answer["invocations"]["count"], answer["invocations"]["source"]) == (1, "metrics")
    assert (answer["cold_starts"], answer["memory"], answer["cost"]["source"]) == (None, None, "estimated")
    assert "a Logs Insights query found is incomplete" in "".join(answer["partial"])
    assert states_of_queries(aws) == ["Cancelled", "Cancelled"]


async def test_a_query_that_fails_at_aws_is_an_error_and_takes_nothing_from_metrics(
    client: Client, aws: WatchedAws
) -> None:
    def failed(_: Any, __: Any) -> dict[str, Any]:
        return {"status": "Failed", "results": [], "statistics": {}}

    with aws.playing("GetQueryResults", failed):
        answer = await ask(client, "query_logs", function_names=[QUIET], query=RAW, limit=7)
        looked = await ask(client, "monitor_executions", function_name=QUIET, time_range={"last": "20m"})
    assert (answer["outcome"], answer["error_type"]) == ("aws_error", "LogQueryFailed")
    assert (looked["invocations"]["count"], looked["cold_starts"]) == (1, None)
    assert "failed at AWS" in looked["partial"][0]


async def test_a_scan_that_is_too_large_never_starts_and_the_advice_leads_to_one_that_does(
    frugal: Client, aws: WatchedAws
) -> None:
    """AWS stores logs compressed: two megabytes stored over a day are more than one to scan for three hours."""
    asked = {"function_names": [LOUD], "query": "stats count(*) as n"}
    answer = await ask(frugal, "query_logs", **asked)
    assert (answer["is_error"], answer["outcome"], answer["error_type"]) == (True, "refused", "ScanTooLarge")
    told = re.search(
        rf"about (\S+) GB of log group /aws/lambda/{LOUD}, more than the 0.001 GB", answer["error_message"]
    )
    assert told is not None
    # An eighth of the day, and what the question is widened by to whole minutes.
    assert float(told[1]) == pytest.approx(LINES * LINE_BYTES / 0.15 / 8 / 10**9, rel=0.02)
    assert "LAMBDASCOPE_MAX_SCAN_GB" in answer["next_step"]
    looked = await ask(frugal, "monitor_executions", function_name=LOUD)
    assert (looked["is_error"], looked["cold_starts"]) == (False, None)
    assert "more than the 0.001 GB allowed" in looked["partial"][0]
    assert "StartQuery" not in aws.asked()
    advice = answer["next_step"].removeprefix("Ask for ").partition(" ")[0]
    narrowed = await ask(frugal, "query_logs", **asked, time_range={"last": advice})
    assert (narrowed["is_error"], narrowed["row_count"]) == (False, 1), narrowed["texts"]


async def test_a_scan_that_turns_out_larger_than_estimated_is_stopped(frugal: Client, aws: WatchedAws) -> None:
    with aws.playing("GetQueryResults", running):
        answer = await ask(frugal, "query_logs", function_names=[QUIET], query=RAW)
    assert (answer["is_error"], answer["is_complete"], answer["bill"]["scanned_bytes"]) == (False, False, SCANNED)
    assert "0.005 GB, more than the 0.001 GB allowed" in answer["notes"][0]
    assert "LAMBDASCOPE_MAX_SCAN_GB" in answer["notes"][0]
    assert aws.asked()["GetQueryResults"] == 1
    assert states_of_queries(aws) == ["Cancelled"]


@pytest.mark.parametrize(
    ("tool", "arguments", "queries"),
    [
        ("query_logs", {"function_names": [QUIET], "query": RAW}, 1),
        ("monitor_executions", {"function_name": QUIET}, 2),
    ],
)
async def test_a_client_that_waits_hears_of_it_and_one_that_leaves_stops_the_queries(
    patient: Client, aws: WatchedAws, stage: Stage, tool: str, arguments: dict[str, Any], queries: int
) -> None:
    heard: list[str] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.append(message or "")

    async def call() -> None:
        await patient.call_tool(tool, arguments, progress_callback=hear)

    with aws.playing("GetQueryResults", running):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(call)
            await eventually(lambda: any("5,000,000 bytes scanned" in words for words in heard))
            await eventually(lambda: aws.asked()["GetQueryResults"] >= queries)
            assert "StopQuery" not in aws.asked()
            tasks.cancel_scope.cancel()
        await eventually(lambda: aws.asked()["StopQuery"] == queries)
    assert states_of_queries(aws) == ["Cancelled"] * queries
    (row,) = await eventually(lambda: stage.rows(f"tool_name = '{tool}' AND outcome = 'cancelled'"))
    assert row["target"] == "cloudwatch"
    # Of the second query the last figures may not have come.
    assert row["cost_usd"] >= Decimal("0.000025"), "AWS charges for what was scanned until then"
    again = await ask(patient, tool, **arguments)
    assert not again["is_error"], "a question that was given up is not kept"

"""CloudWatch refusing, failing, throttling, half answering or never ending: the rest is told, and what is missing."""

import asyncio
import itertools
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from stage.answers import ask, invoke
from stage.proxies import Stage
from stage.watched import THROTTLED, WatchedAws, stage_at

from lambdascope_proxy.cloudwatch import sending
from lambdascope_proxy.local import LocalFunction
from lambdascope_proxy.local.demo import demo_functions
from lambdascope_proxy.local.logs import LogEvent
from lambdascope_proxy.server import McpFront
from lambdascope_proxy.settings import load_settings
from lambdascope_proxy.wiring import build_proxy

pytestmark = pytest.mark.anyio

CHARGE_CARD = next(function.code for function in demo_functions() if function.name == "demo-charge-card")
PAY, LONG, UNREAD = "look-pay", "look-long", "look-unread"
CALLS, FAILED = 4, 1
Ask = Callable[[Client], Awaitable[dict[str, Any]]]
LINES = 12_000
NEVER = "0196f3a2-7c00-4000-8000-000000000001"
RAW = "fields @message | sort @message asc"


@pytest.fixture(scope="module")
def aws() -> Generator[WatchedAws]:
    """A function that runs, one whose log holds more than a page of rows, one whose group nobody described yet."""
    with WatchedAws([LocalFunction(name=name, code=CHARGE_CARD) for name in (PAY, LONG, UNREAD)]) as made:
        yield made


@pytest.fixture(scope="module")
def stage(house: Stage, aws: WatchedAws, tmp_path_factory: pytest.TempPathFactory) -> Generator[Stage]:
    made = stage_at(house, aws, tmp_path_factory.mktemp("faults"), LAMBDASCOPE_MAX_RESULT_BYTES="8000000")
    yield made
    made.close()


@pytest.fixture(scope="module")
async def calm_client(stage: Stage) -> AsyncGenerator[Client]:
    """One connection over which everything below goes wrong, after four calls of which one failed."""
    async with stage.serve_http().client() as connected:
        for order in (1001, 1002, 1005, 1003):
            await invoke(connected, PAY, {"order_id": order})
        yield connected


@pytest.fixture
def client(calm_client: Client, aws: WatchedAws) -> Generator[Client]:
    aws.forget()
    yield calm_client
    assert aws.faults.left() == 0, "a fault that nobody met proves nothing"


@pytest.fixture(scope="module")
def ranges() -> Callable[[], dict[str, str]]:
    """Time ranges that were not asked about before: an answer that is kept would hide the fault."""
    minutes = itertools.count(5)
    return lambda: {"last": f"{next(minutes)}m"}


@pytest.fixture
def monitored(ranges: Callable[[], dict[str, str]]) -> Ask:
    """Asks monitor_executions about the function that ran."""

    def monitor(client: Client) -> Awaitable[dict[str, Any]]:
        return ask(client, "monitor_executions", function_name=PAY, time_range=ranges())

    return monitor


@pytest.fixture
def queried(ranges: Callable[[], dict[str, str]]) -> Ask:
    """Asks query_logs about it."""

    def query(client: Client) -> Awaitable[dict[str, Any]]:
        return ask(client, "query_logs", function_names=[PAY], query=RAW, time_range=ranges())

    return query


def has_metrics(answer: dict[str, Any]) -> bool:
    """Whether what metrics tell is all there."""
    counts = (answer["invocations"]["count"], answer["errors"]["count"], answer["throttles"])
    return counts == (CALLS, FAILED, 0) and answer["duration"]["max_ms"] > 0


def has_log_figures(answer: dict[str, Any]) -> bool:
    """Whether what logs tell is all there."""
    return answer["cold_starts"]["count"] == 1 and answer["cost"]["source"] == "logs"


@pytest.mark.parametrize("operation", ["StartQuery", "GetQueryResults"])
async def test_without_a_permission_for_logs_metrics_still_answer_and_the_action_is_named(
    client: Client, aws: WatchedAws, monitored: Ask, queried: Ask, operation: str
) -> None:
    aws.faults.deny_next("logs", operation, 2)
    answer = await monitored(client)
    assert has_metrics(answer)
    assert (answer["cold_starts"], answer["memory"], answer["top_errors"]) == (None, None, None)
    assert answer["cost"]["source"] == "estimated"
    assert f"logs:{operation} is not allowed" in answer["partial"][0]
    assert f"Allow logs:{operation}" in answer["partial"][0]
    assert answer["partial"][0] in "".join(answer["texts"])
    aws.faults.deny_next("logs", operation)
    refused = await queried(client)
    assert (refused["is_error"], refused["outcome"]) == (True, "access_denied")
    assert f"logs:{operation}" in refused["next_step"]


async def test_a_query_whose_results_may_not_be_read_is_stopped(client: Client, aws: WatchedAws, queried: Ask) -> None:
    """It would go on scanning, and its bytes are charged."""
    aws.faults.deny_next("logs", "GetQueryResults")
    await queried(client)
    assert aws.asked()["StopQuery"] == 1


async def test_without_the_permission_for_metrics_logs_still_answer_and_the_action_is_named(
    client: Client, aws: WatchedAws, monitored: Ask
) -> None:
    aws.faults.deny_next("cloudwatch", "GetMetricData")
    answer = await monitored(client)
    assert has_log_figures(answer)
    assert answer["invocations"]["count"] == CALLS
    assert answer["invocations"]["source"] == "logs"
    assert (answer["errors"]["count"], answer["duration"]["max_ms"], "series" in answer) == (None, None, False)
    assert "cloudwatch:GetMetricData is not allowed" in answer["partial"][0]
    aws.faults.deny_next("cloudwatch", "GetMetricData")
    fleet = await ask(client, "monitor_fleet", time_range={"last": "25m"})
    assert (fleet["outcome"], "cloudwatch:GetMetricData" in fleet["next_step"]) == ("access_denied", True)


async def test_a_group_that_may_not_be_described_is_not_asked_about(client: Client, aws: WatchedAws) -> None:
    aws.faults.deny_next("logs", "DescribeLogGroups", 3)
    answer = await ask(client, "monitor_executions", function_name=UNREAD)
    assert "logs:DescribeLogGroups is not allowed" in answer["partial"][0]
    refused = await ask(client, "query_logs", function_names=[UNREAD], query=RAW)
    while aws.faults.left():  # both queries of the first question may have shared one look at the group
        refused = await ask(client, "query_logs", function_names=[UNREAD], query=RAW)
    assert "logs:DescribeLogGroups" in refused["next_step"]
    assert "StartQuery" not in aws.asked()


async def test_without_any_permission_there_is_an_error_and_no_answer_that_looks_like_no_traffic(
    client: Client, aws: WatchedAws, stage: Stage, monitored: Ask
) -> None:
    aws.faults.deny_next("logs", "StartQuery", 2)
    aws.faults.deny_next("cloudwatch", "GetMetricData")
    answer = await monitored(client)
    assert (answer["is_error"], answer["outcome"]) == (True, "access_denied")
    assert "cloudwatch:GetMetricData" in answer["next_step"]
    assert (await stage.row(answer["call_id"]))["outcome"] == "access_denied"


async def test_without_the_permission_to_read_events_an_execution_is_told_from_the_history(
    client: Client, aws: WatchedAws, stage: Stage
) -> None:
    (row,) = stage.rows("outcome = 'function_error'")
    aws.faults.deny_next("logs", "FilterLogEvents")
    answer = await ask(client, "inspect_execution", call_id=str(row["call_id"]))
    assert (answer["execution"]["outcome"], answer["log_lines"]) == ("function_error", [])
    assert "logs:FilterLogEvents is not allowed" in "".join(answer["notes"])
    aws.faults.deny_next("logs", "FilterLogEvents")
    answer = await ask(client, "inspect_execution", request_id=NEVER, function_name=PAY)
    assert (answer["outcome"], "logs:FilterLogEvents" in answer["next_step"]) == ("access_denied", True)


async def test_what_is_throttled_for_a_while_or_fails_once_is_asked_again_and_answered_whole(
    client: Client, aws: WatchedAws, monitored: Ask
) -> None:
    """More throttles than botocore alone gets over, a limit it does not know for one, and a server's error."""
    aws.faults.throttle_next("cloudwatch", "GetMetricData", 4)
    aws.faults.fail_next("logs", "StartQuery", "LimitExceededException", "Account maximum reached", count=2)
    aws.faults.fail_next("logs", "GetQueryResults", "ServiceUnavailableException", "try again", status=503)
    answer = await monitored(client)
    assert (has_metrics(answer), has_log_figures(answer), answer["partial"]) == (True, True, [])
    assert aws.asked()["GetMetricData"] == 5
    # What AWS refused, it does not charge.
    assert (answer["bill"]["get_metric_data_calls"], answer["bill"]["insights_queries"]) == (1, 2)


async def test_what_is_throttled_for_ever_ends_in_a_clear_error(
    client: Client, aws: WatchedAws, stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In this process, with a fifth of a second of patience: the usual 20 seconds would be the time of the test."""
    monkeypatch.setattr(sending, "BUDGET_S", 0.2)
    settings = {**stage.environment, "LAMBDASCOPE_HISTORY_DIR": str(tmp_path)}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    proxy = build_proxy(load_settings(settings), settings)
    front = McpFront(proxy.toolbox, proxy.pipeline, proxy.telemetry.tracer, "stdio", proxy.resources, scrub=proxy.scrub)
    async with Client(front.server, cache=None) as impatient:
        with aws.refusing("GetMetricData", THROTTLED), aws.refusing("FilterLogEvents", THROTTLED):
            answer, fleet, inspected = await asyncio.gather(
                ask(impatient, "monitor_executions", function_name=PAY),
                ask(impatient, "monitor_fleet"),
                ask(impatient, "inspect_execution", request_id=NEVER, function_name=PAY),
            )
        assert "AWS throttled cloudwatch:GetMetricData" in answer["partial"][0]
        assert has_log_figures(answer)
        for answer, action in ((fleet, "cloudwatch:GetMetricData"), (inspected, "logs:FilterLogEvents")):
            assert (answer["outcome"], answer["error_type"]) == ("throttled", "ThrottlingException")
            assert action in answer["next_step"]
            assert "ask again in a minute" in answer["next_step"]
        assert has_metrics(await ask(impatient, "monitor_executions", function_name=PAY)), "a failure is not kept"
    await proxy.aclose()
    proxy.close()


async def test_partial_metrics_are_told_as_partial_and_nothing_missing_as_zero(
    client: Client, aws: WatchedAws, monitored: Ask
) -> None:
    def halved(true: Any, _: Any) -> Any:
        answer = true()
        statuses = itertools.cycle(["PartialData", "InternalError", "Forbidden"])
        for result, status in zip(answer["MetricDataResults"], statuses, strict=False):
            result |= {"StatusCode": status, "Timestamps": [], "Values": []}
        return answer

    with aws.playing("GetMetricData", halved):
        answer = await monitored(client)
        fleet = await ask(client, "monitor_fleet", time_range={"last": "26m"})
    said = "".join(answer["partial"])
    assert "only part of the data came" in said
    assert "CloudWatch failed, ask again" in said
    assert "cloudwatch:GetMetricData" in said
    assert (answer["errors"]["count"], answer["throttles"], answer["duration"]["max_ms"]) == (None, None, None)
    assert answer["invocations"] == {"count": CALLS, "source": "logs", "through_this_proxy": CALLS, "share": 1}
    assert has_log_figures(answer)
    assert (fleet["totals"]["invocations"], bool(fleet["partial"])) == (None, True)


async def test_more_than_one_page_of_rows_is_read_to_the_end(client: Client, aws: WatchedAws) -> None:
    """GetQueryResults gives 10,000 rows at a time; one who read no further would take those for all."""
    began_ms = round(time.time() * 1000) - LINES
    for number in range(LINES):
        aws.journal.add_event(
            LogEvent(
                timestamp_ms=began_ms + number, group=f"/aws/lambda/{LONG}", stream="s", message=f"line {number:05}\n"
            )
        )
    answer = await ask(client, "query_logs", function_names=[LONG], query=RAW, limit=LINES)
    assert [row[0].strip() for row in answer["rows"]] == [f"line {number:05}" for number in range(LINES)]
    assert (answer["truncated"], answer["records_matched"]) == (False, LINES)
    assert [body for body in aws.bodies("GetQueryResults") if body.get("nextToken")]
    fewer = await ask(client, "query_logs", function_names=[LONG], query=RAW, limit=LINES - 1)
    assert (fewer["row_count"], fewer["truncated"]) == (LINES - 1, True)

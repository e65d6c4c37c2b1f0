"""The monitoring tools against an AWS emulator that nobody here wrote, so that our local AWS is not its only judge.

MiniStack counts invocations, errors and throttles, takes percentiles of durations, and keeps log groups, streams and
events. What it cannot show, and what is therefore judged elsewhere:

- Figures out of Logs Insights. It knows `fields`, `filter .. like`, `sort` and `limit` and answers anything else, be it
  nonsense, with status Complete and raw events. Our tools must not take those for figures; AWS refuses what it does
  not know. For the same reason a malformed query of a user's own is answered here with raw events.
- Which execution a call was: the request id that a handler sees and logs is not that of the response.
- How an execution failed: its traceback is not in the form of Lambda's runtimes, its REPORT has no status.
- Concurrency, qualifiers and asynchronous calls in metrics, retention, log classes, throttles, missing permissions.
"""

import json
import re
from collections.abc import AsyncGenerator, Generator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from mcp import Client
from stage.answers import ask, invoke
from stage.ministack import REGION, MiniStack
from stage.proxies import Stage
from stage.waiting import eventually

from lambdascope_proxy.cloudwatch.presets import PRESETS

pytestmark = pytest.mark.anyio

NAME, OTHER, IDLE = "mini-busy", "mini-calm", "mini-idle"
GROUP = f"/aws/lambda/{NAME}"
THROUGH, PAST, FAILED = 4, 2, 2
PERCENTILES = {"p50_ms": "p50", "p90_ms": "p90", "p95_ms": "p95", "p99_ms": "p99", "max_ms": "Maximum"}
REPORTS = "fields @timestamp, @message | filter @message like /REPORT/ | sort @timestamp desc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What ran: through the proxy, whose last call failed, and past it; and clients that ask MiniStack itself."""

    client: Client
    failed: dict[str, Any]
    cloudwatch: Any
    logs: Any

    def events(self) -> list[dict[str, Any]]:
        """Every event of the function's log, as MiniStack hands them out without a query."""
        return self.logs.filter_log_events(logGroupName=GROUP)["events"]

    def durations(self, statistics: Sequence[str]) -> list[float]:
        """Statistics of the function's Duration, as MiniStack tells one who asks for nothing else."""
        now = datetime.now(UTC)
        metric = {
            "Namespace": "AWS/Lambda",
            "MetricName": "Duration",
            "Dimensions": [{"Name": "FunctionName", "Value": NAME}],
        }
        asked = [
            {"Id": f"m{at}", "MetricStat": {"Metric": metric, "Period": 86_400, "Stat": statistic}}
            for at, statistic in enumerate(statistics)
        ]
        answer = self.cloudwatch.get_metric_data(
            MetricDataQueries=asked, StartTime=now - timedelta(hours=20), EndTime=now + timedelta(hours=1)
        )
        return [round(result["Values"][0], 2) for result in answer["MetricDataResults"]]


@pytest.fixture(scope="module")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Generator[MiniStack]:
    made = MiniStack(tmp_path_factory.mktemp("ministack-monitored"))
    try:
        for name in (NAME, OTHER, IDLE):
            made.create(name)
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def mini_stage(ministack: MiniStack, house: Stage, tmp_path_factory: pytest.TempPathFactory) -> Generator[Stage]:
    """Proxies that see MiniStack only, with a history of their own."""
    history = tmp_path_factory.mktemp("ministack-history")
    alone = {name: None for name in house.environment if name.startswith("AWS_ENDPOINT_URL")}
    unset = {"FUNCTION_LIST": None, "FUNCTION_INPUT_SCHEMA_ARN_TAG_KEY": None}
    environment = house.having(**alone).having(**ministack.environment(), **unset).environment
    made = Stage(
        environment={**environment, "FUNCTION_PREFIX": "mini-", "LAMBDASCOPE_HISTORY_DIR": str(history)},
        history_directory=history,
    )
    yield made
    made.close()


@pytest.fixture(scope="module")
async def past(ministack: MiniStack, mini_stage: Stage) -> AsyncGenerator[Past]:
    session: Any = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)
    async with mini_stage.serve_http().client() as client:
        await invoke(client, OTHER, {})
        for number in range(THROUGH - 1):
            assert (await invoke(client, NAME, {"n": number}))["outcome"] == "ok"
        failed = await invoke(client, NAME, {"fail": True})
        await mini_stage.row(failed["call_id"])
        for payload in ({"fail": True}, {}):
            ministack.lambda_client.invoke(FunctionName=NAME, Payload=json.dumps(payload))
        yield Past(
            client=client,
            failed=failed,
            cloudwatch=session.client("cloudwatch", endpoint_url=ministack.url),
            logs=session.client("logs", endpoint_url=ministack.url),
        )


async def test_counts_and_percentiles_are_those_that_ministack_counted(past: Past) -> None:
    answer = await ask(past.client, "monitor_executions", function_name=NAME)
    assert not answer["is_error"], answer["texts"]
    assert answer["invocations"] == {
        "count": THROUGH + PAST,
        "source": "metrics",
        "through_this_proxy": THROUGH,
        "share": round(THROUGH / (THROUGH + PAST), 4),
    }
    assert answer["errors"] == {"count": FAILED, "rate": round(FAILED / (THROUGH + PAST), 4)}
    assert answer["throttles"] == 0
    assert [answer["duration"][key] for key in PERCENTILES] == past.durations([*PERCENTILES.values()])
    assert sum(answer["series"]["invocations"]) == THROUGH + PAST
    assert answer["bill"]["get_metric_data_calls"] == 1


async def test_raw_events_are_not_taken_for_figures_and_the_cost_is_said_to_be_estimated(past: Past) -> None:
    """Read as figures they were: no cold start, no timeout, and `cost $0 (as billed, from logs)`."""
    answer = await ask(past.client, "monitor_executions", function_name=NAME, time_range={"last": "20m"})
    assert [answer[kind] for kind in ("cold_starts", "timeouts", "memory")] == [None] * 3
    assert "No log figures: Logs Insights did not answer the query" in answer["partial"][0]
    assert answer["cost"]["source"] == "estimated"
    assert float(answer["cost"]["usd"]) > 0


async def test_a_function_that_never_ran_has_no_traffic_and_no_log_group_yet(past: Past) -> None:
    answer = await ask(past.client, "monitor_executions", function_name=IDLE)
    assert (answer["is_error"], answer["invocations"]["count"], answer["errors"]["count"]) == (False, 0, 0)
    assert f"Log group /aws/lambda/{IDLE} does not exist" in answer["partial"][0]
    logs = await ask(past.client, "query_logs", function_names=[IDLE], query=REPORTS)
    assert (logs["outcome"], logs["error_type"]) == ("not_found", "LogGroupNotFound")


async def test_the_fleet_is_told_in_one_request_worst_first(past: Past) -> None:
    answer = await ask(past.client, "monitor_fleet")
    shown = [(entry["name"], entry["invocations"], entry["errors"]) for entry in answer["functions"]]
    assert shown == [(NAME, THROUGH + PAST, FAILED), (OTHER, 1, 0)]
    assert (answer["totals"]["idle"], answer["totals"]["invocations"]) == (1, THROUGH + PAST + 1)
    assert answer["functions"][0]["duration_p95_ms"] == past.durations(["p95"])[0]
    assert (answer["bill"]["get_metric_data_calls"], answer["bill"]["metrics_requested"]) == (1, 15)


async def test_a_query_that_ministack_knows_gives_the_very_events(past: Past) -> None:
    answer = await ask(past.client, "query_logs", function_names=[NAME], query=REPORTS)
    events = past.events()
    reports = [event for event in events if "REPORT" in event["message"]]
    assert len(reports) == THROUGH + PAST
    expected = sorted(([_as_insights(event["timestamp"]), event["message"]] for event in reports), key=str)
    assert answer["columns"] == ["@timestamp", "@message"]
    assert sorted(answer["rows"], key=str) == expected
    assert [row[0] for row in answer["rows"]] == sorted((time for time, _ in expected), reverse=True)
    assert (answer["records_matched"], answer["records_scanned"]) == (len(reports), len(events))
    assert answer["bill"]["scanned_bytes"] == sum(len(event["message"]) for event in events)
    assert float(answer["bill"]["cost_usd"]) > 0


def _as_insights(timestamp_ms: int) -> str:
    moment = datetime.fromtimestamp(timestamp_ms / 1000, UTC)
    return moment.isoformat(sep=" ", timespec="milliseconds").removesuffix("+00:00")


async def test_fewer_rows_than_there_are_come_with_a_word_that_there_are_more(past: Past) -> None:
    answer = await ask(past.client, "query_logs", function_names=[NAME], query=REPORTS, limit=2)
    assert (answer["row_count"], answer["truncated"]) == (2, True)
    assert "first 2 rows" in answer["notes"][0]


@pytest.mark.parametrize("preset", list(PRESETS))
async def test_a_preset_answered_with_raw_events_is_an_error_and_no_table_of_nothing(past: Past, preset: str) -> None:
    answer = await ask(past.client, "query_logs", function_names=[NAME], preset=preset)
    assert (answer["outcome"], answer["error_type"]) == ("aws_error", "UnreadableRows")
    assert preset in answer["error_message"]
    assert "AWS_ENDPOINT_URL" in answer["next_step"]


async def test_an_execution_is_found_by_the_id_that_its_log_names(past: Past) -> None:
    """FilterLogEvents by pattern and by stream, on events that somebody else's Lambda wrote."""
    messages = [event["message"] for event in past.events()]
    (request_id, *_) = [found[1] for message in messages if (found := re.match(r"START RequestId: (\S+)", message))]
    start = messages.index(f"START RequestId: {request_id} Version: $LATEST")
    report = next(
        at for at in range(start, len(messages)) if messages[at].startswith(f"REPORT RequestId: {request_id}")
    )
    billed = re.search(r"Billed Duration: (\d+) ms", messages[report])
    answer = await ask(past.client, "inspect_execution", request_id=request_id, function_name=NAME)
    assert answer["source"] == "logs", answer["texts"]
    shown = [line.split(" ", 1)[1] for line in answer["log_lines"]]
    assert shown == [message.rstrip() for message in messages[start : report + 1]]
    execution = answer["execution"]
    assert billed is not None
    assert (execution["billed_ms"], execution["memory_mb"]) == (int(billed[1]), 256)
    assert execution["executed_version"] == "$LATEST"


async def test_a_call_whose_log_names_another_id_is_told_from_the_history_and_the_lack_is_said(past: Past) -> None:
    answer = await ask(past.client, "inspect_execution", call_id=past.failed["call_id"])
    assert (answer["source"], answer["execution"]["outcome"]) == ("history", "function_error")
    assert (answer["log_lines"], answer["attempts"]) == ([], [])
    assert "No log lines" in answer["notes"][0]


async def test_what_looking_cost_is_in_the_history(past: Past, mini_stage: Stage) -> None:
    answer = await ask(past.client, "monitor_executions", function_name=OTHER)
    where = f"tool_name = 'monitor_executions' AND function_name = '{OTHER}'"
    (row,) = await eventually(lambda: mini_stage.rows(where))
    assert (row["target"], row["outcome"]) == ("cloudwatch", "ok")
    assert f"{row['cost_usd']:f}" == answer["bill"]["cost_usd"]

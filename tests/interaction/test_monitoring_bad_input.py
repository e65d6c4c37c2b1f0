"""Bad questions to the monitoring tools: an error with cause and next step, recorded, and AWS is not asked."""

from collections.abc import AsyncGenerator, Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from stage.answers import ask, invoke, told
from stage.proxies import Stage
from stage.watched import WatchedAws, stage_at

from lambdascope_proxy.local import LocalFunction

pytestmark = pytest.mark.anyio

ECHO = Path(__file__).parent / "functions" / "echo"
BUSY, IDLE, RARE, AGED = "look-busy", "look-idle", "look-rare", "look-aged"
CHARGED = {"GetMetricData", "StartQuery"}
NEVER = "0196f3a2-7c00-4000-8000-000000000001"
DAY_MS = 86_400_000


@pytest.fixture(scope="module")
def aws() -> Generator[WatchedAws]:
    """Functions that ran, one that never did, one whose log has another class, one nobody may see."""
    functions = [LocalFunction(name=name, code=ECHO) for name in (BUSY, IDLE, RARE, AGED, "payroll")]
    with WatchedAws(functions) as made:
        made.set_log_group_class(f"/aws/lambda/{RARE}", "INFREQUENT_ACCESS")
        yield made


@pytest.fixture(scope="module")
def stage(house: Stage, aws: WatchedAws, tmp_path_factory: pytest.TempPathFactory) -> Generator[Stage]:
    made = stage_at(house, aws, tmp_path_factory.mktemp("bad-questions"))
    yield made
    made.close()


@pytest.fixture(scope="module")
async def calm_client(stage: Stage) -> AsyncGenerator[Client]:
    """One connection on which everything below goes wrong."""
    async with stage.serve_http().client() as connected:
        for name in (BUSY, RARE, AGED):
            assert (await invoke(connected, name, {}))["outcome"] == "ok"
        yield connected


@pytest.fixture
async def client(calm_client: Client, aws: WatchedAws) -> AsyncGenerator[Client]:
    """After each test a good question must still be answered."""
    aws.forget()
    yield calm_client
    answer = await ask(calm_client, "monitor_executions", function_name=BUSY)
    assert answer["invocations"]["count"] == 1


async def refused(client: Client, stage: Stage, tool: str, arguments: dict[str, Any], outcome: str) -> dict[str, Any]:
    """A question that must be a tool error; its row must say the same, and that it cost nothing."""
    answer = told(await client.call_tool(tool, arguments))
    assert (answer["is_error"], answer["outcome"]) == (True, outcome), answer["texts"]
    assert answer["texts"][0].startswith(f"{outcome}: {answer['error_type']}: ")
    assert answer["next_step"], "every failure says what to do next"
    row = await stage.row(answer["call_id"])
    assert (row["outcome"], row["error_type"], row["target"]) == (outcome, answer["error_type"], "cloudwatch")
    assert (row["cost_usd"], row["cost_source"]) == (None, "none")
    return answer


RANGES = [
    ({"start": "2999-01-01T00:00:00Z"}, "in the future"),
    ({"start": "2020-01-02", "end": "2020-01-01"}, "not before its end"),
    ({"start": "2020-01-02", "end": "2020-01-02"}, "not before its end"),
    ({"end": "2020-01-01"}, "an end and no start"),
    ({"last": "3h", "start": "2020-01-01"}, "one form"),
    ({"last": "3 fortnights"}, "3 fortnights"),
    ({"last": "0m"}, "above zero"),
    ({"last": "-1h"}, "above zero"),
    ({"last": "9e9w"}, "9e9w"),
    ({"start": "yesterday"}, "yesterday"),
    ({"since": "3h"}, "since"),
    ("3h", "time_range"),
]


@pytest.mark.parametrize(("time_range", "words"), RANGES, ids=[str(each) for each, _ in RANGES])
async def test_a_time_that_cannot_be_meant_is_refused_by_every_tool_that_takes_one(
    client: Client, stage: Stage, aws: WatchedAws, time_range: Any, words: str
) -> None:
    questions: dict[str, dict[str, Any]] = {
        "monitor_executions": {"function_name": BUSY},
        "monitor_fleet": {},
        "query_logs": {"function_names": [BUSY], "preset": "errors"},
        "inspect_execution": {"function_name": BUSY, "request_id": NEVER},
    }
    for tool, rest in questions.items():
        answer = await refused(client, stage, tool, {**rest, "time_range": time_range}, "invalid_arguments")
        assert words in answer["error_message"] + answer["next_step"], tool
    assert not CHARGED & set(aws.asked())


@pytest.mark.parametrize("tool", ["monitor_executions", "monitor_fleet"])
async def test_metrics_beyond_their_retention_are_refused_with_when_they_begin(
    client: Client, stage: Stage, aws: WatchedAws, tool: str
) -> None:
    named = {"function_name": BUSY} if tool == "monitor_executions" else {}
    arguments = {**named, "time_range": {"last": "456d"}}
    answer = await refused(client, stage, tool, arguments, "invalid_arguments")
    earliest = datetime.now(UTC) - timedelta(days=455)
    assert "data is kept for 455 days" in answer["error_message"]
    assert any(f"{day:%Y-%m-%dT}" in answer["next_step"] for day in (earliest, earliest - timedelta(minutes=5)))
    assert not CHARGED & set(aws.asked())


async def test_logs_beyond_their_retention_are_refused_and_those_partly_beyond_it_are_said_to_be(
    client: Client, stage: Stage, aws: WatchedAws
) -> None:
    """A group of a month that keeps a week: of events before that nothing is left, though the group was there."""

    def older(true: Any, _: Any) -> Any:
        answer = true()
        for group in answer["logGroups"]:
            group |= {"creationTime": group["creationTime"] - 30 * DAY_MS, "retentionInDays": 7}
        return answer

    now = datetime.now(UTC)
    gone = {"start": (now - timedelta(days=20)).isoformat(), "end": (now - timedelta(days=9)).isoformat()}
    question = {"function_names": [AGED], "query": "fields @message"}
    with aws.playing("DescribeLogGroups", older):
        answer = await refused(client, stage, "query_logs", {**question, "time_range": gone}, "invalid_arguments")
        assert answer["error_type"] == "BeyondRetention"
        assert f"{now - timedelta(days=7):%Y-%m-%d}" in answer["error_message"]
        assert "StartQuery" not in aws.asked()
        partly = await ask(client, "query_logs", **question, time_range={"last": "9d"})
        monitored = await ask(client, "monitor_executions", function_name=AGED, time_range={"last": "9d"})
    assert (partly["is_error"], partly["row_count"] > 0) == (False, True)
    assert "beginning of time_range is missing" in "".join(partly["notes"])
    assert "keeps logs for 7 days" in "".join(monitored["partial"])


@pytest.mark.parametrize(
    ("name", "outcome", "words"),
    [
        ("look-no-such", "not_found", "look-no-such"),
        ("payroll", "refused", "FUNCTION_PREFIX=look-"),
        ("arn:aws:lambda:us-east-1:123456789012:function:payroll", "refused", "FUNCTION_PREFIX=look-"),
        ("LOOK-BUSY", "refused", "FUNCTION_PREFIX=look-"),
        ("look-busy\n", "not_found", "FUNCTION_PREFIX=look-"),
        ("999999999999:us-east-1:look-busy", "invalid_arguments", "123456789012"),
    ],
    ids=ascii,
)
async def test_a_function_that_does_not_exist_or_may_not_be_seen_is_not_looked_at(
    client: Client, stage: Stage, aws: WatchedAws, name: str, outcome: str, words: str
) -> None:
    """Metrics and logs of a function tell about it: the allow-list holds for looking, too."""
    for tool, arguments in (
        ("monitor_executions", {"function_name": name}),
        ("query_logs", {"function_names": [BUSY, name], "query": "fields @message"}),
        ("inspect_execution", {"function_name": name, "request_id": NEVER}),
    ):
        answer = await refused(client, stage, tool, arguments, outcome)
        assert words in answer["error_message"] + answer["next_step"], tool
    assert not {*CHARGED, "FilterLogEvents", "DescribeLogGroups"} & set(aws.asked())


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("monitor_executions", {}, ["function_name"]),
        ("monitor_executions", {"function_name": ""}, ["function_name"]),
        ("monitor_executions", {"function_name": BUSY, "metric_types": ["latency"]}, ["latency", "duration"]),
        ("monitor_executions", {"function_name": BUSY, "metric_types": []}, ["metric_types"]),
        ("monitor_executions", {"function_name": BUSY, "metrics": ["errors"]}, ["'metrics'", "metric_types"]),
        ("monitor_executions", {"function_name": BUSY, "include_errors": "yes"}, ["include_errors"]),
        ("monitor_executions", {"function_name": BUSY, "region": "mars"}, ["region"]),
        ("monitor_fleet", {"sort_by": "beauty"}, ["beauty", "error_rate"]),
        ("monitor_fleet", {"limit": 0}, ["limit"]),
        ("monitor_fleet", {"function_name": BUSY}, ["'function_name'"]),
        ("query_logs", {"preset": "errors"}, ["function_names"]),
        ("query_logs", {"function_names": [], "preset": "errors"}, ["function_names"]),
        ("query_logs", {"function_names": [BUSY], "preset": "everything"}, ["everything", "slowest"]),
        ("query_logs", {"function_names": [BUSY]}, ["query", "preset"]),
        ("query_logs", {"function_names": [BUSY], "preset": "errors", "query": "fields a"}, ["both"]),
        ("query_logs", {"function_names": [BUSY], "query": "  "}, ["empty"]),
        ("query_logs", {"function_names": [BUSY], "query": "x" * 10_001}, ["10000"]),
        ("query_logs", {"function_names": [BUSY], "query": "fields a", "limit": 100_001}, ["limit"]),
        ("inspect_execution", {}, ["request_id", "call_id"]),
        ("inspect_execution", {"request_id": NEVER, "call_id": NEVER}, ["one of"]),
        ("inspect_execution", {"request_id": "the last one"}, ["the last one"]),
        ("inspect_execution", {"request_id": NEVER}, ["function_name"]),
    ],
    ids=str,
)
async def test_what_cannot_be_asked_is_refused_by_name_and_aws_is_not_asked(
    client: Client, stage: Stage, aws: WatchedAws, tool: str, arguments: dict[str, Any], words: list[str]
) -> None:
    answer = await refused(client, stage, tool, arguments, "invalid_arguments")
    assert all(word in answer["error_message"] + answer["next_step"] for word in words), answer["texts"]
    assert not {*CHARGED, "FilterLogEvents"} & set(aws.asked())


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("SOURCE logGroups() | fields @message", "SOURCE"),
        ("fields id | join type=inner left=l right=r where l.id=r.id (SOURCE '/aws/lambda/hidden')", "join"),
        ("fields @timestamp | filtre @message like /a/", "filtre"),
    ],
)
async def test_a_query_that_reads_other_logs_than_it_is_asked_about_never_gets_to_aws(
    client: Client, stage: Stage, aws: WatchedAws, query: str, meant: str
) -> None:
    answer = await refused(client, stage, "query_logs", {"function_names": [BUSY], "query": query}, "refused")
    assert answer["error_type"] == "CommandRefused"
    assert f"this one has {meant}." in answer["error_message"]
    assert not {*CHARGED, "FilterLogEvents"} & set(aws.asked())
    row = await stage.row(answer["call_id"])
    assert row["error_message"] == "The query has a command that is not allowed."


async def test_a_qualifier_that_does_not_exist_is_named(client: Client, stage: Stage, aws: WatchedAws) -> None:
    arguments = {"function_name": BUSY, "qualifier": "next"}
    answer = await refused(client, stage, "monitor_executions", arguments, "not_found")
    assert "next" in answer["error_message"]
    assert not CHARGED & set(aws.asked())


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("fields @timestamp | filter @message like /(/", "("),
        ("stats count(*) as n by nosuchfunction(@timestamp)", "nosuchfunction"),
        ("fields @timestamp | limit many", "many"),
    ],
)
async def test_a_malformed_query_is_answered_in_the_words_of_aws_with_the_place(
    client: Client, stage: Stage, query: str, meant: str
) -> None:
    answer = await refused(client, stage, "query_logs", {"function_names": [BUSY], "query": query}, "invalid_arguments")
    assert answer["error_type"] == "MalformedQueryException"
    at = query.index(meant)
    # Where AWS points may be the word itself or the command it stands in.
    place = answer["error_message"].partition(" It means characters ")[2]
    start, _, rest = place.partition(" to ")
    end = rest.partition(":")[0]
    assert int(start) <= at < max(int(end), int(start) + 1), answer["error_message"]
    row = await stage.row(answer["call_id"])
    assert query not in row["error_message"], "a query may hold what somebody searched for"


async def test_a_function_without_a_log_group_yet_is_told_from_its_metrics_alone(client: Client, stage: Stage) -> None:
    arguments = {"function_names": [IDLE], "preset": "errors"}
    answer = await refused(client, stage, "query_logs", arguments, "not_found")
    assert answer["error_type"] == "LogGroupNotFound"
    assert "never have run" in answer["next_step"]
    assert "logs:CreateLogGroup" in answer["next_step"]
    looked = await ask(client, "monitor_executions", function_name=IDLE)
    assert (looked["is_error"], looked["invocations"]["count"], looked["cold_starts"]) == (False, 0, None)
    assert f"Log group /aws/lambda/{IDLE} does not exist" in looked["partial"][0]
    unknown = {"function_name": IDLE, "request_id": NEVER}
    assert (
        "does not exist" in (await refused(client, stage, "inspect_execution", unknown, "not_found"))["error_message"]
    )


async def test_a_log_class_that_insights_does_not_serve_is_refused_with_the_reason_and_metrics_still_come(
    client: Client, stage: Stage, aws: WatchedAws
) -> None:
    arguments = {"function_names": [RARE], "preset": "slowest"}
    answer = await refused(client, stage, "query_logs", arguments, "refused")
    assert answer["error_type"] == "LogClassWithoutInsights"
    assert "INFREQUENT_ACCESS" in answer["error_message"]
    looked = await ask(client, "monitor_executions", function_name=RARE)
    assert (looked["invocations"]["count"], looked["cold_starts"]) == (1, None)
    assert (looked["cost"]["source"], float(looked["cost"]["usd"]) > 0) == ("estimated", True)
    assert "INFREQUENT_ACCESS" in looked["partial"][0]
    assert "StartQuery" not in aws.asked()


async def test_an_execution_that_is_not_there_is_not_found_with_where_it_was_looked_for(
    client: Client, stage: Stage
) -> None:
    nowhere = {"request_id": NEVER, "function_name": BUSY}
    answer = await refused(client, stage, "inspect_execution", nowhere, "not_found")
    assert (answer["error_type"], BUSY in answer["error_message"]) == ("RequestNotFound", True)
    assert "time_range" in answer["next_step"]
    answer = await refused(client, stage, "inspect_execution", {"call_id": NEVER}, "not_found")
    assert answer["error_type"] == "CallNotFound"

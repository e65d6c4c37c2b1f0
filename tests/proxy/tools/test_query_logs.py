"""The tool that asks Logs Insights, over the real classes and an AWS that answers by script."""

import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio.lowlevel
import anyio.to_thread
import boto3
import pytest
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.privacy.scrubber import Scrubber
from lambdascope_proxy.aws.places import Places
from lambdascope_proxy.call import Call, Outcome, OutcomeKind
from lambdascope_proxy.cloudwatch.asked import Asked
from lambdascope_proxy.cloudwatch.insights import Insights
from lambdascope_proxy.cloudwatch.log_groups import LogGroups
from lambdascope_proxy.cloudwatch.log_scope import scope_of
from lambdascope_proxy.cloudwatch.presets import PRESETS
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.selection import Function
from lambdascope_proxy.threads import Threads
from lambdascope_proxy.tools.query_logs import SPEC, QueryLogs

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 11, 22, 12, 0, 30, tzinfo=UTC)
GROUP = "/aws/lambda/orders"
STATISTICS = {"recordsMatched": 2.0, "recordsScanned": 10.0, "bytesScanned": 1_000_000.0}


class Stage:
    """The tool with its functions, and the script of its AWS."""

    def __init__(self, client: Any, functions: Sequence[Function]) -> None:
        self.stub = Stubber(client)
        self.client = client
        self.now = 0.0
        self.slept = 0
        self.stopped = threading.Event()
        self.when_polled_twice: Callable[[], None] = lambda: None
        self.functions = {function.name: function for function in functions}
        home: Any = self
        places, threads = Places(home, lambda place: home), Threads(1)
        catalogs: Any = self
        self.asked = Asked(lambda: self.now)
        self.tool = QueryLogs(
            catalogs,
            LogGroups(places, threads, ttl_s=300, clock=lambda: self.now, sleep=self.sleep),
            Insights(places, threads, timeout_s=0.7, clock=lambda: self.now, sleep=self.sleep),
            self.asked,
            Scrubber().text,
            max_scan_gb=1,
            max_result_bytes=4_096,
            now=lambda: NOON,
        )

    region = "us-east-1"

    def reader(self, service: str) -> Any:
        assert service == "logs"
        return self.client

    def count_stop(self, model: Any, **_: Any) -> None:
        if model.name == "StopQuery":
            self.stopped.set()

    async def find(self, name: str, region: str | None = None) -> Function:
        if name not in self.functions:
            raise CallFailed(OutcomeKind.NOT_FOUND, "FunctionNotFound", f"There is no function {name!r}.")
        return self.functions[name]

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept += 1
        if self.slept == 2:
            self.when_polled_twice()
        await anyio.lowlevel.checkpoint()

    def describes(self, name: str = GROUP, *, stored: int = 1_000, log_class: str = "STANDARD", **more: Any) -> None:
        created = int((NOON - timedelta(days=10)).timestamp() * 1000)
        found = {"logGroupName": name, "storedBytes": stored, "creationTime": created, "logGroupClass": log_class}
        self.stub.add_response("describe_log_groups", {"logGroups": [{**found, **more}]})

    def lacks_group(self) -> None:
        self.stub.add_response("describe_log_groups", {"logGroups": []})

    def starts(self, asked: Mapping[str, Any] | None = None) -> None:
        self.stub.add_response("start_query", {"queryId": "q-1"}, dict(asked) if asked else None)

    def gives(self, *rows: Mapping[str, str], status: str = "Complete") -> None:
        results = [[{"field": name, "value": value} for name, value in row.items()] for row in rows]
        self.stub.add_response("get_query_results", {"status": status, "results": results, "statistics": STATISTICS})


@pytest.fixture(scope="module")
def logs_client() -> Any:
    return boto3.client("logs", region_name="us-east-1", aws_access_key_id="tests", aws_secret_access_key="tests")


@pytest.fixture
def stage(logs_client: Any, function_of: Callable[..., Function]) -> Generator[Stage]:
    made = Stage(logs_client, [function_of("orders"), function_of("billing")])
    logs_client.meta.events.register("after-call", made.count_stop)
    with made.stub:
        yield made
    logs_client.meta.events.unregister("after-call", made.count_stop)


@pytest.fixture
def ask(stage: Stage, call_of: Callable[..., Call]) -> Callable[..., Any]:
    async def run(*names: str, **arguments: Any) -> Outcome:
        call = call_of({"function_names": list(names or ("orders",)), **arguments}, tool=stage.tool)
        outcome = await stage.tool.run(call)
        stage.stub.assert_no_pending_responses()
        return outcome

    return run


async def test_the_question_as_aws_gets_it_and_the_answer_with_its_price(stage: Stage, ask: Callable[..., Any]) -> None:
    stage.describes()
    noon_s = int(NOON.timestamp())
    # Whole minutes around the window: questions a moment apart are the same one.
    asked = {"startTime": noon_s - 3630, "endTime": noon_s + 30, "logGroupNames": [GROUP], "limit": 21}
    scope = scope_of([stage.functions["orders"]])
    text = PRESETS["slowest"].query(scope, is_shared=False, window_s=3660)
    stage.starts({**asked, "queryString": text})
    stage.gives({"request_id": "r", "duration_ms": "12.5"})
    outcome = await ask(preset="slowest", time_range={"last": "1h"})
    assert outcome.data["rows"] == [[None, "r", 12.5, None, None, None, None]]
    assert outcome.data["window"] == {"start": "2026-11-22T11:00:00Z", "end": "2026-11-22T12:01:00Z"}
    assert (outcome.bill.queries, outcome.bill.scanned_bytes) == (1, 1_000_000)
    assert "1,000,000 bytes scanned, $0.000005000000." in outcome.text


async def test_the_same_question_within_a_minute_is_neither_asked_nor_paid_again(
    stage: Stage, ask: Callable[..., Any]
) -> None:
    stage.describes()
    stage.starts()
    stage.gives({"request_id": "r"})
    first, again = await ask(preset="slowest"), await ask(preset="slowest")
    assert (first.data["cached"], again.data["cached"]) == (False, True)
    assert again.data["rows"] == first.data["rows"]
    assert (again.bill.queries, again.bill.cost_usd) == (0, 0)
    stage.now += 61
    stage.starts()
    stage.gives({"request_id": "later"})
    assert (await ask(preset="slowest")).data["rows"][0][1] == "later"


async def test_another_limit_or_text_is_another_question(stage: Stage, ask: Callable[..., Any]) -> None:
    stage.describes()
    for arguments in ({"query": "fields @message"}, {"query": "fields @message", "limit": 3}, {"query": "fields a"}):
        stage.starts()
        stage.gives({"@message": "x"})
        assert not (await ask(**arguments)).data["cached"]


async def test_a_query_that_never_ends_is_stopped_and_what_came_is_marked_partial(
    stage: Stage, ask: Callable[..., Any]
) -> None:
    stage.describes()
    stage.starts()
    for _ in range(3):
        stage.gives({"@message": "so far"}, status="Running")
    stage.stub.add_response("stop_query", {"success": True}, {"queryId": "q-1"})
    outcome = await ask(query="fields @message")
    assert outcome.data["rows"] == [["so far"]]
    assert not outcome.data["is_complete"]
    assert "Partial" in outcome.notes[0]
    assert outcome.bill.scanned_bytes == 1_000_000
    # Asked again, the same question may be answered whole.
    stage.starts()
    stage.gives({"@message": "all"})
    again = await ask(query="fields @message")
    assert (again.data["rows"], again.data["cached"], again.data["is_complete"]) == ([["all"]], False, True)


async def test_rows_that_are_no_answer_are_paid_for_all_the_same(stage: Stage, ask: Callable[..., Any]) -> None:
    stage.describes()
    stage.starts()
    stage.gives({"@message": "raw"})
    with pytest.raises(CallFailed) as failed:
        await ask(preset="slowest")
    assert failed.value.failure.error_type == "UnreadableRows"
    assert failed.value.bill
    assert failed.value.bill.scanned_bytes == 1_000_000


async def test_the_text_of_a_preset_as_a_query_of_ones_own_is_another_question(
    stage: Stage, ask: Callable[..., Any]
) -> None:
    stage.describes()
    stage.starts()
    stage.gives({"request_id": "r", "duration_ms": "12.5"})
    typed = await ask(preset="slowest", limit=20)
    stage.starts()
    stage.gives({"request_id": "r", "duration_ms": "12.5"})
    plain = await ask(query=typed.data["query"], limit=20)
    assert (plain.data["columns"], plain.data["rows"]) == (["request_id", "duration_ms"], [["r", "12.5"]])


async def test_a_kept_answer_holds_no_more_rows_than_are_given(stage: Stage, ask: Callable[..., Any]) -> None:
    """100,000 rows of a query would stay in memory for a minute, for the few that fit an answer."""
    stage.describes()
    stage.starts()
    stage.gives(*({"@message": "x" * 9_000} for _ in range(50)))
    kept: list[Any] = []
    for _ in range(2):
        outcome = await ask(query="fields @message")
        assert "of 50 rows, all that fit one answer" in outcome.notes[0]
        kept.append(outcome.data["rows"])
    assert 0 < len(kept[0]) < 50
    assert kept[0] is kept[1]


async def test_a_scan_beyond_what_is_allowed_is_refused_before_it_starts(stage: Stage, ask: Callable[..., Any]) -> None:
    stage.describes(stored=3_000_000_000_000)
    with pytest.raises(CallFailed, match="GB") as failed:
        await ask(preset="slowest")
    assert (failed.value.kind, failed.value.failure.error_type) == (OutcomeKind.REFUSED, "ScanTooLarge")
    stage.stub.assert_no_pending_responses()


async def test_a_class_that_insights_does_not_serve_is_refused_with_the_reason(
    stage: Stage, ask: Callable[..., Any]
) -> None:
    stage.describes(log_class="DELIVERY")
    with pytest.raises(CallFailed, match="DELIVERY"):
        await ask(preset="slowest")


async def test_a_function_that_never_ran_has_no_log_group_and_others_are_still_answered(
    stage: Stage, ask: Callable[..., Any]
) -> None:
    stage.lacks_group()
    with pytest.raises(CallFailed, match="does not exist") as failed:
        await ask(preset="slowest")
    assert failed.value.kind is OutcomeKind.NOT_FOUND
    stage.lacks_group()
    stage.describes("/aws/lambda/billing")
    stage.starts()
    stage.gives()
    outcome = await ask("orders", "billing", preset="slowest")
    assert outcome.data["log_groups"] == ["/aws/lambda/billing"]
    assert outcome.notes == ("Left out, because they do not exist (yet): /aws/lambda/orders.",)


@pytest.mark.parametrize(
    ("operation", "action"),
    [("describe_log_groups", "logs:DescribeLogGroups"), ("start_query", "logs:StartQuery")],
)
async def test_a_missing_permission_is_named(
    stage: Stage, ask: Callable[..., Any], operation: str, action: str
) -> None:
    if operation == "start_query":
        stage.describes()
    stage.stub.add_client_error(operation, "AccessDeniedException", "User is not authorized", 400)
    with pytest.raises(CallFailed) as failed:
        await ask(preset="slowest")
    assert failed.value.kind is OutcomeKind.ACCESS_DENIED
    assert action in f"{failed.value} {failed.value.failure.hint}"


async def test_a_missing_permission_is_not_taken_for_a_group_that_does_not_exist(
    stage: Stage, ask: Callable[..., Any]
) -> None:
    stage.lacks_group()
    stage.stub.add_client_error("describe_log_groups", "AccessDeniedException", "User is not authorized", 400)
    with pytest.raises(CallFailed) as failed:
        await ask("orders", "billing", preset="slowest")
    assert failed.value.kind is OutcomeKind.ACCESS_DENIED


async def test_a_function_named_in_two_ways_is_asked_about_once(stage: Stage, ask: Callable[..., Any]) -> None:
    stage.functions["us-east-1:orders"] = stage.functions["orders"]
    stage.describes()
    stage.starts()
    stage.gives({"request_id": "r"})
    assert "function_name" not in (await ask("orders", "us-east-1:orders", preset="slowest")).data["columns"]


async def test_throttles_are_waited_for(stage: Stage, ask: Callable[..., Any]) -> None:
    stage.describes()
    stage.stub.add_client_error("start_query", "LimitExceededException", "too many queries", 400)
    stage.starts()
    stage.gives({"request_id": "r"})
    assert (await ask(preset="slowest")).data["row_count"] == 1


async def test_a_malformed_query_comes_back_with_the_words_of_aws(stage: Stage, ask: Callable[..., Any]) -> None:
    stage.describes()
    stage.stub.add_client_error(
        "start_query",
        "MalformedQueryException",
        "unexpected symbol found / at line 1 and position 8",
        400,
        modeled_fields={"queryCompileError": {"location": {"startCharOffset": 7, "endCharOffset": 9}, "message": "no"}},
    )
    with pytest.raises(CallFailed, match="'/a'") as failed:
        await ask(query="fields /a")
    assert failed.value.kind is OutcomeKind.INVALID_ARGUMENTS


async def test_a_time_range_that_ends_before_the_logs_begin_is_refused(stage: Stage, ask: Callable[..., Any]) -> None:
    old = {"start": "2026-11-01T00:00:00Z", "end": "2026-11-02T00:00:00Z"}
    stage.describes()
    with pytest.raises(CallFailed, match="begin at 2026-11-12T12:00:30Z") as failed:
        await ask(preset="slowest", time_range=old)
    assert failed.value.failure.error_type == "BeyondRetention"
    stage.now += 1_000
    stage.describes(retentionInDays=3)
    with pytest.raises(CallFailed, match="begin at 2026-11-19T12:00:30Z"):
        await ask(preset="slowest", time_range={"start": "2026-11-18", "end": "2026-11-19"})


@pytest.mark.parametrize(
    ("kept", "is_said"), [({"retentionInDays": 3}, True), ({"retentionInDays": 30}, False), ({}, False)]
)
async def test_a_beginning_that_retention_took_is_said(
    stage: Stage, ask: Callable[..., Any], kept: dict[str, int], is_said: bool
) -> None:
    stage.describes(**kept)
    stage.starts()
    stage.gives({"request_id": "r"})
    notes = (await ask(preset="slowest", time_range={"last": "12d"})).notes
    assert [GROUP in note and "is missing" in note for note in notes] == [True] * is_said


async def test_a_caller_that_goes_away_takes_the_query_along(stage: Stage, call_of: Callable[..., Call]) -> None:
    stage.describes()
    stage.starts()
    stage.gives({"@message": "x"}, status="Running")
    stage.stub.add_response("stop_query", {"success": True}, {"queryId": "q-1"})
    call = call_of({"function_names": ["orders"], "query": "fields @message"}, tool=stage.tool)
    with anyio.CancelScope() as scope:
        stage.when_polled_twice = scope.cancel
        await stage.tool.run(call)
    assert scope.cancelled_caught
    assert await anyio.to_thread.run_sync(stage.stopped.wait, 20)
    stage.stub.assert_no_pending_responses()


async def test_bad_arguments_cost_nothing(stage: Stage, ask: Callable[..., Any]) -> None:
    for arguments in (
        {},
        {"preset": "errors", "query": "fields a"},
        {"preset": "errors", "time_range": {"start": "2027-01-01"}},
        {"preset": "errors", "time_range": {"last": "3h", "start": "2026-11-22"}},
    ):
        with pytest.raises(CallFailed) as failed:
            await ask(**arguments)
        assert failed.value.kind is OutcomeKind.INVALID_ARGUMENTS
    with pytest.raises(CallFailed, match="no function"):
        await ask("nobody", preset="errors")


async def test_secrets_in_log_lines_are_masked(stage: Stage, ask: Callable[..., Any]) -> None:
    stage.describes()
    stage.starts()
    stage.gives({"@message": "key AKIAIOSFODNN7EXAMPLE of ada@example.com"})
    outcome = await ask(query="fields @message")
    assert "AKIA" not in f"{outcome.text} {outcome.data}"


async def test_what_it_does_shows_as_progress(
    stage: Stage, ask: Callable[..., Any], call_of: Callable[..., Call]
) -> None:
    stage.describes()
    stage.starts()
    stage.gives({"@message": "x"}, status="Running")
    stage.gives({"@message": "x"})
    call = call_of({"function_names": ["orders"], "query": "fields @message"}, tool=stage.tool)
    await stage.tool.run(call)
    assert "10 records, 1,000,000 bytes scanned" in call.progress.message


def test_it_lists_every_preset_and_checks_names() -> None:
    properties: Any = SPEC.input_schema["properties"]
    assert properties["preset"]["enum"] == list(PRESETS)


@given(st.dictionaries(st.sampled_from(["function_names", "preset"]), st.none() | st.text() | st.lists(st.text())))
def test_it_is_aimed_at_cloudwatch_whatever_is_asked(arguments: dict[str, Any]) -> None:
    nothing: Any = None
    tool = QueryLogs(nothing, nothing, nothing, nothing, str, max_scan_gb=1, max_result_bytes=1)
    aim = tool.aim(arguments)
    names = arguments.get("function_names")
    assert aim.target == "cloudwatch"
    assert aim.function_name == ((names[0] or None) if isinstance(names, list) and len(names) == 1 else None)

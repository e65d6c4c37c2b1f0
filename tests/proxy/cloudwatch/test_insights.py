"""Logs Insights as it is asked: polled to its end or ours, paged, stopped when nobody waits, never silently half."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import pytest

from lambdascope_proxy.aws.places import Place, Places
from lambdascope_proxy.call import OutcomeKind, Progress
from lambdascope_proxy.cloudwatch import insights as insights_module
from lambdascope_proxy.cloudwatch.bill import Bill
from lambdascope_proxy.cloudwatch.insights import AT_ONCE, Insights, LogAnswer, LogQuery
from lambdascope_proxy.cloudwatch.window import Window
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.threads import Threads

pytestmark = pytest.mark.anyio
HERE = Place(region="us-east-1")
TEN = datetime(2026, 11, 22, 10, tzinfo=UTC)
GROUP = "/aws/lambda/orders"


def query(text: str = "fields @message", limit: int = 10_000, **changes: Any) -> LogQuery:
    known: dict[str, Any] = {"groups": (GROUP,), "window": Window(start=TEN, end=TEN + timedelta(hours=1))}
    return LogQuery(text=text, limit=limit, **{**known, **changes})


def page(status: str, rows: Sequence[Mapping[str, str]] = (), scanned: int = 0, **more: Any) -> dict[str, Any]:
    statistics = {"recordsMatched": float(len(rows)), "recordsScanned": scanned / 100, "bytesScanned": float(scanned)}
    cells = [[{"field": name, "value": value} for name, value in row.items()] for row in rows]
    return {"status": status, "results": cells, "statistics": statistics, **more}


@pytest.fixture
def logs(script_of: Callable[[str], Any]) -> Any:
    script = script_of("logs")
    script.answers("start_query", {"queryId": "q-1"})
    return script


def insights_of(script: Any, timeout_s: float = 60, **more: Any) -> Insights:
    clock = {"clock": lambda: script.now, "sleep": script.sleep}
    return Insights(script.places, script.threads, timeout_s=timeout_s, **clock, **more)


async def run(script: Any, asked: LogQuery | None = None, **more: Any) -> LogAnswer:
    return await insights_of(script, **more).run(HERE, asked or query())


async def test_rows_that_come_while_it_runs_are_not_taken_for_the_answer(logs: Any) -> None:
    # Half an aggregate is a wrong figure.
    logs.answers("get_query_results", page("Scheduled"))
    logs.answers("get_query_results", page("Running", [{"n": "3"}], 500))
    logs.answers("get_query_results", page("Unknown", [{"n": "4"}], 500))
    logs.answers("get_query_results", page("Complete", [{"n": "7"}], 1000))
    assert await run(logs) == LogAnswer(
        rows=[{"n": "7"}],
        matched=1,
        scanned_records=10,
        scanned_bytes=1000,
        status="Complete",
        is_complete=True,
        shortfall="",
        more=False,
        query_id="q-1",
        bill=Bill(region="us-east-1", queries=1, scanned_bytes=1000),
    )
    assert logs.is_over()


async def test_it_is_polled_less_and_less_often(logs: Any) -> None:
    for _ in range(20):
        logs.answers("get_query_results", page("Running"))
    logs.answers("get_query_results", page("Complete"))
    await run(logs, timeout_s=1000)
    assert logs.pauses[0] == 0.2
    assert logs.pauses == sorted(logs.pauses)
    assert logs.pauses[-1] == 5


@pytest.mark.parametrize(
    ("window", "start_s", "end_s"),
    [
        (Window(start=TEN, end=TEN + timedelta(hours=1)), 0, 3600),
        (Window(start=TEN + timedelta(milliseconds=1), end=TEN + timedelta(seconds=1, milliseconds=1)), 0, 2),
        (Window(start=TEN + timedelta(milliseconds=999), end=TEN + timedelta(seconds=1)), 0, 1),
    ],
)
async def test_aws_is_asked_for_the_whole_seconds_around_the_window(
    script_of: Callable[[str], Any], window: Window, start_s: int, end_s: int
) -> None:
    # Rounded inwards, the events of the last second would be missed: those an agent has just caused.
    logs = script_of("logs")
    asked = {
        "logGroupNames": [GROUP],
        "startTime": int(TEN.timestamp()) + start_s,
        "endTime": int(TEN.timestamp()) + end_s,
        "queryString": "fields @message",
        "limit": 10_001,
    }
    logs.answers("start_query", {"queryId": "q-1"}, asked)
    logs.answers("get_query_results", page("Complete"), {"queryId": "q-1"})
    await run(logs, query(window=window))
    assert logs.is_over()


@pytest.mark.parametrize(
    ("text", "kept"),
    [("fields @message", {"@message": "hello"}), ("fields @ptr, @message", {"@ptr": "C", "@message": "hello"})],
)
async def test_the_pointer_of_a_row_is_kept_only_if_asked_for(logs: Any, text: str, kept: dict[str, str]) -> None:
    logs.answers("get_query_results", page("Complete", [{"@ptr": "C", "@message": "hello"}]))
    assert (await run(logs, query(text))).rows == [kept]


async def test_a_field_without_a_value_is_missing(logs: Any) -> None:
    rows = [[{"field": "a"}, {"field": "b", "value": "2"}, {"value": "3"}]]
    logs.answers("get_query_results", {"status": "Complete", "results": rows})
    answer = await run(logs)
    assert (answer.rows, answer.scanned_bytes) == ([{"b": "2"}], 0)


async def test_rows_beyond_a_page_are_read_on_demand(logs: Any) -> None:
    rows = [{"n": str(at)} for at in range(25_000)]
    logs.answers("get_query_results", page("Complete", rows[:10_000], 900, nextToken="2"))
    logs.answers("get_query_results", page("Complete", rows[10_000:20_000], nextToken="3"))
    logs.answers("get_query_results", page("Complete", rows[20_000:]), {"queryId": "q-1", "nextToken": "3"})
    answer = await run(logs, query(limit=30_000))
    assert answer.rows == rows
    assert (answer.more, answer.scanned_bytes) == (False, 900)
    assert logs.is_over()


async def test_no_more_pages_are_read_than_rows_are_wanted(logs: Any) -> None:
    rows = [{"n": str(at)} for at in range(10_000)]
    logs.answers("get_query_results", page("Complete", rows, nextToken="2"))
    answer = await run(logs)
    assert (len(answer.rows), answer.more) == (10_000, True)


@pytest.mark.parametrize(("found", "more"), [(5, True), (4, True), (3, False), (0, False)])
async def test_rows_are_cut_at_the_limit_and_it_is_said_that_there_are_more(logs: Any, found: int, more: bool) -> None:
    rows = [{"n": str(at)} for at in range(found)]
    logs.answers("get_query_results", page("Complete", rows))
    answer = await run(logs, query(limit=3))
    assert (answer.rows, answer.more) == (rows[:3], more)


async def test_pages_that_lead_nowhere_are_not_followed_for_ever(logs: Any) -> None:
    for _ in range(3):
        logs.answers("get_query_results", page("Complete", nextToken="again"))
    answer = await run(logs)
    assert (answer.rows, answer.more) == ([], True)


@pytest.mark.parametrize("status", ["Cancelled", "Timeout"])
async def test_a_query_that_ended_early_at_aws_gives_what_it_found_and_says_so(logs: Any, status: str) -> None:
    logs.answers("get_query_results", page(status, [{"n": "1"}], 700, nextToken="2"))
    answer = await run(logs)
    assert (answer.rows, answer.is_complete, answer.status) == ([{"n": "1"}], False, status)
    assert answer.more
    assert f"AWS ended it early ({status})" in answer.shortfall
    assert answer.bill.scanned_bytes == 700
    assert logs.is_over()  # not stopped: it has ended


async def test_a_query_that_failed_at_aws_fails_the_call(logs: Any) -> None:
    logs.answers("get_query_results", page("Failed", [{"n": "1"}], 700))
    with pytest.raises(CallFailed, match="q-1 failed at AWS after 700 bytes") as failed:
        await run(logs)
    assert failed.value.kind is OutcomeKind.AWS_ERROR
    assert failed.value.bill == Bill(region="us-east-1", queries=1, scanned_bytes=700)  # AWS charges for these as well
    assert logs.is_over()


async def test_what_was_scanned_by_then_is_known_of_a_query_whose_caller_leaves(logs: Any) -> None:
    progress, is_running = Progress(), anyio.Event()

    async def sleep(seconds: float) -> None:
        if progress.bill and progress.bill.scanned_bytes:
            is_running.set()
            await anyio.sleep_forever()

    logs.answers("get_query_results", page("Running", scanned=700))
    logs.answers("stop_query", {"success": True}, {"queryId": "q-1"})
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Insights(logs.places, logs.threads, sleep=sleep).run, HERE, query(), progress)
        with anyio.fail_after(10):
            await is_running.wait()
        tasks.cancel_scope.cancel()
    assert progress.bill == Bill(region="us-east-1", queries=1, scanned_bytes=700)


async def test_a_query_whose_results_cannot_be_read_is_billed_as_far_as_is_known(logs: Any) -> None:
    logs.answers("get_query_results", page("Running", scanned=700))
    logs.refuses("get_query_results", "AccessDeniedException")
    logs.answers("stop_query", {"success": True}, {"queryId": "q-1"})
    with pytest.raises(CallFailed) as failed:
        await run(logs)
    assert failed.value.bill == Bill(region="us-east-1", queries=1, scanned_bytes=700)


async def test_a_query_that_never_completes_is_stopped_and_its_rows_are_said_to_be_partial(logs: Any) -> None:
    for scanned in (0, 500, 900):
        logs.answers("get_query_results", page("Running", [{"n": str(scanned)}], scanned))
    logs.answers("stop_query", {"success": True}, {"queryId": "q-1"})
    answer = await run(logs, timeout_s=0.7)
    assert (answer.rows, answer.status, answer.is_complete) == ([{"n": "900"}], "Running", False)
    assert answer.bill == Bill(region="us-east-1", queries=1, scanned_bytes=900)
    assert "did not end in time (0.7 s)" in answer.shortfall
    assert logs.now == pytest.approx(0.7)
    assert logs.is_over()


async def test_a_query_that_scans_more_than_it_may_is_stopped_and_its_answer_says_why(logs: Any) -> None:
    # What a group stores is told hours late: the estimate before the query may have been far too low.
    for gigabytes in (0.5, 1, 1.25):
        logs.answers("get_query_results", page("Running", [{"n": str(gigabytes)}], int(gigabytes * 10**9)))
    logs.answers("stop_query", {"success": True}, {"queryId": "q-1"})
    answer = await run(logs, max_scan_gb=1)
    assert (answer.rows, answer.is_complete, answer.status) == ([{"n": "1.25"}], False, "Running")
    assert "stopped after 1.25 GB, more than the 1 GB allowed" in answer.shortfall
    assert answer.bill.scanned_bytes == 1_250_000_000
    assert logs.is_over()


async def test_a_query_that_ended_before_it_could_be_stopped_is_whole(logs: Any) -> None:
    logs.answers("get_query_results", page("Complete", [{"n": "1"}], 2 * 10**9))
    answer = await run(logs, max_scan_gb=1)
    assert (answer.is_complete, answer.shortfall) == (True, "")
    assert logs.is_over()


async def test_a_query_that_cannot_be_stopped_still_gives_its_rows(logs: Any) -> None:
    logs.answers("get_query_results", page("Running", [{"n": "1"}]))
    logs.refuses("stop_query", "InvalidParameterException", "query is not running")
    assert (await run(logs, timeout_s=0)).rows == [{"n": "1"}]
    assert logs.is_over()


async def test_throttled_polls_are_waited_for(logs: Any) -> None:
    logs.refuses("get_query_results", "ThrottlingException")
    logs.answers("get_query_results", page("Complete", [{"n": "1"}]))
    assert (await run(logs)).rows == [{"n": "1"}]


async def test_a_query_whose_results_may_not_be_read_is_stopped_and_the_permission_named(logs: Any) -> None:
    # Left alone, it would scan on and be billed.
    logs.refuses("get_query_results", "AccessDeniedException")
    logs.answers("stop_query", {"success": True}, {"queryId": "q-1"})
    with pytest.raises(CallFailed, match="logs:GetQueryResults is not allowed"):
        await run(logs)
    assert logs.is_over()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"groups": ()}, "No log group"),
        ({"groups": tuple(f"g{at}" for at in range(51))}, "51 log groups"),
        ({"text": " \n"}, "empty"),
        ({"text": "x" * 10_001}, "10,001 characters"),
        ({"limit": 0}, "limit is 0"),
        ({"limit": 100_001}, "limit is 100001"),
    ],
)
async def test_what_aws_would_not_take_is_refused_before_it_is_asked(
    script_of: Callable[[str], Any], changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(CallFailed, match=words) as refused:
        await run(script_of("logs"), query(**changes))
    assert refused.value.kind is OutcomeKind.INVALID_ARGUMENTS
    assert refused.value.failure.hint


async def test_the_most_rows_there_can_be_are_not_taken_for_all_there_are(
    logs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(insights_module, "MOST_ROWS", 2)
    full = page("Complete", [{"n": "1"}, {"n": "2"}])
    full["statistics"]["recordsMatched"] = 3.0
    logs.answers("get_query_results", full)
    assert (await run(logs, query(limit=2))).more


async def test_it_says_how_far_it_is(logs: Any) -> None:
    said: list[str] = []
    progress = Progress()

    async def sleep(seconds: float) -> None:
        said.append(progress.message)

    logs.answers("get_query_results", page("Running", scanned=123_400))
    logs.answers("get_query_results", page("Complete"))
    insights = Insights(logs.places, logs.threads, clock=lambda: 0.0, sleep=sleep)
    await insights.run(HERE, query(), progress)
    assert said == [
        "starting a Logs Insights query",
        "Logs Insights query running: 1,234 records, 123,400 bytes scanned",
    ]


class CountingLogs:
    """A Logs Insights that never ends and counts what runs; places share it."""

    def __init__(self) -> None:
        self.running = 0
        self.most = 0
        self.exceptions: Any = self
        self.MalformedQueryException = self.ResourceNotFoundException = KeyError

    def start_query(self, **_: Any) -> dict[str, Any]:
        self.running += 1
        self.most = max(self.most, self.running)
        return {"queryId": "q-1"}

    def get_query_results(self, **_: Any) -> dict[str, Any]:
        return page("Running")

    def stop_query(self, **_: Any) -> dict[str, Any]:
        self.running -= 1
        return {"success": True}


class CountingClients:
    region = "us-east-1"

    def __init__(self, logs: CountingLogs) -> None:
        self._logs = logs

    def reader(self, service: str) -> Any:
        return self._logs


async def test_only_a_few_queries_run_at_once_in_a_place_and_all_are_stopped_when_the_callers_leave() -> None:
    # AWS runs 100 for the whole account: a proxy must not take them from dashboards and alarms.
    logs = CountingLogs()
    clients: Any = CountingClients(logs)
    insights = Insights(Places(clients, lambda place: clients), Threads(1), sleep=lambda _: anyio.sleep_forever())
    progress = [Progress() for _ in range(3 * AT_ONCE)]
    async with anyio.create_task_group() as tasks:
        for at, each in enumerate(progress):
            place = Place(region="eu-west-1") if at >= 2 * AT_ONCE else HERE
            tasks.start_soon(insights.run, place, query(), each)
        with anyio.fail_after(10):
            while logs.running < 2 * AT_ONCE:
                await anyio.lowlevel.checkpoint()
            await anyio.wait_all_tasks_blocked()
        tasks.cancel_scope.cancel()
    waiting = [each for each in progress if each.message.startswith("waiting")]
    assert (logs.most, len(waiting), logs.running) == (2 * AT_ONCE, AT_ONCE, 0)


class Shop:
    """The demo's account, reached through real clients whose operations are noted."""

    def __init__(self, clients: Any, noted: Sequence[str]) -> None:
        self.places = Places(clients, lambda place: clients)
        self.noted = noted


@pytest.fixture
def in_the_shop(in_shop: None, settled_clients: Any, operations: Callable[[Any], Sequence[str]]) -> Shop:
    """The shop, in which a function has run."""
    settled_clients.reader("lambda").invoke(FunctionName="demo-order-status", Payload=b"{}")
    return Shop(settled_clients, operations(settled_clients.reader("logs")))


def of_shop(text: str, limit: int = 100) -> LogQuery:
    now = datetime.now(UTC)
    window = Window(start=now - timedelta(hours=1), end=now)
    return LogQuery(groups=("/aws/lambda/demo-order-status",), text=text, window=window, limit=limit)


async def test_a_query_over_logs_of_a_function_that_really_ran(in_the_shop: Shop) -> None:
    insights = Insights(in_the_shop.places, Threads(4), sleep=lambda _: anyio.lowlevel.checkpoint())
    answer = await insights.run(HERE, of_shop('filter @type = "REPORT" | stats count(*) as n'))
    assert answer.is_complete
    assert int(answer.rows[0]["n"]) >= 1
    assert answer.bill.scanned_bytes == answer.scanned_bytes > 0
    raw = await insights.run(HERE, of_shop('filter @type = "REPORT" | fields @requestId', limit=1))
    assert [list(row) for row in raw.rows] == [["@requestId"]]


async def test_aws_names_the_place_where_a_query_is_malformed(in_the_shop: Shop) -> None:
    with pytest.raises(CallFailed, match="It means characters 0 to") as failed:
        await Insights(in_the_shop.places, Threads(4)).run(HERE, of_shop("frobnicate @message"))
    assert failed.value.failure.error_type == "MalformedQueryException"


async def test_a_caller_who_leaves_while_it_runs_stops_it(in_the_shop: Shop) -> None:
    is_running = anyio.Event()

    async def sleep(seconds: float) -> None:
        is_running.set()
        await anyio.sleep_forever()

    insights = Insights(in_the_shop.places, Threads(4), sleep=sleep)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(insights.run, HERE, of_shop("fields @message"))
        with anyio.fail_after(20):
            await is_running.wait()
        tasks.cancel_scope.cancel()
    assert list(in_the_shop.noted) == ["StartQuery", "StopQuery"]

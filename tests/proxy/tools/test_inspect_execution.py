"""The tool that tells everything of one execution: over a real history, beside a log as AWS would give it."""

from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lambdascope_analytics.asking.questions import Questions
from lambdascope_analytics.errors import HistoryError
from lambdascope_analytics.privacy.scrubber import Scrubber
from lambdascope_analytics.store.spool import SpoolWriter
from lambdascope_proxy.call import Call, Outcome, OutcomeKind
from lambdascope_proxy.cloudwatch.log_events import LogEvent
from lambdascope_proxy.cloudwatch.window import Window
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.selection import Function
from lambdascope_proxy.tools.inspect_execution import InspectExecution

pytestmark = pytest.mark.anyio
TEN = datetime(2026, 11, 22, 10, tzinfo=UTC)
HOUR_LATER = TEN + timedelta(hours=1)
REQUESTS = [f"5b1f0c52-7f0e-4c6a-9a3e-2d1f4e6a7b8{digit}" for digit in range(6)]
CALLS = [f"0196f3a2-7c00-7000-8000-00000000000{digit}" for digit in range(8)]
STREAM = "2026/11/22/[7]0123456789abcdef0123456789abcdef"
UNKNOWN = "ffffffff-7f0e-4c6a-9a3e-2d1f4e6a7b80"
RAN = {
    "target": "lambda",
    "tool_name": "invoke_function",
    "function_name": "orders",
    "region": "us-east-1",
    "account_id": "123456789012",
    "session_id": "session-1",
    "outcome": "ok",
    "total_ms": 40.0,
    "duration_ms": 20.0,
    "cost_usd": Decimal("0.000001"),
    "cost_source": "measured",
}
ROWS: Sequence[dict[str, Any]] = [
    {**RAN, "request_id": REQUESTS[0]},
    {**RAN, "request_id": REQUESTS[1]},
    {**RAN, "target": "self", "tool_name": "query_history", "function_name": None},
    {**RAN, "request_id": REQUESTS[3], "function_name": "gone"},
    {**RAN, "outcome": "refused", "error_type": "NotAllowed", "session_id": "session-2"},
    {**RAN, "request_id": REQUESTS[5], "transport": "backfill"},
    {**RAN, "request_id": REQUESTS[4], "outcome": "dry_run", "session_id": "session-2"},
    {**RAN, "request_id": REQUESTS[2], "outcome": "accepted", "invocation_type": "Event", "session_id": "session-3"},
]


class FakeLog:
    """Holds the lines of executions of `orders`, and notes the windows it was asked about."""

    def __init__(self) -> None:
        self.windows: list[Window] = []
        self.events: list[LogEvent] = []
        self.failure: CallFailed | None = None
        self.more = False

    def holds(self, request_id: str, at: datetime, *between: str) -> None:
        figures = "Duration: 20.00 ms\tBilled Duration: 20 ms\tMemory Size: 128 MB\tMax Memory Used: 40 MB\t"
        lines = [f"START RequestId: {request_id} Version: 7", *between, f"END RequestId: {request_id}"]
        self.events += [
            LogEvent(time=at + timedelta(milliseconds=number), stream=STREAM, message=f"{line}\n")
            for number, line in enumerate([*lines, f"REPORT RequestId: {request_id}\t{figures}"])
        ]

    async def filter(
        self, place: Any, group: str, *, window: Window, pattern: str = "", streams: Sequence[str] = (), limit: int
    ) -> tuple[list[LogEvent], bool]:
        if self.failure:
            raise self.failure
        assert (place.region, group) == ("us-east-1", "/aws/lambda/orders")
        self.windows.append(window)
        wanted = [event for event in self.events if window.start <= event.time < window.end]
        return [event for event in wanted if pattern.strip('"') in event.message], self.more


class Functions:
    """Knows one function."""

    def __init__(self, function: Function) -> None:
        self._function = function

    async def find(self, name: str, region: str | None = None, **_: Any) -> Function:
        if name != self._function.name:
            raise CallFailed(OutcomeKind.NOT_FOUND, "FunctionNotFound", f"There is no function {name!r}.", "Look.")
        return self._function


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("inspected") / "history"
    writer = SpoolWriter(directory)
    for number, row in enumerate(ROWS):
        writer.append({**row, "call_id": CALLS[number], "started_at": TEN + timedelta(minutes=number)})
    assert writer.close(30)
    return directory


@pytest.fixture(scope="module")
async def questions(history: Path) -> AsyncGenerator[Questions]:
    """One process for the module: starting it costs more than most of these tests."""
    made = Questions(history)
    yield made
    await made.aclose()


@pytest.fixture
def log() -> FakeLog:
    return FakeLog()


@pytest.fixture
def inspect(
    questions: Questions, log: FakeLog, call_of: Callable[..., Call], function_of: Callable[..., Function]
) -> Callable[..., Any]:
    async def run(asked: Any = questions, now: datetime = HOUR_LATER, **arguments: Any) -> Outcome:
        functions: Any = Functions(function_of())
        events: Any = log
        tool = InspectExecution(
            asked,
            functions,
            events,
            Scrubber().text,
            trace_url="https://tempo/{trace_id}",
            max_result_bytes=65_536,
            now=lambda: now,
        )
        return await tool.run(call_of(arguments, tool=tool))

    return run


@pytest.mark.parametrize("given_id", [{"request_id": REQUESTS[1]}, {"call_id": CALLS[1]}, {"request_id": CALLS[1]}])
async def test_a_call_is_found_by_either_id_with_its_log_and_its_session(
    inspect: Callable[..., Any], log: FakeLog, given_id: dict[str, str]
) -> None:
    log.holds(REQUESTS[1], TEN + timedelta(minutes=1, seconds=5), "hello")
    outcome = await inspect(**given_id)
    assert outcome.kind is OutcomeKind.OK
    assert outcome.data["execution"]["call_id"] == CALLS[1]
    assert [line[13:] for line in outcome.data["log_lines"]][1] == "hello"
    assert [(row["place"], row["call_id"]) for row in outcome.data["session"]] == [
        (-1, CALLS[0]),
        (1, CALLS[2]),
        (2, CALLS[3]),
        (3, CALLS[5]),
    ]
    assert outcome.notes == ()
    assert outcome.bill.cost_usd == 0
    # The search is around the call only: a group may be large.
    assert log.windows[0] == Window(start=TEN, end=TEN + timedelta(minutes=2, seconds=3.04))


async def test_a_call_of_no_function_is_told_by_its_row_alone(inspect: Callable[..., Any], log: FakeLog) -> None:
    outcome = await inspect(call_id=CALLS[2])
    assert outcome.data["execution"]["tool_name"] == "query_history"
    assert (outcome.data["attempts"], outcome.bill, log.windows) == ([], None, [])


async def test_a_refused_call_has_no_log_to_look_for(inspect: Callable[..., Any], log: FakeLog) -> None:
    outcome = await inspect(call_id=CALLS[4])
    assert (outcome.data["execution"]["outcome"], log.windows) == ("refused", [])


async def test_what_never_ran_has_no_log_either(inspect: Callable[..., Any], log: FakeLog) -> None:
    outcome = await inspect(request_id=REQUESTS[4])
    assert (outcome.data["execution"]["outcome"], log.windows, outcome.notes) == ("dry_run", [], ())


async def test_a_row_is_told_though_its_function_is_gone(inspect: Callable[..., Any]) -> None:
    outcome = await inspect(call_id=CALLS[3])
    assert outcome.data["execution"]["request_id"] == REQUESTS[3]
    assert "no function 'gone'" in outcome.notes[0]


async def test_a_row_is_told_though_its_log_may_not_be_read(inspect: Callable[..., Any], log: FakeLog) -> None:
    log.failure = CallFailed(OutcomeKind.ACCESS_DENIED, "AccessDeniedException", "no logs:FilterLogEvents", "Grant it.")
    outcome = await inspect(call_id=CALLS[0])
    assert outcome.notes == ("Log lines missing: no logs:FilterLogEvents Grant it.",)


async def test_lines_that_have_not_arrived_yet_are_said_to_be_missing(inspect: Callable[..., Any]) -> None:
    assert "No log lines" in (await inspect(call_id=CALLS[0])).notes[0]


async def test_an_imported_execution_is_found_too(inspect: Callable[..., Any]) -> None:
    assert (await inspect(request_id=REQUESTS[5])).data["execution"]["transport"] == "backfill"


async def test_a_request_that_never_came_through_is_told_by_its_functions_log(
    inspect: Callable[..., Any], log: FakeLog
) -> None:
    log.holds(UNKNOWN, TEN, "hello")
    outcome = await inspect(request_id=UNKNOWN.upper(), function_name="orders")
    assert outcome.data["source"] == "logs"
    execution = outcome.data["execution"]
    assert (execution["billed_ms"], execution["executed_version"], execution["cost_source"]) == (20, "7", "logs")
    assert log.windows[0] == Window(start=TEN - timedelta(hours=23), end=TEN + timedelta(hours=1))
    assert len(outcome.data["log_lines"]) == 4


async def test_an_event_that_was_throttled_for_hours_is_told_with_all_its_attempts(
    inspect: Callable[..., Any], log: FakeLog
) -> None:
    """15 minutes were read, while reconciliation looked for six hours."""
    failed = "[ERROR] ValueError: no\nTraceback (most recent call last):\n  File x"
    began = TEN + timedelta(minutes=7)
    log.holds(REQUESTS[2], began, failed)
    log.holds(REQUESTS[2], began + timedelta(hours=5), failed)
    early = await inspect(request_id=REQUESTS[2], now=began + timedelta(minutes=5))
    assert (len(early.data["attempts"]), len(log.windows)) == (1, 2)
    outcome = await inspect(request_id=REQUESTS[2], now=began + timedelta(hours=8))
    assert [attempt["outcome"] for attempt in outcome.data["attempts"]] == ["function_error"] * 2


async def test_an_event_that_succeeded_is_looked_for_no_longer(inspect: Callable[..., Any], log: FakeLog) -> None:
    log.holds(REQUESTS[2], TEN + timedelta(minutes=7))
    outcome = await inspect(request_id=REQUESTS[2], now=TEN + timedelta(hours=8))
    assert len(outcome.data["attempts"]) == 1
    assert max(log.windows, key=lambda window: window.end).end < TEN + timedelta(hours=1)


SECRETS = ("hunter2secret", "AKIAIOSFODNN7EXAMPLE")


@pytest.mark.parametrize("request_id", [UNKNOWN, REQUESTS[1]])
async def test_no_part_of_the_answer_holds_a_secret_that_the_log_holds(
    inspect: Callable[..., Any], log: FakeLog, request_id: str
) -> None:
    """The message of an error is a line of the log, too: of a first attempt, of the last, and as the outcome."""
    raised = f"[ERROR] ValueError: cannot connect with password={SECRETS[0]} {SECRETS[1]}\nTraceback (most recent"
    for seconds in (61, 62):
        log.holds(request_id, TEN + timedelta(seconds=seconds), f"{raised} call last):\n  File x")
    outcome = await inspect(request_id=request_id, function_name="orders")
    told = [attempt["error_message"] for attempt in outcome.data["attempts"]]
    assert [message.startswith("cannot connect with password=") for message in told] == [True, True]
    assert not [secret for secret in SECRETS if secret in f"{outcome.text}{outcome.data}{outcome.notes}"]


async def test_it_is_looked_for_where_the_caller_says(inspect: Callable[..., Any], log: FakeLog) -> None:
    log.holds(UNKNOWN, TEN)
    span = {"start": "2026-11-22T09:59:00Z", "end": "2026-11-22T10:01:00Z"}
    await inspect(request_id=UNKNOWN, function_name="orders", time_range=span)
    assert log.windows[0] == Window(start=TEN - timedelta(minutes=1), end=TEN + timedelta(minutes=1))


@pytest.mark.parametrize(
    ("arguments", "error_type", "word"),
    [
        ({}, "OneId", "one of request_id and call_id"),
        ({"request_id": UNKNOWN, "call_id": CALLS[0]}, "OneId", "one of"),
        ({"request_id": "req-1"}, "NotAnId", "req-1"),
        ({"call_id": UNKNOWN}, "CallNotFound", UNKNOWN),
        ({"call_id": UNKNOWN, "function_name": "orders"}, "CallNotFound", UNKNOWN),
        ({"request_id": UNKNOWN}, "FunctionNameNeeded", "never|No call"),
        ({"request_id": UNKNOWN, "function_name": "orders"}, "RequestNotFound", "No log line of orders"),
        ({"request_id": UNKNOWN, "function_name": "nobody"}, "FunctionNotFound", "nobody"),
    ],
)
async def test_what_cannot_be_told_is_an_error_with_a_next_step(
    inspect: Callable[..., Any], arguments: dict[str, str], error_type: str, word: str
) -> None:
    with pytest.raises(CallFailed, match=word) as failed:
        await inspect(**arguments)
    assert failed.value.failure.error_type == error_type
    assert failed.value.failure.hint


@pytest.mark.parametrize(
    "named",
    [
        {"function_name": "other"},
        {"function_name": "orders", "region": "eu-west-1"},
        {"function_name": "999999999999:us-east-1:orders"},
    ],
)
@pytest.mark.parametrize("given_id", [{"call_id": CALLS[0]}, {"request_id": REQUESTS[0]}])
async def test_who_names_a_function_is_told_of_that_one_alone(
    inspect: Callable[..., Any], given_id: dict[str, str], named: dict[str, str]
) -> None:
    """Access rules go by the named function: naming one's own must not open the calls of another."""
    with pytest.raises(CallFailed) as failed:
        await inspect(**given_id, **named)
    assert failed.value.failure.error_type in {"CallNotFound", "RequestNotFound", "FunctionNotFound"}


async def test_who_names_a_function_sees_no_other_in_its_session(inspect: Callable[..., Any]) -> None:
    """The ids of neighbours are what another call could be asked for with."""
    outcome = await inspect(call_id=CALLS[1], function_name="orders")
    assert [row["call_id"] for row in outcome.data["session"]] == [CALLS[0], CALLS[5]]


async def test_a_search_that_found_no_end_is_not_called_an_absence(inspect: Callable[..., Any], log: FakeLog) -> None:
    log.more = True
    with pytest.raises(CallFailed) as failed:
        await inspect(request_id=UNKNOWN, function_name="orders")
    assert failed.value.failure.error_type == "SearchUnfinished"


class Broken:
    """A history out of reach."""

    async def ask(self, *_: Any) -> list[dict[str, Any]]:
        raise HistoryError("the disk is gone")


async def test_without_a_history_the_log_still_answers(inspect: Callable[..., Any], log: FakeLog) -> None:
    log.holds(UNKNOWN, TEN)
    outcome = await inspect(Broken(), request_id=UNKNOWN, function_name="orders")
    assert outcome.notes == ("The history could not be asked: the disk is gone",)
    with pytest.raises(CallFailed, match="the disk is gone"):
        await inspect(Broken(), call_id=CALLS[0])

"""The lines of a request as they are read: by its id, then stream by stream, and never without bound."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lambdascope_proxy.cloudwatch.log_events import LogEvent
from lambdascope_proxy.cloudwatch.window import Window
from lambdascope_proxy.monitoring.request_reading import MOST_EVENTS, MOST_STREAMS, read_request_log
from lambdascope_proxy.selection import Function

pytestmark = pytest.mark.anyio
TEN = datetime(2026, 11, 22, 10, tzinfo=UTC)
HOUR = Window(start=TEN, end=TEN + timedelta(hours=1))
ORDERS = Function(name="orders", arn="arn:orders", region="us-east-1", account_id="123456789012")
OURS, OTHER = "5b1f0c52-7f0e-4c6a-9a3e-2d1f4e6a7b80", "77777777-7f0e-4c6a-9a3e-2d1f4e6a7b80"


def stream_of(number: int, name: str = "") -> str:
    """The name of one of a function's streams."""
    return f"2026/11/22/{name}[7]{number:032x}"


A, B = stream_of(10), stream_of(11)


class Log:
    """A log group that answers as FilterLogEvents does, and notes what it was asked."""

    def __init__(self, *events: LogEvent) -> None:
        self.events = sorted(events, key=lambda event: event.time)
        self.asked: list[tuple[str, Sequence[str], Window]] = []

    async def filter(
        self, place: Any, group: str, *, window: Window, pattern: str = "", streams: Sequence[str] = (), limit: int
    ) -> tuple[list[LogEvent], bool]:
        self.asked.append((pattern, streams, window))
        found = [
            event
            for event in self.events
            if window.start <= event.time < window.end
            and pattern.strip('"') in event.message
            and (not streams or event.stream in streams)
        ]
        return found[:limit], len(found) > limit


def execution(request_id: str, stream: str, at_s: float, lines: int = 1) -> list[LogEvent]:
    figures = "Duration: 1.00 ms\tBilled Duration: 1 ms\tMemory Size: 128 MB\tMax Memory Used: 40 MB\t\n"
    messages = [
        f"START RequestId: {request_id} Version: 7\n",
        *(f"line {number}\n" for number in range(lines)),
        f"END RequestId: {request_id}\n",
        f"REPORT RequestId: {request_id}\t{figures}",
    ]
    start = TEN + timedelta(seconds=at_s)
    return [
        LogEvent(time=start + timedelta(milliseconds=number), stream=stream, message=message)
        for number, message in enumerate(messages)
    ]


async def read(log: Any, function: Function = ORDERS) -> Any:
    return await read_request_log(log, function, OURS, HOUR)


async def test_the_id_finds_the_stream_and_the_stream_gives_the_lines_between() -> None:
    log = Log(*execution(OTHER, A, 10), *execution(OURS, A, 60), *execution(OTHER, B, 60))
    found = await read(log)
    (attempt,) = found.attempts
    assert [event.message for event in attempt.events][1] == "line 0\n"
    assert (len(attempt.events), attempt.stream, found.has_gap) == (4, A, False)
    assert log.asked[0][0] == f'"{OURS}"'
    # Only around the execution: a stream may live for hours.
    assert log.asked[1][1:] == (
        (A,),
        Window(start=TEN + timedelta(seconds=35), end=TEN + timedelta(seconds=60, milliseconds=4)),
    )


async def test_attempts_in_several_streams_come_in_their_order() -> None:
    log = Log(*execution(OURS, B, 5), *execution(OURS, A, 70), *execution(OURS, B, 200))
    assert [attempt.stream for attempt in (await read(log)).attempts] == [B, A, B]


async def test_of_more_lines_than_are_read_the_first_and_the_last_are_kept() -> None:
    events = execution(OURS, A, 0, lines=MOST_EVENTS + 1_500)
    found = await read(Log(*events))
    (attempt,) = found.attempts
    assert found.has_gap
    assert (attempt.events[0], attempt.events[-1]) == (events[0], events[-1])
    assert attempt.report is not None
    assert len(attempt.events) <= 2 * MOST_EVENTS


async def test_a_request_in_very_many_streams_is_read_where_it_is_newest() -> None:
    log = Log(*(event for number in range(9) for event in execution(OURS, stream_of(number), number * 10)))
    assert [attempt.stream for attempt in (await read(log)).attempts] == [
        stream_of(n) for n in range(9 - MOST_STREAMS, 9)
    ]


async def test_lines_that_all_name_the_request_hide_no_report() -> None:
    named = [
        LogEvent(time=TEN + timedelta(seconds=1, milliseconds=number // 10), stream=A, message=f"x {OURS}\n")
        for number in range(1_500)
    ]
    first, _, *last = execution(OURS, A, 0)
    late = [LogEvent(time=TEN + timedelta(seconds=5), stream=A, message=event.message) for event in last]
    (attempt,) = (await read(Log(first, *named, *late))).attempts
    assert attempt.report is not None


@pytest.mark.parametrize(("group", "name"), [(None, ""), ("/shop", "orders")])
async def test_what_others_wrote_of_the_request_in_the_same_log_group_is_left_out(group: str | None, name: str) -> None:
    """Without its START each line that names the request counts: those of who called it would be shown."""
    foreign = [stream_of(1, "payroll"), "ecs/payroll/123"]
    told = [LogEvent(time=TEN, stream=stream, message=f"calling {OURS}\n") for stream in foreign]
    log = Log(*told, *execution(OURS, stream_of(1, name), 1))
    function = replace(ORDERS, log_group=group)
    assert [attempt.stream for attempt in (await read(log, function)).attempts] == [stream_of(1, name)]
    assert (await read(Log(*told), function)).attempts == ()


async def test_nothing_found_is_told_from_nothing_searched() -> None:
    found = await read(Log(*execution(OTHER, A, 0)))
    assert (found.attempts, found.is_unfinished) == ((), False)

    class Endless(Log):
        async def filter(self, *_: Any, **__: Any) -> tuple[list[LogEvent], bool]:
            return [], True

    assert (await read(Endless())).is_unfinished

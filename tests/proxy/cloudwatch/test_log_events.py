"""Log events as they were written: pages without any do not end the search, and windows that meet share no event."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.aws.places import Place, Places
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.cloudwatch import log_events as log_events_module
from lambdascope_proxy.cloudwatch.log_events import LogEvent, LogEvents
from lambdascope_proxy.cloudwatch.window import Window
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.threads import Threads

HERE = Place(region="us-east-1")
TEN = datetime(2026, 11, 22, 10, tzinfo=UTC)
TEN_MS = int(TEN.timestamp() * 1000)
HOUR = Window(start=TEN, end=TEN + timedelta(hours=1))
GROUP = "/aws/lambda/orders"


def event(at_ms: int) -> LogEvent:
    return LogEvent(time=TEN + timedelta(milliseconds=at_ms), stream="s", message=f"line {at_ms}")


def page(*at_ms: int, **more: Any) -> dict[str, Any]:
    events = [{"timestamp": TEN_MS + at, "logStreamName": "s", "message": f"line {at}"} for at in at_ms]
    return {"events": events, **more}


@pytest.fixture
def logs(script_of: Callable[[str], Any]) -> Any:
    return script_of("logs")


async def read(script: Any, limit: int = 100, window: Window = HOUR, **more: Any) -> tuple[list[LogEvent], bool]:
    events = LogEvents(script.places, script.threads, sleep=script.sleep)
    return await events.filter(HERE, GROUP, window=window, limit=limit, **more)


@pytest.mark.anyio
async def test_the_window_pattern_and_streams_are_asked_for_in_awss_words(logs: Any) -> None:
    asked = {
        "logGroupName": GROUP,
        "startTime": TEN_MS,
        "endTime": TEN_MS + 3_600_000 - 1,
        "filterPattern": '"id-1"',
        "logStreamNames": ["s"],
        "limit": 101,
    }
    logs.answers("filter_log_events", page(5, 7), asked)
    assert await read(logs, pattern='"id-1"', streams=("s",)) == ([event(5), event(7)], False)
    assert logs.is_over()


@pytest.mark.anyio
async def test_empty_pages_with_a_token_are_followed_to_the_end(logs: Any) -> None:
    asked = {"logGroupName": GROUP, "startTime": TEN_MS, "endTime": TEN_MS + 3_600_000 - 1}
    logs.answers("filter_log_events", page(nextToken="2"), {**asked, "limit": 101})
    logs.answers("filter_log_events", page(9, nextToken="3"), {**asked, "limit": 101, "nextToken": "2"})
    logs.answers("filter_log_events", page(nextToken="4"), {**asked, "limit": 100, "nextToken": "3"})
    logs.answers("filter_log_events", page(2), {**asked, "limit": 100, "nextToken": "4"})
    assert await read(logs) == ([event(2), event(9)], False)
    assert logs.is_over()


@pytest.mark.anyio
@pytest.mark.parametrize(("found", "more"), [(1, False), (2, False), (3, True)])
async def test_events_are_cut_at_the_limit_and_it_is_said_that_there_are_more(
    logs: Any, found: int, more: bool
) -> None:
    logs.answers("filter_log_events", page(*range(found), nextToken="2"))
    if found < 3:  # a token says only that there may be more
        logs.answers("filter_log_events", page())
    assert await read(logs, limit=2) == ([event(at) for at in range(min(found, 2))], more)
    assert logs.is_over()


@pytest.mark.anyio
async def test_a_search_that_finds_nothing_for_very_long_ends_and_says_that_there_may_be_more(
    logs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_events_module, "MOST_PAGES", 3)
    for _ in range(3):
        logs.answers("filter_log_events", page(nextToken="again"))
    assert await read(logs) == ([], True)


@pytest.mark.anyio
async def test_more_than_a_page_is_asked_for_page_by_page(logs: Any) -> None:
    logs.answers("filter_log_events", page(*range(10_000), nextToken="2"))
    logs.answers("filter_log_events", page(*range(10_000, 15_000)))
    events, more = await read(logs, limit=20_000)
    assert (len(events), events[-1], more) == (15_000, event(14_999), False)


@pytest.mark.anyio
async def test_a_window_within_one_millisecond_holds_nothing_and_asks_nothing(logs: Any) -> None:
    inside = Window(start=TEN + timedelta(microseconds=10), end=TEN + timedelta(microseconds=20))
    assert await read(logs, window=inside) == ([], False)


@pytest.mark.anyio
async def test_a_log_group_that_is_not_there_yet_is_told_with_the_likely_reason(logs: Any) -> None:
    words = "The specified log group does not exist: /aws/lambda/stream-orders"
    logs.refuses("filter_log_events", "ResourceNotFoundException", words)
    with pytest.raises(CallFailed, match=f"Log group {GROUP} does not exist") as failed:
        await read(logs)
    assert failed.value.kind is OutcomeKind.NOT_FOUND
    assert "may never have run" in failed.value.failure.hint


@pytest.mark.anyio
async def test_a_log_stream_that_is_gone_is_not_taken_for_a_missing_group(logs: Any) -> None:
    logs.refuses("filter_log_events", "ResourceNotFoundException", "The specified log stream does not exist.")
    with pytest.raises(CallFailed, match="The specified log stream does not exist") as failed:
        await read(logs, streams=("s",))
    assert failed.value.failure.error_type == "LogStreamNotFound"


@pytest.mark.anyio
async def test_a_pattern_aws_cannot_read_is_told_in_its_words(logs: Any) -> None:
    logs.refuses("filter_log_events", "InvalidParameterException", "Invalid character(s) in term")
    with pytest.raises(CallFailed, match=r"Invalid character\(s\) in term") as failed:
        await read(logs, pattern="[")
    assert failed.value.kind is OutcomeKind.INVALID_ARGUMENTS


@pytest.mark.anyio
async def test_a_missing_permission_is_named_and_a_throttle_waited_for(logs: Any) -> None:
    logs.refuses("filter_log_events", "ThrottlingException")
    logs.refuses("filter_log_events", "AccessDeniedException")
    with pytest.raises(CallFailed, match="logs:FilterLogEvents is not allowed"):
        await read(logs)
    assert len(logs.pauses) == 1


micros = st.integers(-(10**15), 10**15).map(lambda each: TEN + timedelta(microseconds=each))


@given(micros, micros, micros, st.integers(-(10**12), 10**12))
def test_of_windows_that_meet_exactly_one_holds_an_event(
    first: datetime, second: datetime, third: datetime, at_ms: int
) -> None:
    start, meet, end = sorted([first, second, third])
    stamp = TEN_MS + at_ms

    def holds(window: Window) -> bool:
        asked = log_events_module._as_asked(GROUP, window, "", ())
        return asked["startTime"] <= stamp <= asked["endTime"]

    halves = [holds(Window(start=start, end=meet)), holds(Window(start=meet, end=end))]
    assert sum(halves) == holds(Window(start=start, end=end))
    assert holds(Window(start=start, end=end)) == (start <= event(at_ms).time < end)


@pytest.mark.anyio
@pytest.mark.usefixtures("in_shop")
async def test_the_lines_of_a_request_that_really_ran_are_found_by_its_id(settled_clients: Any) -> None:
    answer = settled_clients.reader("lambda").invoke(FunctionName="demo-order-status", Payload=b"{}")
    request_id = answer["ResponseMetadata"]["RequestId"]
    now = datetime.now(UTC)
    window = Window(start=now - timedelta(minutes=10), end=now + timedelta(minutes=1))
    events, more = await LogEvents(Places(settled_clients, lambda place: settled_clients), Threads(2)).filter(
        HERE, "/aws/lambda/demo-order-status", window=window, pattern=f'"{request_id}"', limit=50
    )
    words = [each.message.split()[0] for each in events]
    assert (words[0], words[-1], more) == ("START", "REPORT", False)

"""Reads the log lines of one request: finds its streams by its id, then each stream from START to REPORT."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from lambdascope_proxy.aws.places import Place
from lambdascope_proxy.cloudwatch.log_events import LogEvent, LogEvents
from lambdascope_proxy.cloudwatch.log_scope import group_of, owns
from lambdascope_proxy.cloudwatch.window import Window
from lambdascope_proxy.monitoring.request_log import RequestAttempt, attempts_of
from lambdascope_proxy.selection import Function

MOST_NAMED: Final = 1_000
MOST_EVENTS: Final = 5_000
MOST_STREAMS: Final = 5
# The init phase before a START takes at most 10 s, and a failed one is repeated.
INIT_S: Final = 25
LAST_S: Final = 1
# The end of a window is exclusive, and events carry whole milliseconds.
AFTER: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLog:
    """The attempts of a request in their order.

    `has_gap` when there were more lines between than are read; `is_unfinished` when nothing was found in as much of a
    large group as is searched.
    """

    group: str
    attempts: tuple[RequestAttempt, ...] = ()
    has_gap: bool = False
    is_unfinished: bool = False


async def read_request_log(events: LogEvents, function: Function, request_id: str, window: Window) -> RequestLog:
    """What a function's log holds of a request within a window; others may name it in the same log group.

    Raises: CallFailed, as `LogEvents.filter` does.
    """
    place, group, pattern = function.place, group_of(function), f'"{request_id}"'
    in_group, more = await events.filter(place, group, window=window, pattern=pattern, limit=MOST_NAMED)
    named = [event for event in in_group if owns(function, event.stream)]
    found: list[LogEvent] = []
    has_gap = False
    for stream, of_stream in _newest_streams(named).items():
        end = window.end if more else of_stream[-1].time + AFTER
        span = Window(start=of_stream[0].time - timedelta(seconds=INIT_S), end=end)
        lines, was_cut = await _stream(events, place, group, stream, span)
        found += lines
        has_gap = has_gap or was_cut
    attempts = attempts_of(found, request_id)
    return RequestLog(group=group, attempts=attempts, has_gap=has_gap, is_unfinished=more and not named)


def _newest_streams(named: Sequence[LogEvent]) -> dict[str, list[LogEvent]]:
    streams: dict[str, list[LogEvent]] = {}
    for event in named:
        streams.setdefault(event.stream, []).append(event)
    return dict(sorted(streams.items(), key=lambda item: item[1][-1].time)[-MOST_STREAMS:])


async def _stream(
    events: LogEvents, place: Place, group: str, stream: str, span: Window
) -> tuple[list[LogEvent], bool]:
    """A stream's events, oldest first; of too many the first and those of the last second, where REPORT is."""
    lines, more = await events.filter(place, group, window=span, streams=(stream,), limit=MOST_EVENTS)
    if not more:
        return lines, False
    last = Window(start=max(span.start, span.end - timedelta(seconds=LAST_S)), end=span.end)
    newest, _ = await events.filter(place, group, window=last, streams=(stream,), limit=MOST_EVENTS)
    return [*_before(lines, newest), *newest], True


def _before(lines: Iterable[LogEvent], newest: Sequence[LogEvent]) -> list[LogEvent]:
    return [event for event in lines if not newest or event.time < newest[0].time]

"""Reads log events as they were written, with FilterLogEvents: no query, no charge per byte, every page followed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import anyio

from lambdascope_proxy.aws.places import Place, Places
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.cloudwatch.log_groups import no_such_group
from lambdascope_proxy.cloudwatch.sending import Sender, Sleep
from lambdascope_proxy.cloudwatch.window import Window
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.threads import Threads

ACTION: Final = "logs:FilterLogEvents"
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
_MOST_PER_PAGE: Final = 10_000
# A search in a large group comes in many pages without an event: somewhere it has to end.
MOST_PAGES: Final = 100
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEvent:
    """One event as it was written; `time` is the writer's, in whole milliseconds."""

    time: datetime
    stream: str
    message: str


class LogEvents:
    """Reads the events of one log group at a time."""

    def __init__(self, places: Places, threads: Threads, *, sleep: Sleep = anyio.sleep) -> None:
        self._places = places
        self._threads = threads
        self._sleep = sleep

    async def filter(
        self,
        place: Place,
        group: str,
        *,
        window: Window,
        pattern: str = "",
        streams: Sequence[str] = (),
        limit: int,
    ) -> tuple[list[LogEvent], bool]:
        """The first `limit` events of the window, oldest first, and whether there are or may be more.

        `pattern` is a filter pattern of CloudWatch Logs, `streams` at most 100 names. Every event is in exactly one of
        two windows that meet. More than `MOST_PAGES` pages are not read.

        Raises: CallFailed; not_found when there is no such group yet.
        """
        asked = _as_asked(group, window, pattern, streams)
        if asked["startTime"] > asked["endTime"]:
            return [], False
        sender = Sender(self._places, self._threads, place, sleep=self._sleep)
        events: list[LogEvent] = []
        token = None
        for _ in range(MOST_PAGES):
            # One event beyond what is wanted tells whether there are more.
            asked["limit"] = min(limit + 1 - len(events), _MOST_PER_PAGE)
            page = await _read(sender, asked)
            events += [_as_event(found) for found in page.get("events", ())]
            token = page.get("nextToken")
            if len(events) > limit or not token:
                break
            asked["nextToken"] = token
        more = len(events) > limit or bool(token)
        return sorted(events, key=lambda event: event.time)[:limit], more


async def _read(sender: Sender, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    parameters = dict(asked)

    def request(client: Any) -> Mapping[str, Any]:
        try:
            return client.filter_log_events(**parameters)
        except client.exceptions.ResourceNotFoundException as error:
            raise _not_found(asked, error.response["Error"]["Message"]) from error

    return await sender.send(ACTION, f"reading events of log group {asked['logGroupName']}", request)


def _not_found(asked: Mapping[str, Any], words: str) -> CallFailed:
    if "log stream" not in words:
        return no_such_group([asked["logGroupName"]])
    hint = "It may have been deleted, or its events have passed the group's retention."
    return CallFailed(OutcomeKind.NOT_FOUND, "LogStreamNotFound", words, hint)


def _as_asked(group: str, window: Window, pattern: str, streams: Sequence[str]) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "logGroupName": group,
        "startTime": _milliseconds(window.start),
        # AWS includes the end.
        "endTime": _milliseconds(window.end) - 1,
    }
    if pattern:
        asked["filterPattern"] = pattern
    if streams:
        asked["logStreamNames"] = list(streams)
    return asked


def _milliseconds(time: datetime) -> int:
    """Since 1970, rounded up: the first stamp that is not before `time`."""
    return -((_EPOCH - time) // timedelta(milliseconds=1))


def _as_event(found: Mapping[str, Any]) -> LogEvent:
    time = _EPOCH + timedelta(milliseconds=found["timestamp"])
    return LogEvent(time=time, stream=found["logStreamName"], message=found["message"])

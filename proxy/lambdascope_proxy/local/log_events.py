"""Reading log events page by page: FilterLogEvents and GetLogEvents."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lambdascope_proxy.local.errors import AwsError
from lambdascope_proxy.local.filter_pattern import read_pattern
from lambdascope_proxy.local.log_groups import LogGroup, LogGroups, size_of
from lambdascope_proxy.local.logs import KeptEvent

MAX_PAGE = 10_000
MAX_PAGE_BYTES = 1_048_576
_LATEST_MS = 1 << 62

Place = tuple[int, int]  # a time in milliseconds and the number of an event


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some events in order, and how many of the others come before and after them."""

    events: Sequence[KeptEvent]
    has_more: bool


def filter_log_events(groups: LogGroups, group: LogGroup, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """The next page of the events that match; as on AWS, a page may be empty although more follow."""
    if "logStreamNames" in asked and "logStreamNamePrefix" in asked:
        raise _invalid("logStreamNames and logStreamNamePrefix exclude each other")
    if not asked.get("interleaved", True):
        raise _invalid("the local AWS only plays interleaved streams")
    wanted = _wanted(asked)
    found = [kept for kept in groups.events(group) if wanted(kept)]
    token = asked.get("nextToken")
    after = _read_token(token, asked) if token else None
    if token is None and asked.get("filterPattern") and found:
        # Whoever stops at an empty page finds nothing, here always and on AWS now and then.
        return {"events": [], "searchedLogStreams": [], "nextToken": _token((-1, -1), asked)}
    page = _first([kept for kept in found if after is None or _place(kept) > after], _limit(asked))
    answer: dict[str, Any] = {"events": [_event(kept, with_stream=True) for kept in page.events]}
    if page.has_more:
        answer["nextToken"] = _token(_place(page.events[-1]), asked)
    return answer | {"searchedLogStreams": []}


def get_log_events(groups: LogGroups, group: LogGroup, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """A page of one stream, from its end or its beginning; at either end the token given comes back."""
    stream = asked["logStreamName"]
    every = [kept for kept in groups.events(group) if kept.event.stream == stream]
    if not every:
        raise AwsError("ResourceNotFoundException", "The specified log stream does not exist.")
    start, end = asked.get("startTime", 0), asked.get("endTime", _LATEST_MS)
    found = [kept for kept in every if start <= kept.event.timestamp_ms < end]
    token = asked.get("nextToken")
    direction, place = (token[:2], _read_token(token[2:], asked)) if token else ("", None)
    if direction not in {"", "f/", "b/"}:
        raise _invalid("The specified nextToken is invalid.")
    if direction == "f/" or (not direction and asked.get("startFromHead")):
        page = _first([kept for kept in found if place is None or _place(kept) > place], _limit(asked)).events
    else:
        earlier = [kept for kept in found if place is None or _place(kept) < place]
        page = _first(earlier[::-1], _limit(asked)).events[::-1]
    forward, backward = (_place(page[-1]), _place(page[0])) if page else (place or (-1, -1),) * 2
    return {
        "events": [_event(kept, with_stream=False) for kept in page],
        "nextForwardToken": f"f/{_token(forward, asked)}",
        "nextBackwardToken": f"b/{_token(backward, asked)}",
    }


def _wanted(asked: Mapping[str, Any]) -> Callable[[KeptEvent], bool]:
    start, end = asked.get("startTime", 0), asked.get("endTime", _LATEST_MS)
    streams, prefix = asked.get("logStreamNames"), asked.get("logStreamNamePrefix", "")
    pattern = read_pattern(asked.get("filterPattern", ""))

    def is_wanted(kept: KeptEvent) -> bool:
        event = kept.event
        is_there = start <= event.timestamp_ms <= end and event.stream.startswith(prefix)
        return is_there and (streams is None or event.stream in streams) and pattern.matches(event.message)

    return is_wanted


def _limit(asked: Mapping[str, Any]) -> int:
    limit = asked.get("limit", MAX_PAGE)
    if not isinstance(limit, int) or not 1 <= limit <= MAX_PAGE:
        raise _invalid(f"limit must be between 1 and {MAX_PAGE}")
    return limit


def _first(events: Sequence[KeptEvent], limit: int) -> Page:
    """As many as a page holds, but at least one."""
    count = size = 0
    for kept in events[:limit]:
        size += size_of(kept.event.message)
        if count and size > MAX_PAGE_BYTES:
            break
        count += 1
    return Page(events=events[:count], has_more=count < len(events))


def _place(kept: KeptEvent) -> Place:
    return kept.event.timestamp_ms, kept.number


def _event(kept: KeptEvent, *, with_stream: bool) -> dict[str, Any]:
    event = kept.event
    told: dict[str, Any] = {
        "timestamp": event.timestamp_ms,
        "message": event.message,
        "ingestionTime": event.timestamp_ms,
    }
    return {"logStreamName": event.stream, **told, "eventId": f"{kept.number:056d}"} if with_stream else told


def _token(place: Place, asked: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps([_fingerprint(asked), *place]).encode()).decode()


def _read_token(token: str, asked: Mapping[str, Any]) -> Place:
    try:
        fingerprint, time_ms, number = json.loads(base64.urlsafe_b64decode(token))
        if fingerprint != _fingerprint(asked):
            raise ValueError("of another request")
        return int(time_ms), int(number)
    except (ValueError, TypeError):
        raise _invalid("The specified nextToken is invalid.") from None


def _fingerprint(asked: Mapping[str, Any]) -> str:
    """What must stay the same from page to page."""
    same = {name: value for name, value in asked.items() if name not in {"nextToken", "limit", "startFromHead"}}
    return hashlib.sha256(json.dumps(same, sort_keys=True).encode()).hexdigest()[:16]


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterException", message)

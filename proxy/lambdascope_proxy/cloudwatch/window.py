"""The span of time a question is about, read from the `time_range` that every monitoring tool takes. Pure."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.errors import CallFailed

_DEFAULT_S: Final = 10_800
_SECONDS_OF_UNIT: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_LAST: Final = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([smhdw])\s*", re.ASCII)
_FORMS: Final = 'Give {"last": "3h"} (s, m, h, d or w), or {"start": "2026-11-22T10:00:00Z", "end": ...} in ISO 8601.'
_LONGEST_QUOTED: Final = 60

TIME_RANGE_SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {
        "last": {"type": "string", "description": "Such as 3h or 7d"},
        "start": {"type": "string"},
        "end": {"type": "string"},
    },
}
"""What every tool's `time_range` accepts, in as few words as do; `read_window` refuses the rest, and says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From `start` up to and without `end`; both know their time zone, which is UTC."""

    start: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        """How long it is."""
        return (self.end - self.start).total_seconds()


def read_window(
    time_range: Mapping[str, Any] | None, now: datetime, *, default_s: float = _DEFAULT_S, retention_s: float
) -> Window:
    """The window a `time_range` means; without one, or with an empty one, the last `default_s` seconds.

    Times without a zone are taken as UTC. An end in the future is cut to `now`. `retention_s` is how far back data is
    kept.

    Raises: CallFailed (invalid_arguments) that says what is wrong: both forms at once, a malformed time or duration, a
    start that is not before its end, a window wholly in the future or one that begins before anything is kept.
    """
    given = dict(time_range or {})
    if unknown := set(given) - {"last", "start", "end"}:
        raise _refused(f"time_range has no {', '.join(sorted(_quoted(name) for name in unknown))}.")
    if not given:
        window = Window(start=now - timedelta(seconds=default_s), end=now)
    elif "last" in given:
        window = _last(given, now)
    else:
        window = _between(given, now)
    if now - window.start > timedelta(seconds=retention_s):
        days = retention_s / 86_400
        raise _refused(
            f"time_range begins at {_iso(window.start)}, but data is kept for {days:g} days only.",
            f"Begin at {_iso(now - timedelta(seconds=retention_s))} or later.",
        )
    return window


def _last(given: Mapping[str, Any], now: datetime) -> Window:
    if len(given) > 1:
        raise _refused("time_range has both last and start or end: it takes one form.")
    text = given["last"]
    found = _LAST.fullmatch(text) if isinstance(text, str) else None
    seconds = float(found[1]) * _SECONDS_OF_UNIT[found[2]] if found else 0
    if not 0 < seconds < math.inf:
        raise _refused(f"last is {_quoted(text)}, which is not a number above zero with a unit.")
    try:
        return Window(start=now - timedelta(seconds=seconds), end=now)
    except OverflowError:
        raise _refused(f"last is {_quoted(text)}, which is before any calendar.") from None


def _between(given: Mapping[str, Any], now: datetime) -> Window:
    if "start" not in given:
        raise _refused("time_range has an end and no start.")
    start = _time(given, "start")
    end = _time(given, "end") if "end" in given else now
    if start >= now:
        raise _refused(f"time_range begins at {_iso(start)}, which is in the future: it is {_iso(now)}.")
    if start >= end:
        raise _refused(f"time_range begins at {_iso(start)}, which is not before its end at {_iso(end)}.")
    return Window(start=start, end=min(end, now))


def _time(given: Mapping[str, Any], name: str) -> datetime:
    try:
        read = datetime.fromisoformat(given[name].strip())
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError, AttributeError):  # OverflowError: year 1 of a zone east of Greenwich
        raise _refused(f"{name} is {_quoted(given[name])}, which is no time in ISO 8601.") from None


def _refused(message: str, hint: str = _FORMS) -> CallFailed:
    return CallFailed(OutcomeKind.INVALID_ARGUMENTS, "InvalidTimeRange", message, hint)


def _quoted(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_QUOTED else f"{text[:_LONGEST_QUOTED]}..."


def _iso(time: datetime) -> str:
    return time.isoformat(timespec="seconds").replace("+00:00", "Z")

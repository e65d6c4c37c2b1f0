"""What people write for a stretch of time, "7d" or two times, as the period it means."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final, TypeAlias

from lambdascope_analytics.analyses.period import Period
from lambdascope_analytics.errors import QuestionError

Time: TypeAlias = datetime | date | str
TimeRange: TypeAlias = str | timedelta | Period | Sequence[Time]

_LAST: Final = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([smhdw])\s*", re.ASCII)
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_FORMS: Final = 'give "7d" (s, m, h, d or w), a timedelta, or a pair of times'


def period_of(time_range: TimeRange, now: datetime) -> Period:
    """Return the period that ends `now` and is this long, or the one between two times; times without a zone are UTC.

    Raises:
        QuestionError: it is none of these forms, or its start is not before its end.
    """
    if isinstance(time_range, Period):
        return time_range
    if isinstance(time_range, str | timedelta):
        return Period(start=_before(now, _length(time_range)), end=now)
    if len(time_range) != 2:
        raise QuestionError("time_range", f"has {len(time_range)} times: {_FORMS}")
    start, end = time_range
    return Period(start=_time(start), end=_time(end))


def _length(text: str | timedelta) -> timedelta:
    if isinstance(text, timedelta):
        return text
    found = _LAST.fullmatch(text)
    if found is None:
        raise QuestionError("time_range", f"is {text!r}: {_FORMS}")
    try:
        return timedelta(seconds=float(found[1]) * _SECONDS[found[2]])
    except OverflowError as error:
        raise QuestionError("time_range", f"is {text!r}, longer than any calendar") from error


def _before(now: datetime, length: timedelta) -> datetime:
    try:
        return now - length
    except OverflowError as error:
        raise QuestionError("time_range", f"begins before any calendar: {length}") from error


def _time(value: Time) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError as error:
            raise QuestionError("time_range", f"has {value!r}, which is no time in ISO 8601") from error
    elif not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    return value if value.tzinfo else value.replace(tzinfo=UTC)

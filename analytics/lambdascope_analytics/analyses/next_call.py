"""Writes the call of a tool that goes on from an answer, with what was asked, so that the question is kept. Pure."""

import json
from datetime import UTC, datetime, timedelta
from typing import Final

from lambdascope_analytics.analyses.period import Period

# A question about the last days is answered a moment later.
_A_MOMENT: Final = timedelta(minutes=1)
_SECOND: Final = timedelta(seconds=1)
_UNITS: Final = (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("m", timedelta(minutes=1)))


def call_of(tool: str, **given: object) -> str:
    """The call as agents read it, and commands turn it into their own; what is None is left out."""
    arguments = (
        f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in given.items() if value is not None
    )
    return f"{tool}({', '.join(arguments)})"


def time_range_of(period: Period, now: datetime) -> dict[str, str]:
    """The period as tools take it: the last so many days, hours or minutes, else its ends in whole seconds around."""
    if timedelta() <= now - period.end <= _A_MOMENT:
        for unit, size in _UNITS:
            if (period.end - period.start) % size == timedelta():
                return {"last": f"{(period.end - period.start) // size}{unit}"}
    end = period.end.replace(microsecond=0)
    return {"start": _iso(period.start), "end": _iso(end if end == period.end else end + _SECOND)}


def _iso(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"

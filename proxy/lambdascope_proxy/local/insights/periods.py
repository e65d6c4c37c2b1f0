"""Periods of bin, datefloor and dateceil: units, their caps, and what is not played.

`bin(300s)` is a bin of 60 seconds: CloudWatch caps the count of each unit without a word. Periods are aligned to 1970,
our choice; weeks, months, quarters and years are refused, because nobody tells where they begin.
"""

from lambdascope_proxy.local.insights.malformed import MalformedQuery
from lambdascope_proxy.local.insights.nodes import Duration, Node

_NAMES = {
    "ms": ("ms", "msec", "msecs", "millisecond", "milliseconds"),
    "s": ("s", "sec", "secs", "second", "seconds"),
    "m": ("m", "min", "mins", "minute", "minutes"),
    "h": ("h", "hr", "hrs", "hour", "hours"),
    "d": ("d", "day", "days"),
}
_UNITS = {name: unit for unit, names in _NAMES.items() for name in names}
_LENGTHS_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_CAPS = {"ms": 1000, "s": 60, "m": 60, "h": 24}


def capped_ms(period: Node) -> int:
    """The length of a bin. Raises: MalformedQuery."""
    count, unit = _read(period)
    return min(count, _CAPS.get(unit, count)) * _LENGTHS_MS[unit]


def exact_ms(period: Node) -> int:
    """The length of a period that must stay within its cap. Raises: MalformedQuery."""
    count, unit = _read(period)
    if count > _CAPS.get(unit, count):
        raise MalformedQuery(f"more than {_CAPS[unit]}{unit} is not played here", period.start, period.end)
    return count * _LENGTHS_MS[unit]


def _read(period: Node) -> tuple[int, str]:
    if not isinstance(period, Duration) or period.unit not in _UNITS or period.count < 1:
        raise MalformedQuery("expected a period of ms, s, m, h or d, such as 5m", period.start, period.end)
    return period.count, _UNITS[period.unit]

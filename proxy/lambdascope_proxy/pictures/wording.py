"""How pictures write figures, names and moments: as short as can be read beside an axis. Pure."""

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

NOTHING: Final = "nothing to draw"
UNKNOWN: Final = "unknown"
ELLIPSIS: Final = "..."
_SUFFIXES: Final = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
# Up to here whole figures are read faster than their thousands.
_WHOLE_BELOW: Final = 1e4
# What one call costs is told in full, as it is in tables.
_SMALLEST_PLAIN: Final = 1e-8
_LARGEST_PLAIN: Final = 1e15
# Beyond these, distances between values are no numbers any more.
_LARGEST_PLACED: Final = 1e30
_SMALLEST_PLACED: Final = 1e-30
# XML knows none of these, and none can be seen: control characters, halves of pairs, and two that are no characters.
_UNSEEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")
_SPACES_OF_SENTENCES: Final = 4
_DAYS_AS_HOURS: Final = timedelta(days=3)


def short(value: float | None) -> str:
    """A figure to three digits: 0.0123, 12.3, 1,234, 56.8k; what is not known says so."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    size = abs(value)
    if size and (size < _SMALLEST_PLAIN or size >= _LARGEST_PLAIN):
        mantissa, _, exponent = f"{value:.3g}".partition("e")
        return f"{mantissa}e{int(exponent)}"
    if size < _WHOLE_BELOW:
        return _three_digits(value, size)
    divisor, suffix = next(each for each in _SUFFIXES if size >= each[0])
    scaled = value / divisor
    return f"{scaled:,.0f}{suffix}" if abs(scaled) >= 100 else f"{scaled:.3g}{suffix}"


def _three_digits(value: float, size: float) -> str:
    if size >= 100 or not size:
        return f"{value:,.0f}"
    return f"{value:.{2 - math.floor(math.log10(size))}f}".rstrip("0").rstrip(".")


def cut(text: str, most: int) -> str:
    """At most so many characters on one line: sentences lose their end, names their middle, for they differ at both."""
    seen = _UNSEEN.sub(" ", text).strip()
    if len(seen) <= most:
        return seen
    kept = max(1, most - len(ELLIPSIS))
    if seen.count(" ") >= _SPACES_OF_SENTENCES:
        return f"{seen[:kept].rstrip()}{ELLIPSIS}"[:most]
    head = kept - kept // 2
    return f"{seen[:head]}{ELLIPSIS}{seen[len(seen) - kept // 2 :]}"[:most]


def with_unit(title: str, unit: str, *, is_log: bool = False) -> str:
    """A title that says what is measured, in what, and on which kind of axis."""
    inside = ", ".join([*([unit] if unit else []), *(["log scale"] if is_log else [])])
    return f"{title} ({inside})" if inside else title


def moment(time: datetime, span: timedelta) -> str:
    """A moment in UTC, to the minute where the whole axis is a few days and to the day otherwise."""
    return f"{time.astimezone(UTC):{'%m-%d %H:%M UTC' if span <= _DAYS_AS_HOURS else '%Y-%m-%d'}}"


def known(values: Sequence[float | None]) -> list[float | None]:
    """The values, of which those that cannot be placed on an axis are not known."""
    return [_placed(value) for value in values]


def _placed(value: float | None) -> float | None:
    if value is None or not abs(value) < _LARGEST_PLACED:  # so for what is no number
        return None
    return float(value) if abs(value) > _SMALLEST_PLACED else 0.0

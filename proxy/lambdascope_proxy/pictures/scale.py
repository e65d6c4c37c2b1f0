"""An axis: where a value stands between its ends, linear or logarithmic, and at which values it has ticks. Pure."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

# Over this range the small values of a linear axis all look like zero.
WIDE: Final = 1000.0
WIDENING: Final = 10.0
# What is nearer to zero cannot be divided into steps.
_LEAST_RANGE: Final = 1e-300
_STEPS: Final = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """From `low` to `high`, which differ; both are above zero where it is logarithmic."""

    low: float
    high: float
    is_log: bool = False

    def place(self, value: float) -> float:
        """Where a value stands: 0 at the low end, 1 at the high one; what lies beyond is at the end."""
        low, high, at = (self._bent(each) for each in (self.low, self.high, value))
        return min(max((at - low) / (high - low), 0.0), 1.0)

    def ticks(self, most: int) -> list[float]:
        """At most so many round values between the ends; at least one."""
        return self._powers(most) if self.is_log else self._steps(most)

    def _bent(self, value: float) -> float:
        return math.log10(max(value, self.low)) if self.is_log else value

    def _steps(self, most: int) -> list[float]:
        size = _round_step((self.high - self.low) / max(1, most - 1))
        first, last = math.ceil(self.low / size - 1e-9), math.floor(self.high / size + 1e-9)
        return [at * size for at in range(first, last + 1)][:most] or [self.low]

    def _powers(self, most: int) -> list[float]:
        first, last = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9)
        step = max(1, -(-(last - first + 1) // max(1, most)))
        return [10.0**power for power in range(first, last + 1, step)] or [self.low]


def _round_step(least: float) -> float:
    """The smallest of 1, 2, 5, 10, ... and their tenths that is not below."""
    power = 10.0 ** math.floor(math.log10(least))
    return next((step * power for step in _STEPS if step * power >= least * (1 - 1e-9)), 10.0 * power)


def is_wide(values: Iterable[float | None]) -> bool:
    """Whether values, all above zero, range so far that only a logarithmic axis shows them."""
    given = [value for value in values if value is not None]
    return bool(given) and min(given) > 0 and max(given) / min(given) >= WIDE


def scale_of(values: Iterable[float | None], *, may_be_log: bool = True) -> Scale:
    """An axis on which all of them stand: from zero, or below where some are negative; logarithmic where it must be."""
    given = [value for value in values if value is not None]
    if may_be_log and is_wide(given):
        return Scale(low=min(given), high=max(given), is_log=True)
    low, high = min([0.0, *given]), max([0.0, *given])
    return Scale(low=low, high=high if high - low > _LEAST_RANGE else low + 1.0)


def finite_edges(edges: tuple[float, ...]) -> tuple[tuple[float, ...], bool]:
    """Edges of bins that can be drawn, and whether their axis is logarithmic, as it is where bins widen.

    A last one that is infinite, and on a logarithmic axis a first one that is zero, go as far from their neighbour as
    that from the next.
    """
    is_log = edges[0] >= 0 and _is_widening(edges)
    drawn = list(edges)
    if math.isinf(drawn[-1]):
        drawn[-1] = _beyond(drawn[-3:-1], is_log=is_log)
    if is_log and drawn[0] == 0:
        drawn[0] = _beyond(drawn[2:0:-1], is_log=True)
    if drawn[-1] <= drawn[0]:
        drawn[-1] = drawn[0] + 1.0
    return tuple(drawn), is_log


def _is_widening(edges: tuple[float, ...]) -> bool:
    """Whether bins are as wide as their values are large: on a linear axis the narrow ones could not be seen."""
    widths = [high - low for low, high in pairwise(edges) if 0 < low < high < math.inf]
    return bool(widths) and max(widths) >= WIDENING * min(widths)


def _beyond(pair: list[float], *, is_log: bool) -> float:
    """The value that follows the second of two, as the second follows the first."""
    if len(pair) < 2:
        return pair[-1] + 1.0
    first, second = pair
    return second * second / first if is_log and first > 0 else 2 * second - first

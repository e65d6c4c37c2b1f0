"""Stretches of time, at whole parts of the day in UTC, that the two periods which are compared are cut into. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from math import ceil, floor
from typing import Final, Self

from lambdascope_analytics.analyses.period import Period

# Of both periods together, but for a shorter one at each end: enough to see when something changed, few enough to test
# every one.
MOST: Final = 168
_SIZES: Final = tuple(
    [60 * minutes for minutes in (1, 2, 5, 10, 15, 20, 30)]
    + [3600 * hours for hours in (1, 2, 3, 4, 6, 8, 12)]
    + [86_400 * days for days in (1, 2, 7, 14, 28)]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Buckets:
    """One period cut wherever a number of seconds since 1970 is a multiple of `size_s`, whoever asks and when.

    `first` is the number of the first bucket since then. The first and the last are shorter where the period begins or
    ends within one. Without any, nothing is known of the period.
    """

    first: int
    count: int
    size_s: int
    start_s: float
    end_s: float

    @classmethod
    def of(cls, period: Period, size_s: int, *, is_known: bool = True) -> Self:
        """Cut a period."""
        start_s, end_s = period.start.timestamp(), period.end.timestamp()
        first = floor(start_s / size_s)
        count = ceil(end_s / size_s) - first if is_known else 0
        return cls(first=first, count=count, size_s=size_s, start_s=start_s, end_s=end_s)

    @property
    def edges(self) -> tuple[float, ...]:
        """Where each begins, and the end of the last."""
        if not self.count:
            return ()
        inner = range(self.first + 1, self.first + self.count)
        return (self.start_s, *(float(number * self.size_s) for number in inner), self.end_s)

    @property
    def hours(self) -> tuple[float, ...]:
        """How long each is."""
        return tuple((end - start) / 3600 for start, end in pairwise(self.edges))

    @property
    def spans(self) -> tuple[tuple[datetime, datetime], ...]:
        """When each begins and ends."""
        return tuple(pairwise(datetime.fromtimestamp(edge, UTC) for edge in self.edges))


def size_for(before: Period, after: Period) -> int:
    """Seconds of a bucket: a length people name, the least that leaves no more than so many."""
    seconds = before.seconds + after.seconds
    return next((size for size in _SIZES if seconds / size <= MOST), floor(seconds / MOST) + 1)

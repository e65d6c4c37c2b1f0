"""Equal stretches of the two periods that are compared. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from math import floor
from typing import Final, Self

from lambdascope_analytics.analyses.period import Period

# Of both periods together: enough to see when something changed, few enough to test every one.
MOST: Final = 168
_SIZES: Final = tuple(
    [60 * minutes for minutes in (1, 2, 5, 10, 15, 20, 30)]
    + [3600 * hours for hours in (1, 2, 3, 4, 6, 8, 12)]
    + [86_400 * days for days in (1, 2, 7, 14, 28)]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Buckets:
    """One period cut into `count` stretches of `size_s` from `origin_s` on (Unix seconds); the last takes the rest."""

    origin_s: int
    size_s: int
    count: int
    end_s: float

    @classmethod
    def of(cls, period: Period, size_s: int) -> Self:
        """Cut a period; a start within a second counts from that second's beginning."""
        origin, end = floor(period.start.timestamp()), period.end.timestamp()
        return cls(origin_s=origin, size_s=size_s, count=max(1, int((end - origin) // size_s)), end_s=end)

    @property
    def edges(self) -> tuple[float, ...]:
        """Where each begins, and the end of the last."""
        return (*(float(self.origin_s + index * self.size_s) for index in range(self.count)), self.end_s)

    @property
    def hours(self) -> tuple[float, ...]:
        """How long each is."""
        return tuple((end - start) / 3600 for start, end in pairwise(self.edges))

    @property
    def starts(self) -> tuple[datetime, ...]:
        """When each begins."""
        return tuple(datetime.fromtimestamp(edge, UTC) for edge in self.edges[:-1])


def size_for(before: Period, after: Period) -> int:
    """Seconds of a bucket: a length people name, the least that leaves no more than so many."""
    seconds = before.seconds + after.seconds
    return next((size for size in _SIZES if seconds / size <= MOST), floor(seconds / MOST) + 1)

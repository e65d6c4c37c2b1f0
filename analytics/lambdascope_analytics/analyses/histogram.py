"""Many measured times in few bins, from which each one's rank can be read. Pure."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from math import ceil
from typing import Self

from lambdascope_analytics.analyses.intervals import Estimate, Interval, quantile_ranks


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """So many values from `least` to `most`."""

    count: int
    least: float
    most: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """Bins that do not overlap, in ascending order.

    A bin of one or two values says exactly what they are; within a larger one values are taken as evenly spread, so
    that with bins of one percent none is off by more than that.
    """

    bins: tuple[Bin, ...]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, bins: Iterable[Bin]) -> Self:
        """From bins in any order."""
        ordered = tuple(sorted(bins, key=lambda each: each.least))
        return cls(bins=ordered, ends=tuple(accumulate(each.count for each in ordered)))

    @property
    def count(self) -> int:
        """How many values."""
        return self.ends[-1] if self.ends else 0

    def ranked(self, rank: int) -> float:
        """The value of a rank, from 1 for the least."""
        index = bisect_left(self.ends, rank)
        found = self.bins[index]
        place = rank - (self.ends[index] - found.count) - 1
        return found.least + (found.most - found.least) * (place / (found.count - 1) if place else 0.0)

    def quantile(self, quantile: float) -> float | None:
        """The interpolated quantile, as DuckDB's quantile_cont and pandas give it; None of nothing."""
        if not self.count:
            return None
        place = (self.count - 1) * quantile
        low = int(place)
        below = self.ranked(low + 1)
        return below if low == place else below + (self.ranked(low + 2) - below) * (place - low)

    def estimate(self, quantile: float, design_effect: float = 1.0) -> Estimate | None:
        """The quantile in its distribution-free interval at 95 %; None where there are too few values for one.

        So many times fewer independent values they are worth: the ranks are those of so few, among all.
        """
        worth = int(self.count / design_effect)
        value, ranks = self.quantile(quantile), quantile_ranks(worth, quantile)
        if value is None or ranks is None:
            return None
        first, last = ranks
        low = self.ranked(max(1, first * self.count // worth))
        high = self.ranked(min(self.count, ceil(last * self.count / worth)))
        return Estimate(value=value, interval=Interval(low=min(low, value), high=max(high, value)))

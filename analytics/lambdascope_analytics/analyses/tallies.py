"""What was counted of one group in each bucket of one period, and the estimates that rest on it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from statistics import mean
from typing import Any, Final

from lambdascope_analytics.analyses.histogram import Histogram
from lambdascope_analytics.analyses.intervals import Moments, moments
from lambdascope_analytics.analyses.shares import Share

CLOCKS: Final = ("total", "handler")
_NOTHING: Final = Histogram(bins=(), ends=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Calls of one bucket; `tried` leaves out those that are the caller's fault. `cost_usd` is of the `priced` ones."""

    calls: int = 0
    tried: int = 0
    failures: int = 0
    priced: int = 0
    cost_usd: Decimal = Decimal(0)
    cost_squares: float = 0.0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            calls=self.calls + other.calls,
            tried=self.tried + other.tried,
            failures=self.failures + other.failures,
            priced=self.priced + other.priced,
            cost_usd=self.cost_usd + other.cost_usd,
            cost_squares=self.cost_squares + other.cost_squares,
        )


def tally_of(row: Mapping[str, Any]) -> Tally:
    """What a row of `changes/buckets` counted."""
    return Tally(
        calls=int(row["calls"]),
        tried=int(row["tried"]),
        failures=int(row["failures"]),
        priced=int(row["priced"]),
        cost_usd=row["cost_usd"] or Decimal(0),
        cost_squares=row["cost_squares"] or 0.0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One group in one of the two periods: a tally and a length for each bucket, and how long calls took."""

    tallies: Sequence[Tally]
    hours: Sequence[float]
    took: Mapping[str, Histogram] = field(default_factory=dict[str, Histogram])

    @property
    def total(self) -> Tally:
        """All buckets together."""
        return sum(self.tallies, Tally())

    @property
    def calls_per_hour(self) -> list[float]:
        """The rate of each bucket."""
        return [tally.calls / hours for tally, hours in zip(self.tallies, self.hours, strict=True)]

    @property
    def cost_per_hour(self) -> list[float]:
        """What each bucket cost in an hour."""
        return [float(tally.cost_usd) / hours for tally, hours in zip(self.tallies, self.hours, strict=True)]

    @property
    def failed(self) -> Share:
        """The share that failed; failures that come together are worth fewer independent ones."""
        total = self.total
        return Share(
            successes=total.failures, n=total.tried, effective_n=total.tried / design_effect(self.tallies) or None
        )

    @property
    def cost(self) -> Moments | None:
        """Of the cost of a call; None for fewer than two that have one."""
        total = self.total
        return moments(total.priced, float(total.cost_usd), total.cost_squares)

    def histogram(self, clock: str) -> Histogram:
        """How long calls took by one clock."""
        return self.took.get(clock, _NOTHING)


def design_effect(tallies: Sequence[Tally]) -> float:
    """How many times larger the variance of the failed share is than if calls failed independently; at least 1.

    The ratio estimator over buckets as clusters: L. Kish, Survey Sampling (1965), sections 5.4 and 6.5.
    """
    used = [tally for tally in tallies if tally.tried]
    n, failures = sum(tally.tried for tally in used), sum(tally.failures for tally in used)
    if len(used) < 2 or failures in {0, n}:
        return 1.0
    share, m = failures / n, len(used)
    spread = sum((tally.failures - share * tally.tried) ** 2 for tally in used) * m / (m - 1)
    return max(1.0, spread / (n * share * (1 - share)))


def autocorrelation(values: Sequence[float]) -> float:
    """How much a value is like the one before it, from 0 to 1; below zero is taken as none."""
    middle = mean(values)
    rest = [value - middle for value in values]
    total = sum(value * value for value in rest)
    return max(0.0, sum(a * b for a, b in pairwise(rest)) / total) if total else 0.0

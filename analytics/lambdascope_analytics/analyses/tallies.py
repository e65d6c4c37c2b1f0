"""What was counted of one group in each bucket of one period, and the ratios that rest on it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from lambdascope_analytics.analyses.histogram import Histogram
from lambdascope_analytics.analyses.intervals import Moments, moments
from lambdascope_analytics.analyses.ratios import Ratio

CLOCKS: Final = ("total", "handler")
# Of fewer, what is not known could be the difference.
LEAST_PRICED: Final = 0.99


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Calls of one bucket; `tried` leaves out those that are the caller's fault. `cost_usd` is of the `priced` ones.

    `executed` are those that ran a function, or may have: each of them has a cost, if not a known one.
    """

    calls: int = 0
    tried: int = 0
    failures: int = 0
    executed: int = 0
    priced: int = 0
    cost_usd: Decimal = Decimal(0)
    cost_squares: float = 0.0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            calls=self.calls + other.calls,
            tried=self.tried + other.tried,
            failures=self.failures + other.failures,
            executed=self.executed + other.executed,
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
        executed=int(row["executed"]),
        priced=int(row["priced"]),
        cost_usd=row["cost_usd"] or Decimal(0),
        cost_squares=row["cost_squares"] or 0.0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """How long calls took by one clock; by quantile, how many of each bucket took longer than that of both sides."""

    times: Histogram = field(default_factory=lambda: Histogram.of(()))
    above: Mapping[float, Ratio] = field(default_factory=dict[float, Ratio])


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One group in one of the two periods: a tally and a length for each bucket, and how long calls took."""

    tallies: Sequence[Tally]
    hours: Sequence[float]
    took: Mapping[str, Took] = field(default_factory=dict[str, Took])

    @property
    def total(self) -> Tally:
        """All buckets together."""
        return sum(self.tallies, Tally())

    @property
    def calls_per_hour(self) -> Ratio:
        """The rate."""
        return Ratio(parts=[float(tally.calls) for tally in self.tallies], wholes=self.hours)

    @property
    def failed(self) -> Ratio:
        """The share that failed."""
        return Ratio(
            parts=[float(tally.failures) for tally in self.tallies],
            wholes=[float(tally.tried) for tally in self.tallies],
        )

    @property
    def cost_per_call(self) -> Ratio:
        """Of the calls that have a cost."""
        return Ratio(
            parts=[float(tally.cost_usd) for tally in self.tallies],
            wholes=[float(tally.priced) for tally in self.tallies],
        )

    @property
    def cost_per_hour(self) -> Ratio | None:
        """With the few calls whose cost is not known at the mean of the others; None where they are not few."""
        total = self.total
        if total.priced < LEAST_PRICED * total.executed:
            return None
        factor = total.executed / total.priced if total.priced else 1.0
        return Ratio(parts=[float(tally.cost_usd) * factor for tally in self.tallies], wholes=self.hours)

    @property
    def cost(self) -> Moments | None:
        """Of the cost of a call; None for fewer than two that have one."""
        total = self.total
        return moments(total.priced, float(total.cost_usd), total.cost_squares)

    def by_clock(self, clock: str) -> Took:
        """How long calls took by one clock."""
        return self.took.get(clock) or Took()

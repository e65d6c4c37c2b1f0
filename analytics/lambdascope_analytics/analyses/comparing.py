"""How a figure of one group differs between two periods, and how sure that is. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from math import sqrt
from typing import Final

from lambdascope_analytics.analyses.intervals import (
    MeanDifference,
    difference_of,
    difference_p,
    holm,
    mean_difference,
    moments,
    welch,
)
from lambdascope_analytics.analyses.shares import share_change
from lambdascope_analytics.analyses.tallies import Side, autocorrelation

SIGNIFICANT: Final = 0.05
LEAST_CALLS: Final = 10
LEAST_BUCKETS: Final = 8
# Prices are known to the twelfth decimal; a mean of them to a few more.
_MONEY: Final = Decimal("1e-15")

Figure = float | Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One figure in both periods: `difference` is after - before, in an interval at 95 %; `ratio` after / before.

    `p` is how probable such a difference is by chance, corrected for all that were tested with it. `verdict`: higher,
    lower, no significant change, or too few calls to say.
    """

    measure: str
    before: Figure | None
    after: Figure | None
    difference: Figure | None
    ratio: float | None
    low: Figure | None
    high: Figure | None
    p: float | None
    verdict: str

    @property
    def is_significant(self) -> bool:
        """Whether it is more than chance."""
        return self.verdict in {"higher", "lower"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    before: float | None
    after: float | None
    change: MeanDifference | None


def compare_sides(before: Side, after: Side) -> list[Change]:
    """Every measure of one group, not yet corrected for their number."""
    return [_change(name, compare(before, after)) for name, compare in MEASURES.items()]


def corrected(changes: Sequence[Change]) -> list[Change]:
    """The same with p-values corrected by Holm's steps for all of them, and the verdicts that follow."""
    tested = [change for change in changes if change.p is not None]
    p_values = iter(holm([change.p for change in tested if change.p is not None]))
    return [_judged(change, next(p_values)) if change.p is not None else change for change in changes]


def _judged(change: Change, p: float) -> Change:
    if p >= SIGNIFICANT or not change.difference:
        return replace(change, p=p, verdict="no significant change")
    return replace(change, p=p, verdict="higher" if change.difference > 0 else "lower")


def _change(measure: str, found: _Compared) -> Change:
    figure: Callable[[float | None], Figure | None] = _money if measure.endswith("_usd") else lambda value: value
    change, before, after = found.change, found.before, found.after
    difference = None if before is None or after is None else after - before
    return Change(
        measure=measure,
        before=figure(before),
        after=figure(after),
        difference=figure(difference),
        ratio=after / before if before and after is not None else None,
        low=figure(change.interval.low) if change else None,
        high=figure(change.interval.high) if change else None,
        p=change.p if change else None,
        verdict="too few calls",
    )


def _money(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(repr(value)).quantize(_MONEY)


def _rate(before: Side, after: Side) -> _Compared:
    totals = [side.total.calls / sum(side.hours) for side in (before, after)]
    enough = before.total.calls + after.total.calls >= LEAST_CALLS
    change = series_change(before.calls_per_hour, after.calls_per_hour) if enough else None
    return _Compared(before=totals[0], after=totals[1], change=change)


def _spending(before: Side, after: Side) -> _Compared:
    costs = [
        float(side.total.cost_usd) / sum(side.hours) if side.total.priced or not side.total.calls else None
        for side in (before, after)
    ]
    enough = None not in costs and before.total.priced + after.total.priced >= LEAST_CALLS
    change = series_change(before.cost_per_hour, after.cost_per_hour) if enough else None
    return _Compared(before=costs[0], after=costs[1], change=change)


def series_change(before: Sequence[float], after: Sequence[float]) -> MeanDifference | None:
    """How far the means of two series of buckets lie apart; None where there are too few.

    Periods of one length are compared bucket by bucket, so that a rhythm of both is no noise: Student's test of the
    differences, whose number is reduced to what they are worth where one is like the one before it (F. W. Zwiers and
    H. von Storch, J. Climate 8 (1995), p. 336). Others are compared by Welch's test.
    """
    if min(len(before), len(after)) < LEAST_BUCKETS:
        return None
    if len(before) != len(after):
        first, second = (moments(len(values), sum(values), sum(v * v for v in values)) for values in (before, after))
        return welch(first, second) if first and second else None
    gaps = [new - old for old, new in zip(before, after, strict=True)]
    found = moments(len(gaps), sum(gaps), sum(gap * gap for gap in gaps))
    if found is None:
        return None
    likeness = autocorrelation(gaps)
    worth = max(3.0, found.n * (1 - likeness) / (1 + likeness))
    return mean_difference(found.mean, sqrt(found.variance / worth), worth - 1)


def _failing(before: Side, after: Side) -> _Compared:
    old, new = before.failed, after.failed
    change = share_change(old, new) if min(old.n, new.n) >= LEAST_CALLS else None
    return _Compared(before=old.value, after=new.value, change=change)


def _cost(before: Side, after: Side) -> _Compared:
    means = [float(side.total.cost_usd) / side.total.priced if side.total.priced else None for side in (before, after)]
    old, new = before.cost, after.cost
    enough = old is not None and new is not None and min(old.n, new.n) >= LEAST_CALLS
    return _Compared(before=means[0], after=means[1], change=welch(old, new) if enough and old and new else None)


def _quantile(clock: str, quantile: float) -> Callable[[Side, Side], _Compared]:
    def compare(before: Side, after: Side) -> _Compared:
        old, new = before.histogram(clock), after.histogram(clock)
        first, second = old.estimate(quantile), new.estimate(quantile)
        change = None
        if first and second:
            interval, difference = difference_of(first, second), second.value - first.value
            change = MeanDifference(difference=difference, interval=interval, p=difference_p(difference, interval))
        return _Compared(before=old.quantile(quantile), after=new.quantile(quantile), change=change)

    return compare


MEASURES: Final[Mapping[str, Callable[[Side, Side], _Compared]]] = {
    "calls_per_hour": _rate,
    "error_rate": _failing,
    "total_p50_ms": _quantile("total", 0.5),
    "total_p95_ms": _quantile("total", 0.95),
    "handler_p50_ms": _quantile("handler", 0.5),
    "handler_p95_ms": _quantile("handler", 0.95),
    "cost_per_call_usd": _cost,
    "cost_per_hour_usd": _spending,
}

"""How a figure of one group differs between two periods, and how sure that is. Pure.

Every interval minds that calls of one bucket are alike and that a bucket is like the one before it; where calls lie in
fewer than eight buckets nothing of that can be seen, and they are taken as independent.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from math import inf, isclose, sqrt
from typing import Final

from lambdascope_analytics.analyses.intervals import (
    Interval,
    MeanDifference,
    estimate_change,
    holm,
    mean_difference,
    welch,
)
from lambdascope_analytics.analyses.ratios import Ratio, difference_error
from lambdascope_analytics.analyses.shares import DesignEffect, Share, design_effect, share_change
from lambdascope_analytics.analyses.tallies import Side, Took

SIGNIFICANT: Final = 0.05
LEAST_CALLS: Final = 10
TOO_FEW: Final = "too few calls"
UNKNOWN_COST: Final = "cost not known"
# Prices are known to the twelfth decimal; a mean of them to a few more.
_MONEY: Final = Decimal("1e-15")

Figure = float | Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One figure in both periods: `difference` is after - before, in an interval at 95 %; `ratio` after / before.

    `p` is how probable such a difference is by chance, corrected for all that were tested with it. `verdict`: higher,
    lower, no significant change, too few calls to say, or cost not known (of too many calls that ran).
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
    unsaid: str = TOO_FEW


def compare_sides(before: Side, after: Side, *, has_rates: bool = True) -> list[Change]:
    """Every measure of one group, not yet corrected for their number; rates only where they mean something."""
    return [
        _change(name, compare(before, after)) for name, compare in MEASURES.items() if has_rates or name not in RATES
    ]


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
        verdict=found.unsaid,
    )


def _money(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(repr(value)).quantize(_MONEY)


def _rate(before: Side, after: Side) -> _Compared:
    enough = before.total.calls + after.total.calls >= LEAST_CALLS
    return _ratios(before.calls_per_hour, after.calls_per_hour, enough=enough)


def _spending(before: Side, after: Side) -> _Compared:
    old, new = before.cost_per_hour, after.cost_per_hour
    if old is None or new is None:
        figures = [None if ratio is None else ratio.value for ratio in (old, new)]
        return _Compared(before=figures[0], after=figures[1], change=None, unsaid=UNKNOWN_COST)
    return _ratios(old, new, enough=before.total.priced + after.total.priced >= LEAST_CALLS)


def _cost(before: Side, after: Side) -> _Compared:
    ratios = before.cost_per_call, after.cost_per_call
    enough = min(before.total.priced, after.total.priced) >= LEAST_CALLS
    found = _ratios(*ratios, enough=enough)
    if found.change is None and enough and before.cost and after.cost:
        return replace(found, change=welch(before.cost, after.cost))
    return found


def _ratios(before: Ratio, after: Ratio, *, enough: bool) -> _Compared:
    old, new = before.value, after.value
    error = difference_error(before, after) if enough else None
    change = None
    if error and old is not None and new is not None:
        # Sums of the same amounts may differ by rounding.
        difference = 0.0 if isclose(old, new, rel_tol=1e-12) else new - old
        change = mean_difference(difference, sqrt(error.variance), error.freedom)
    return _Compared(before=old, after=new, change=change)


def _failing(before: Side, after: Side) -> _Compared:
    old, new = before.failed, after.failed
    change = None
    if min(before.total.tried, after.total.tried) >= LEAST_CALLS:
        effect = design_effect(old, new)
        shares = [
            Share(successes=tally.failures, n=tally.tried, effective_n=tally.tried / effect.factor)
            for tally in (before.total, after.total)
        ]
        change = share_change(*shares, freedom=effect.freedom)
    return _Compared(before=old.value, after=new.value, change=change)


def _quantile(clock: str, quantile: float) -> Callable[[Side, Side], _Compared]:
    def compare(before: Side, after: Side) -> _Compared:
        old, new = before.by_clock(clock), after.by_clock(clock)
        effect = DesignEffect()
        if quantile in old.above and quantile in new.above:
            effect = design_effect(old.above[quantile], new.above[quantile])
        first, second = (took.times.estimate(quantile, effect.factor) for took in (old, new))
        change = estimate_change(first, second, effect.freedom) if first and second else None
        if change is None and all(took.times.estimate(quantile) for took in (old, new)):
            change = _unbounded(old, new, quantile, effect)
        return _Compared(before=old.times.quantile(quantile), after=new.times.quantile(quantile), change=change)

    return compare


def _unbounded(before: Took, after: Took, quantile: float, effect: DesignEffect) -> MeanDifference | None:
    """Where buckets waver too much for an interval: how sure it is that more calls than before are slow.

    By the share of calls above the quantile of both sides, as the test of medians of A. M. Mood has it (Introduction to
    the Theory of Statistics (1950), p. 394).
    """
    sides = [took.above.get(quantile) for took in (before, after)]
    shares = [_share(ratio, effect) for ratio in sides if ratio]
    change = share_change(*shares, freedom=effect.freedom) if len(shares) == len(sides) else None
    return replace(change, interval=Interval(low=-inf, high=inf)) if change else None


def _share(ratio: Ratio, effect: DesignEffect) -> Share:
    n = int(sum(ratio.wholes))
    return Share(successes=int(sum(ratio.parts)), n=n, effective_n=n / effect.factor)


RATES: Final = frozenset({"calls_per_hour", "cost_per_hour_usd"})
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

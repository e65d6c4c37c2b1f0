"""What a forecast rests on: all past days, or where their level changed those since then. Pure.

A change is looked for where the means of the days before and since lie furthest apart in standard errors, once what is
usual on a weekday (the median) is taken off and the outer twentieths of the days are drawn in, so that a few dear days
are no change. It counts if Student's t makes it less probable than one in a hundred, after Bonferroni's correction for
the days it could have been and the stretches searched, with the variance that sums have of days that follow on each
other. The days since are then searched again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import sqrt
from statistics import fmean, median
from typing import Final, Self

from lambdascope_analytics.analyses.forecast_model import LEAST_DAYS, Pattern, known, persistence
from lambdascope_analytics.analyses.intervals import mean_difference

# Fewer days before hold no weekend, fewer since may be a long one.
LEAST_BEFORE: Final = 7
LEAST_SINCE: Final = 4
FALSE_ALARMS: Final = 0.01
TESTED_DAYS: Final = 14
_OUTER: Final = 20
# Of days up to the last one: where a level rose and fell again, neither is clear in all days together.
_WINDOWS: Final = (14, 28)

Costs = Sequence[float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """From `on` on days cost `times` as much as before, compared with the same weekdays; None if they cost nothing.

    `is_shape_kept`: how weekdays relate is still that of the days before.
    """

    on: date
    times: float | None
    is_shape_kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The days a forecast rests on, and the pattern they make; `costs` are those known."""

    pattern: Pattern
    costs: Sequence[float]
    change: Change | None

    @classmethod
    def of(cls, first: date, costs: Costs) -> Self:
        """Find it in what consecutive days cost, of which the first is given; LEAST_DAYS are known."""
        begin = changed_at(first, costs)
        if begin is None:
            return cls(pattern=Pattern.of(first, costs), costs=known(costs), change=None)
        day, since = first + timedelta(days=begin), costs[begin:]
        before, own = Pattern.of(first, costs[:begin]), Pattern.of(day, since)
        times = _times(since, before.expected_of(day, len(since)))
        is_shape_kept = before.is_weekly and not own.is_weekly
        pattern = own if times is None or not is_shape_kept else _at_level(before, first, costs, (begin, times))
        change = Change(on=day, times=times, is_shape_kept=pattern is not own)
        return cls(pattern=pattern, costs=known(since), change=change)


def mean_error_share(first: date, costs: Costs, tested: int = TESTED_DAYS) -> tuple[int, float] | None:
    """How far forecasts of the last days were off, each made from the days before it, as a share of their cost.

    At most so many days, of which there must be three that cost anything.
    """
    actual = {
        number: cost
        for number, cost in enumerate(costs)
        if cost is not None and len(known(costs[:number])) >= LEAST_DAYS
    }
    numbers = [*actual][-tested:]
    total = sum(actual[number] for number in numbers)
    if len(numbers) < LEAST_DAYS or not total > 0:
        return None
    errors = 0.0
    for number in numbers:
        day = first + timedelta(days=number)
        errors += abs(Base.of(first, costs[:number]).pattern.sum_of({day: 1.0}).expected - actual[number])
    return len(numbers), errors / total


def changed_at(first: date, costs: Costs) -> int | None:
    """Which of the days is the first of the present level; None where the level never changed."""
    if not any(cost is not None for cost in costs):
        return None
    usual, parameters = _usual(first, costs)
    gaps = _drawn_in([None if cost is None else cost - each for cost, each in zip(costs, usual, strict=True)])
    windows = [length for length in _WINDOWS if length < len(costs)] + [len(costs)]
    for length in reversed(windows):
        start = len(costs) - length
        split = _split(gaps[start:], parameters, FALSE_ALARMS / len(windows))
        if split is not None:
            begin = start + split
            return begin + (changed_at(first + timedelta(days=begin), costs[begin:]) or 0)
    return None


def _split(gaps: Costs, parameters: int, false_alarms: float) -> int | None:
    """Where the level changed beyond such a chance; None where it did not."""
    places = [number for number, gap in enumerate(gaps) if gap is not None]
    freedom = len(places) - parameters - 1
    if len(places) < LEAST_BEFORE + LEAST_SINCE or freedom < 1:
        return None
    split = _clearest(known(gaps))
    return places[split] if _chance(gaps, places, split, freedom) <= false_alarms else None


def _usual(first: date, costs: Costs) -> tuple[list[float], int]:
    """What is usual on each of the days, and how many figures that took."""
    if not Pattern.of(first, costs).is_weekly:
        return [median(known(costs))] * len(costs), 1
    by_place = [median(known(costs[place::7])) for place in range(7)]
    return [by_place[number % 7] for number in range(len(costs))], 7


def _drawn_in(gaps: Costs) -> list[float | None]:
    ordered = sorted(known(gaps))
    outer = len(ordered) // _OUTER
    low, high = ordered[outer], ordered[-1 - outer]
    return [None if gap is None else min(max(gap, low), high) for gap in gaps]


def _clearest(gaps: Sequence[float]) -> int:
    """How many days lie before the split whose sides have means furthest apart, in standard errors."""
    total, before = sum(gaps), sum(gaps[: LEAST_BEFORE - 1])
    clearness: dict[int, float] = {}
    for split in range(LEAST_BEFORE, len(gaps) - LEAST_SINCE + 1):
        before += gaps[split - 1]
        since = len(gaps) - split
        clearness[split] = ((total - before) / since - before / split) ** 2 * split * since
    return max(clearness, key=lambda split: clearness[split])


def _chance(gaps: Costs, places: Sequence[int], split: int, freedom: int) -> float:
    """How probable it is that some split is as clear if nothing changed."""
    begin, those = places[split], known(gaps)
    levels = fmean(those[:split]), fmean(those[split:])
    rest = [None if gap is None else gap - levels[number >= begin] for number, gap in enumerate(gaps)]
    variance = sum(each * each for each in known(rest)) / freedom * persistence(rest)
    error = sqrt(variance * (1 / split + 1 / (len(those) - split)))
    splits = len(those) - LEAST_BEFORE - LEAST_SINCE + 1
    return splits * mean_difference(levels[1] - levels[0], error, freedom).p


def _times(since: Costs, usual: Sequence[float]) -> float | None:
    pairs = [(cost, each) for cost, each in zip(since, usual, strict=True) if cost is not None]
    before = sum(each for _, each in pairs)
    return sum(cost for cost, _ in pairs) / before if before > 0 else None


def _at_level(before: Pattern, first: date, costs: Costs, change: tuple[int, float]) -> Pattern:
    """The weekdays of `before` at the level of the days since, which alone say how far days vary."""
    begin, times = change
    usual = [times * each for each in before.expected_of(first, len(costs))]
    levelled = [cost if cost is None or number >= begin else cost * times for number, cost in enumerate(costs)]
    gaps = [None if cost is None else cost - each for cost, each in zip(levelled, usual, strict=True)]
    since, total = known(gaps[begin:]), sum(known(costs[begin:]))
    variance = sum(gap * gap for gap in since) / (len(since) - 1) * persistence(gaps)
    return replace(
        before,
        means={day: times * mean for day, mean in before.means.items()},
        variance=variance,
        freedom=len(since) - 1,
        level_error=variance * len(since) / total**2 if total else 0.0,
    )

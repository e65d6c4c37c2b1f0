"""Forecasts a sum of days from past days, with the error it may have. Pure.

Each weekday has a mean of its own where there are three weeks or more, else all days have one. Days are taken to vary
independently around their mean, with one variance; where one day's error follows on the last one's, that is allowed for
as for a first-order autoregression, which has (1 + r) / (1 - r) times the variance in its sums.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import inf, sqrt
from typing import Final, Self

from lambdascope_analytics.analyses.intervals import student_p, student_quantile

LEAST_DAYS: Final = 3
WEEKLY_SINCE: Final = 21
_WEEK: Final = 7
_MOST_CORRELATION: Final = 0.9
TESTED_DAYS: Final = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """What some days will come to, in dollars; `error` is its standard error."""

    expected: float
    error: float
    freedom: int

    def interval(self, confidence: float) -> tuple[float, float]:
        """Between what it lies with such a chance."""
        reach = student_quantile(self.freedom, confidence) * self.error
        return self.expected - reach, self.expected + reach

    def chance_above(self, amount: float) -> float:
        """How probable it is that they come to more."""
        if self.error == 0:
            return float(self.expected > amount)
        t = (amount - self.expected) / self.error
        beyond = student_p(abs(t), self.freedom) / 2
        return beyond if t > 0 else 1 - beyond


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """Means of past days: by weekday, or one for all of them under every weekday; `counts` are the days behind each."""

    is_weekly: bool
    means: Mapping[int, float]
    counts: Mapping[int, int]
    variance: float
    freedom: int

    @classmethod
    def of(cls, first: date, costs: Sequence[float]) -> Self:
        """Read it from what consecutive days cost, of which the first is given; there are at least two."""
        is_weekly = len(costs) >= WEEKLY_SINCE
        weekdays = [(first.weekday() + number) % _WEEK for number in range(len(costs))]
        members = {day: _of_weekday(day, weekdays, costs) if is_weekly else list(costs) for day in range(_WEEK)}
        means = {day: sum(those) / len(those) for day, those in members.items()}
        errors = [cost - means[day] for day, cost in zip(weekdays, costs, strict=True)]
        freedom = len(costs) - (_WEEK if is_weekly else 1)
        variance = sum(error * error for error in errors) / freedom
        return cls(
            is_weekly=is_weekly,
            means=means,
            counts={day: len(those) for day, those in members.items()},
            variance=variance * (_persistence(errors) if is_weekly else 1.0),
            freedom=freedom,
        )

    def sum_of(self, days: Mapping[date, float]) -> Sum:
        """What so much of each of these days will come to; 0.5 is half of one."""
        weights: dict[int, float] = {}
        for day, part in days.items():
            # Of one mean for all days the error is the same one on all of them.
            of = day.weekday() if self.is_weekly else 0
            weights[of] = weights.get(of, 0.0) + part
        expected = sum(self.means[day] * weight for day, weight in weights.items())
        unexplained = sum(days.values()) + sum(weight**2 / self.counts[day] for day, weight in weights.items())
        return Sum(expected=expected, error=sqrt(self.variance * unexplained), freedom=self.freedom)


def mean_error_share(first: date, costs: Sequence[float], tested: int = TESTED_DAYS) -> tuple[int, float] | None:
    """How far forecasts of the last days were off, each made from the days before it, as a share of their cost.

    At most so many days, of which there must be three that cost anything.
    """
    numbers = range(max(LEAST_DAYS, len(costs) - tested), len(costs))
    actual = sum(costs[number] for number in numbers)
    if len(numbers) < LEAST_DAYS or not actual > 0:
        return None
    errors = 0.0
    for number in numbers:
        day = first + timedelta(days=number)
        errors += abs(Pattern.of(first, costs[:number]).sum_of({day: 1.0}).expected - costs[number])
    return len(numbers), errors / actual


def _of_weekday(day: int, weekdays: Sequence[int], costs: Sequence[float]) -> list[float]:
    return [cost for weekday, cost in zip(weekdays, costs, strict=True) if weekday == day]


def _persistence(errors: Sequence[float]) -> float:
    """How much more sums vary than those of independent days; never less, for that would be wishful."""
    squares = sum(error * error for error in errors)
    if not 0 < squares < inf:
        return 1.0
    follows = sum(one * next_one for one, next_one in pairwise(errors)) / squares
    r = min(max(follows, 0.0), _MOST_CORRELATION)
    return (1 + r) / (1 - r)

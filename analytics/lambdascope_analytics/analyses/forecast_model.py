"""Forecasts a sum of days from past days, with the error it may have. Pure.

Each weekday has a mean of its own where each is known three times or more, else all days have one. Days are taken to
vary independently around their mean, with one variance; where one day's error follows on the last one's, that is
allowed for as for a first-order autoregression, which has (1 + r) / (1 - r) times the variance in its sums. Days whose
cost is not known (None) are left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import inf, sqrt
from typing import Final, Self

from lambdascope_analytics.analyses.intervals import student_p, student_quantile

LEAST_DAYS: Final = 3
LEAST_OF_WEEKDAY: Final = 3
_WEEK: Final = 7
_MOST_CORRELATION: Final = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """What some days will come to, in dollars; `error` is its standard error."""

    expected: float
    error: float
    freedom: int

    def interval(self, confidence: float) -> tuple[float, float] | None:
        """Between what it lies with such a chance; None where past days did not differ, which makes nothing certain."""
        if self.error == 0:
            return None
        reach = student_quantile(self.freedom, confidence) * self.error
        return self.expected - reach, self.expected + reach

    def chance_above(self, amount: float) -> float | None:
        """How probable it is that they come to more; None under the same condition."""
        if self.error == 0:
            return None
        t = (amount - self.expected) / self.error
        beyond = student_p(abs(t), self.freedom) / 2
        return beyond if t > 0 else 1 - beyond


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """Means of past days: by weekday, or one for all of them under every weekday; `counts` are the days behind each.

    `level_error` is the squared error that all means have in common, as a share of them squared.
    """

    is_weekly: bool
    means: Mapping[int, float]
    counts: Mapping[int, int]
    variance: float
    freedom: int
    level_error: float = 0.0

    @classmethod
    def of(cls, first: date, costs: Sequence[float | None]) -> Self:
        """Read it from what consecutive days cost, of which the first is given; at least two are known."""
        weekdays = [(first.weekday() + number) % _WEEK for number in range(len(costs))]
        members = {day: known(costs[number] for number in _places(day, weekdays)) for day in range(_WEEK)}
        is_weekly = all(len(those) >= LEAST_OF_WEEKDAY for those in members.values())
        members = members if is_weekly else dict.fromkeys(range(_WEEK), known(costs))
        means = {day: _mean(those) for day, those in members.items()}
        errors = [None if cost is None else cost - means[day] for day, cost in zip(weekdays, costs, strict=True)]
        freedom = len(known(costs)) - (_WEEK if is_weekly else 1)
        variance = sum(error * error for error in known(errors)) / freedom
        return cls(
            is_weekly=is_weekly,
            means=means,
            counts={day: len(those) for day, those in members.items()},
            variance=variance * (persistence(errors) if is_weekly else 1.0),
            freedom=freedom,
        )

    def expected_of(self, first: date, count: int) -> list[float]:
        """What so many consecutive days from the first one on would each cost."""
        return [self.means[(first.weekday() + number) % _WEEK] for number in range(count)]

    def sum_of(self, days: Mapping[date, float]) -> Sum:
        """What so much of each of these days will come to; 0.5 is half of one."""
        weights: dict[int, float] = {}
        for day, part in days.items():
            # Of one mean for all days the error is the same one on all of them.
            of = day.weekday() if self.is_weekly else 0
            weights[of] = weights.get(of, 0.0) + part
        expected = sum(self.means[day] * weight for day, weight in weights.items())
        unexplained = sum(days.values()) + sum(weight**2 / self.counts[day] for day, weight in weights.items())
        squared = self.variance * unexplained + self.level_error * expected**2
        return Sum(expected=expected, error=sqrt(squared), freedom=self.freedom)


def known(values: Iterable[float | None]) -> list[float]:
    """Those that are."""
    return [value for value in values if value is not None]


def _places(weekday: int, weekdays: Sequence[int]) -> list[int]:
    return [number for number, each in enumerate(weekdays) if each == weekday]


def _mean(values: Sequence[float]) -> float:
    # A mean lies between its values, which rounding may forget: then days that are alike would differ a little.
    return min(max(sum(values) / len(values), min(values)), max(values))


def persistence(errors: Sequence[float | None]) -> float:
    """How much more sums vary than those of independent days; never less, for that would be wishful."""
    squares = sum(error * error for error in known(errors))
    if not 0 < squares < inf:
        return 1.0
    pairs = [(one, after) for one, after in pairwise(errors) if one is not None and after is not None]
    r = min(max(sum(one * after for one, after in pairs) / squares, 0.0), _MOST_CORRELATION)
    return (1 + r) / (1 - r)

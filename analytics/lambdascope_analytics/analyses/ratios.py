"""Ratios of two sums over buckets, such as failures to calls, and how sure the difference of two of them is. Pure.

Calls of one bucket are alike, and so are buckets that follow each other: a slow hour is one event, not a hundred slow
calls. So the error is taken from how buckets waver, by the ratio estimator with buckets as clusters (L. Kish, Survey
Sampling (1965), section 6.5), whose number is reduced to what they are worth where one is like the one before it
(F. W. Zwiers and H. von Storch, J. Climate 8 (1995), p. 336).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean
from typing import Final

from lambdascope_analytics.analyses.change_points import clearest

LEAST_BUCKETS: Final = 8
# So many independent buckets are left however alike they are; fewer would let nothing ever be told.
_LEAST_WORTH: Final = 3.0
_CORRECTION: Final = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """The sum of `parts` to the sum of `wholes`, of which each bucket has one."""

    parts: Sequence[float]
    wholes: Sequence[float]

    @property
    def value(self) -> float | None:
        """The ratio; None of nothing."""
        whole = sum(self.wholes)
        return sum(self.parts) / whole if whole else None

    @property
    def pulls(self) -> list[float]:
        """How far each bucket moves the ratio from where the others have it; together zero."""
        value, whole = self.value or 0.0, sum(self.wholes)
        return [(part - value * of) / whole for part, of in zip(self.parts, self.wholes, strict=True)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Error:
    """The variance of an estimate, and the degrees of freedom it is known with."""

    variance: float
    freedom: float


def difference_error(before: Ratio, after: Ratio) -> Error | None:
    """The error of the difference of two ratios; None where too few buckets have anything in them.

    Periods of as many buckets are compared bucket by bucket, so that a rhythm of both is no noise.
    """
    if not sum(before.wholes) or not sum(after.wholes):
        return None
    old, new = before.pulls, after.pulls
    if len(old) == len(new):
        used = [old_of or new_of for old_of, new_of in zip(before.wholes, after.wholes, strict=True)]
        gaps = [second - first for first, second in zip(old, new, strict=True)]
        return _error([gap for gap, is_used in zip(gaps, used, strict=True) if is_used])
    one = _error([pull for pull, whole in zip(old, before.wholes, strict=True) if whole])
    other = _error([pull for pull, whole in zip(new, after.wholes, strict=True) if whole])
    return None if one is None or other is None else _together(one, other)


def _error(pulls: Sequence[float]) -> Error | None:
    """Of the sum of values that follow each other."""
    n = len(pulls)
    if n < LEAST_BUCKETS:
        return None
    alike = likeness(pulls)
    worth = max(_LEAST_WORTH, n * (1 - alike) / (1 + alike))
    middle = fmean(pulls)
    variance = sum((pull - middle) ** 2 for pull in pulls) / (n - 1)
    return Error(variance=n * variance * n / worth, freedom=worth - 1)


def _together(one: Error, other: Error) -> Error:
    """Of the difference of two, with Satterthwaite's degrees of freedom."""
    total = one.variance + other.variance
    parts = one.variance**2 / one.freedom + other.variance**2 / other.freedom
    return Error(variance=total, freedom=total**2 / parts if parts else one.freedom + other.freedom)


def likeness(values: Sequence[float]) -> float:
    """How much a value is like the one before it, from 0 to 1; below zero is taken as none.

    It is measured around the two levels that fit the series best: that its level changed once is what is looked for and
    makes no values alike. A short series shows less likeness than there is (F. H. C. Marriott and J. A. Pope,
    Biometrika 41 (1954), p. 390), and still less with two levels taken away: three times the correction for a mean
    makes up for it, as simulations of series alike by up to 0.8 showed.
    """
    n = len(values)
    split = clearest(values)[0] or n
    levels = [(fmean(side), side) for side in (values[:split], values[split:]) if side]
    rest = [value - level for level, side in levels for value in side]
    total = sum(value * value for value in rest)
    if not total:
        return 0.0
    seen = sum(a * b for a, b in pairwise(rest)) / total
    correction = min(_CORRECTION, n / LEAST_BUCKETS)
    return min(1.0, max(0.0, (n * seen + correction) / (n - 4 * correction)))

"""Ratios of two sums over buckets, such as failures to calls, and how sure the difference of two of them is. Pure.

Calls of one bucket are alike, and so are buckets that follow each other: a slow hour is one event, not a hundred slow
calls. So the error is taken from how buckets waver, by the ratio estimator with buckets as clusters (L. Kish, Survey
Sampling (1965), section 6.5), whose number is reduced to what they are worth where one is like the one before it
(F. W. Zwiers and H. von Storch, J. Climate 8 (1995), p. 336).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress, pairwise
from math import isclose
from statistics import fmean
from typing import Final

from lambdascope_analytics.analyses.change_points import clearest

LEAST_BUCKETS: Final = 8
# So many independent buckets are left however alike they are; fewer would let nothing ever be told.
_LEAST_WORTH: Final = 3.0
_CORRECTION: Final = 3.0
_ROUNDING: Final = 1e-12


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
        return self.pulls_around(0)

    def pulls_around(self, split: int) -> list[float]:
        """The same around two levels, that of the buckets before a place and that of the others.

        Buckets of a level do not pull, however many calls each has: the rhythm of these is no likeness.
        """
        whole = sum(self.wholes)
        sides = ((self.parts[:split], self.wholes[:split]), (self.parts[split:], self.wholes[split:]))
        return [
            # What rounding leaves of nothing would be alike from bucket to bucket.
            0.0 if isclose(part, level * of, rel_tol=_ROUNDING) else (part - level * of) / whole
            for parts, wholes in sides
            for level in [sum(parts) / (sum(wholes) or 1.0)]
            for part, of in zip(parts, wholes, strict=True)
        ]

    def where(self, used: Sequence[object]) -> "Ratio":
        """That of some buckets."""
        return Ratio(parts=[*compress(self.parts, used)], wholes=[*compress(self.wholes, used)])

    def upto(self, count: int) -> "Ratio":
        """The same with buckets of nothing at the end, so that there are so many."""
        more = [0.0] * (count - len(self.wholes))
        return Ratio(parts=[*self.parts, *more], wholes=[*self.wholes, *more])


@dataclass(frozen=True, slots=True, kw_only=True)
class Error:
    """The variance of an estimate, and the degrees of freedom it is known with."""

    variance: float
    freedom: float


def difference_error(before: Ratio, after: Ratio) -> Error | None:
    """The error of the difference of two ratios; None where too few buckets have anything in them.

    Periods of as many buckets, but for one that lies at an end, are compared bucket by bucket, so that a rhythm of both
    is no noise.
    """
    if not sum(before.wholes) or not sum(after.wholes):
        return None
    lengths = len(before.wholes), len(after.wholes)
    if abs(lengths[0] - lengths[1]) <= 1:
        old, new = (ratio.upto(max(lengths)) for ratio in (before, after))
        used = [one or other for one, other in zip(old.wholes, new.wholes, strict=True)]
        return _error(new.where(used), old.where(used))
    one, other = (_error(ratio.where(ratio.wholes)) for ratio in (before, after))
    return None if one is None or other is None else _together(one, other)


def _error(ratio: Ratio, less: Ratio | None = None) -> Error | None:
    """Of a ratio, or of how much larger it is than another one of the same buckets."""
    n = len(ratio.wholes)
    if n < LEAST_BUCKETS:
        return None
    pulls = _gaps(ratio, less, 0)
    alike = likeness(_gaps(ratio, less, clearest(pulls)[0]))
    worth = max(_LEAST_WORTH, n * (1 - alike) / (1 + alike))
    middle = fmean(pulls)
    variance = sum((pull - middle) ** 2 for pull in pulls) / (n - 1)
    return Error(variance=n * variance * n / worth, freedom=worth - 1)


def _gaps(ratio: Ratio, less: Ratio | None, split: int) -> list[float]:
    pulls = ratio.pulls_around(split)
    if less is None:
        return pulls
    return [pull - other for pull, other in zip(pulls, less.pulls_around(split), strict=True)]


def _together(one: Error, other: Error) -> Error:
    """Of the difference of two, with Satterthwaite's degrees of freedom."""
    total = one.variance + other.variance
    parts = one.variance**2 / one.freedom + other.variance**2 / other.freedom
    return Error(variance=total, freedom=total**2 / parts if parts else one.freedom + other.freedom)


def likeness(rest: Sequence[float]) -> float:
    """How much a value is like the one before it, from 0 to 1; below zero is taken as none.

    The values are what is left around the two levels that fit a series best: that its level changed once is what is
    looked for and makes no values alike. A short series shows less likeness than there is (F. H. C. Marriott and J. A.
    Pope, Biometrika 41 (1954), p. 390), and still less with two levels taken away: three times the correction for a
    mean makes up for it, as simulations of series alike by up to 0.8 showed.
    """
    n, total = len(rest), sum(value * value for value in rest)
    if not total:
        return 0.0
    seen = sum(a * b for a, b in pairwise(rest)) / total
    correction = min(_CORRECTION, n / LEAST_BUCKETS)
    return min(1.0, max(0.0, (n * seen + correction) / (n - 4 * correction)))

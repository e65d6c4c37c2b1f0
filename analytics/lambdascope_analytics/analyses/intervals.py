"""How sure a figure and a difference of two figures are: confidence intervals and p-values. Pure."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from math import ceil, exp, floor, inf, lgamma, log, pi, sqrt
from statistics import NormalDist
from typing import Final

CONFIDENCE: Final = 0.95
_NORMAL: Final = NormalDist()
# Of the continued fraction: 1e-14 is reached within 200 terms for every number of degrees of freedom.
_MOST_TERMS: Final = 10_000
_PRECISE: Final = 1e-14
# Of Newton's method: nine are enough for a single degree of freedom.
_MOST_STEPS: Final = 50
_EXACT_BINOMIAL: Final = 10_000
_TINY: Final = 1e-300
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """From `low` to `high`, both included."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Whether `value` is in it."""
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure and the interval around it; the figure is in its interval."""

    value: float
    interval: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """What the mean of `n` values and its error are computed from: their mean and their sample variance."""

    n: int
    mean: float
    variance: float

    @property
    def error(self) -> float:
        """Standard error of the mean, squared."""
        return self.variance / self.n


def normal_quantile(confidence: float = CONFIDENCE) -> float:
    """How many standard deviations a two-sided interval reaches: 1.96 for 95 %."""
    return _NORMAL.inv_cdf((1 + confidence) / 2)


def wilson(successes: float, n: float, confidence: float = CONFIDENCE) -> Interval | None:
    """The interval of a share of `n`; None without any. `n` may be an effective number, smaller than the real one.

    Wilson's score interval: E. B. Wilson, J. Am. Stat. Assoc. 22 (1927), p. 209; advised for any n by Brown, Cai and
    DasGupta, Stat. Sci. 16 (2001), p. 101.
    """
    if n <= 0:
        return None
    z, share = normal_quantile(confidence), successes / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    # Rounding must not leave the share itself outside.
    return Interval(low=max(0.0, min(middle - reach, share)), high=min(1.0, max(middle + reach, share)))


def difference_of(before: Estimate, after: Estimate) -> Interval:
    """The interval of after - before, from the intervals of the two (each at the same confidence).

    MOVER, the method of variance estimates recovery: G. Y. Zou and A. Donner, Stat. Med. 27 (2008), p. 1693. With
    Wilson's intervals it is method 10 of R. G. Newcombe, Stat. Med. 17 (1998), p. 873.
    """
    difference = after.value - before.value
    down = sqrt((after.value - after.interval.low) ** 2 + (before.interval.high - before.value) ** 2)
    up = sqrt((after.interval.high - after.value) ** 2 + (before.value - before.interval.low) ** 2)
    return Interval(low=difference - down, high=difference + up)


def difference_p(
    difference: float, interval: Interval, *, freedom: float = inf, confidence: float = CONFIDENCE
) -> float:
    """How probable a difference at least as large is if there were none, two-sided, from its interval.

    The side of the interval that faces zero stands for the error there, which has Student's distribution with so many
    degrees of freedom.
    """
    reach = difference - interval.low if difference > 0 else interval.high - difference
    if difference == 0:
        return 1.0
    return 0.0 if reach <= 0 else student_p(student_quantile(freedom, confidence) * abs(difference) / reach, freedom)


def normal_p(z: float) -> float:
    """How probable it is that a standard normal variable lies at least this far from zero."""
    return 2 * _NORMAL.cdf(-abs(z))


def quantile_ranks(n: int, quantile: float, confidence: float = CONFIDENCE) -> tuple[int, int] | None:
    """Which of `n` sorted values (the first is 1) bound the interval of a quantile; None where n is too small for it.

    Distribution-free: as many values lie below a quantile as a binomial variable says. H. A. David and H. N. Nagaraja,
    Order Statistics, 3rd ed. (2003), section 7.1. For many values the binomial is taken as normal.
    """
    tail = (1 - confidence) / 2
    if n > _EXACT_BINOMIAL:
        reach = normal_quantile(confidence) * sqrt(n * quantile * (1 - quantile)) + 0.5
        low, high = floor(n * quantile - reach), ceil(n * quantile + reach) + 1
    else:
        low = bisect_right(range(1, n + 1), tail, key=lambda rank: 1 - _at_least(rank, n, quantile))
        high = 1 + bisect_left(range(1, n + 1), -tail, key=lambda rank: -_at_least(rank, n, quantile))
    return (low, high) if low >= 1 and high <= n else None


def _at_least(successes: int, n: int, share: float) -> float:
    """How probable so many successes, or more, of `n` are: DLMF 8.17.5."""
    return _beta_share(share, successes, n - successes + 1)


def moments(n: int, total: float, squares: float) -> Moments | None:
    """Mean and sample variance from a sum and a sum of squares; None for fewer than two values."""
    if n < 2:
        return None
    mean = total / n
    # What rounding leaves below zero is zero.
    return Moments(n=n, mean=mean, variance=max(0.0, (squares - n * mean * mean) / (n - 1)))


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanDifference:
    """How far two means lie apart: the interval of after - before, and how probable it is that there is nothing."""

    difference: float
    interval: Interval
    p: float


def estimate_change(before: Estimate, after: Estimate, freedom: float = inf) -> MeanDifference:
    """Compare two figures by their intervals, which were made for so many degrees of freedom."""
    interval, difference = difference_of(before, after), after.value - before.value
    p = difference_p(difference, interval, freedom=freedom)
    return MeanDifference(difference=difference, interval=interval, p=p)


def welch(before: Moments, after: Moments, confidence: float = CONFIDENCE) -> MeanDifference:
    """Compare two means whose variances differ.

    B. L. Welch, Biometrika 34 (1947), p. 28, with Satterthwaite's degrees of freedom.
    """
    error = before.error + after.error
    parts = before.error**2 / (before.n - 1) + after.error**2 / (after.n - 1)
    freedom = error**2 / parts if parts else before.n + after.n - 2.0
    return mean_difference(after.mean - before.mean, sqrt(error), freedom, confidence)


def mean_difference(difference: float, error: float, freedom: float, confidence: float = CONFIDENCE) -> MeanDifference:
    """The interval and p-value of a difference whose standard error has Student's distribution.

    Where nothing varies but by rounding, the difference is as sure as that so many signs do not all fall one way.
    """
    reach = student_quantile(freedom, confidence) * error
    if error > _ROUNDING * abs(difference):
        p = student_p(difference / error, freedom)
    else:
        p = 0.5**freedom if difference else 1.0
    return MeanDifference(
        difference=difference, interval=Interval(low=difference - reach, high=difference + reach), p=p
    )


def student_p(t: float, freedom: float) -> float:
    """How probable it is that Student's t lies at least this far from zero.

    NIST Digital Library of Mathematical Functions, 8.17, by the regularised incomplete beta function.
    """
    if freedom == inf:
        return normal_p(t)
    return _beta_share(freedom / (freedom + t * t), freedom / 2, 0.5)


def student_quantile(freedom: float, confidence: float = CONFIDENCE) -> float:
    """How many standard errors a two-sided interval reaches: 1.96 for 95 % and very many degrees of freedom.

    By Newton's method: from the normal quantile, which lies below, no step leads beyond what is looked for.
    """
    reach = normal_quantile(confidence)
    if freedom == inf:
        return reach
    peak = exp(lgamma((freedom + 1) / 2) - lgamma(freedom / 2)) / sqrt(freedom * pi)
    for _ in range(_MOST_STEPS):
        density = peak * (1 + reach * reach / freedom) ** (-(freedom + 1) / 2)
        step = (student_p(reach, freedom) - (1 - confidence)) / (2 * density)
        reach += step
        if step <= 1e-12 * reach:
            break
    return reach


def holm(p_values: list[float]) -> list[float]:
    """p-values corrected for their number: below 5 % for any that is nothing in at most 5 % of such families.

    S. Holm, Scand. J. Stat. 6 (1979), p. 65, as adjusted values; it needs no assumption about how they depend.
    """
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    adjusted, least = [1.0] * len(p_values), 0.0
    for place, index in enumerate(order):
        least = max(least, min(1.0, p_values[index] * (len(order) - place)))
        adjusted[index] = least
    return adjusted


def _beta_share(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b), DLMF 8.17.1; the fraction converges fast below the mean."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta_share(1 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(1 - x))
    return front / a / _fraction(x, a, b)


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of DLMF 8.17.22, by the modified method of Lentz (DLMF 3.10(iii))."""
    value, upper, lower = 1.0, 1.0, 0.0
    for term in range(1, _MOST_TERMS):
        m = term // 2
        if term % 2:
            step = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            step = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        lower = 1 / (1 + step * lower or _TINY)
        upper = 1 + step / upper or _TINY
        value *= upper * lower
        if abs(upper * lower - 1) < _PRECISE:
            break
    return value

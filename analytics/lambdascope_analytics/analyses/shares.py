"""Shares of calls, such as those that failed, and how far two of them lie apart. Pure."""

from dataclasses import dataclass
from math import inf

from lambdascope_analytics.analyses.intervals import (
    Estimate,
    Interval,
    MeanDifference,
    estimate_change,
    normal_quantile,
    student_quantile,
    wilson,
)
from lambdascope_analytics.analyses.ratios import Ratio, difference_error


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """So many of `n`; `effective_n` is how many independent ones they are worth, where that is known to be fewer."""

    successes: int
    n: int
    effective_n: float | None = None

    @property
    def value(self) -> float | None:
        """The share; None of nothing."""
        return self.successes / self.n if self.n else None

    @property
    def interval(self) -> Interval | None:
        """Wilson's interval at 95 %."""
        if not self.n:
            return None
        worth = self.n if self.effective_n is None else self.effective_n
        return wilson(self.successes / self.n * worth, worth)

    @property
    def estimate(self) -> Estimate | None:
        """Both."""
        value, interval = self.value, self.interval
        return None if value is None or interval is None else Estimate(value=value, interval=interval)


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignEffect:
    """How many times larger an error squared is than that of independent calls, and its degrees of freedom."""

    factor: float = 1.0
    freedom: float = inf


def design_effect(before: Ratio, after: Ratio) -> DesignEffect:
    """Of the difference of two shares; never below 1, and 1 where too few buckets have calls.

    What Student's distribution reaches beyond the normal one is part of it: L. Kish, Survey Sampling (1965),
    section 5.4.
    """
    error = difference_error(before, after)
    independent = sum(_variance(ratio) for ratio in (before, after))
    if error is None or not independent:
        return DesignEffect()
    beyond = student_quantile(error.freedom) / normal_quantile()
    factor = error.variance / independent * beyond**2
    return DesignEffect(factor=factor, freedom=error.freedom) if factor > 1 else DesignEffect()


def _variance(ratio: Ratio) -> float:
    share, n = ratio.value or 0.0, sum(ratio.wholes)
    return share * (1 - share) / n if n else 0.0


def share_change(before: Share, after: Share, *, freedom: float = inf) -> MeanDifference | None:
    """How far two shares lie apart, by Newcombe's interval; None where one of them is of nothing."""
    old, new = before.estimate, after.estimate
    return None if old is None or new is None else estimate_change(old, new, freedom)

"""Shares of calls, such as those that failed, and how far two of them lie apart. Pure."""

from dataclasses import dataclass

from lambdascope_analytics.analyses.intervals import (
    Estimate,
    Interval,
    MeanDifference,
    difference_of,
    difference_p,
    wilson,
)


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


def share_change(before: Share, after: Share) -> MeanDifference | None:
    """How far two shares lie apart, by Newcombe's interval; None where one of them is of nothing."""
    old, new = before.estimate, after.estimate
    if old is None or new is None:
        return None
    interval, difference = difference_of(old, new), new.value - old.value
    return MeanDifference(difference=difference, interval=interval, p=difference_p(difference, interval))

"""How much may be spent: an amount that grows again evenly, up to what may be spent at once. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

_DAY_S: Final = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What has been used up and has not grown again at a time."""

    amount: float
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """So much grows again in a day and so much may be spent at once; one spending more than that waits for all of it.

    Whatever is asked for, no more is spent in a day than both together and the overdraft of one spending.
    """

    a_day: float
    at_once: float

    def used(self, used: Used | None, now: datetime) -> float:
        """What is left of what was used. A clock that was set back lets nothing grow."""
        if used is None:
            return 0.0
        grown = max(0.0, (now - used.at).total_seconds()) / _DAY_S * self.a_day
        return max(0.0, used.amount - grown)

    def allows(self, amount: float, used: Used | None, now: datetime) -> bool:
        """Whether so much may be spent now."""
        return self.used(used, now) + min(amount, self.at_once) <= self.at_once

    def spend(self, amount: float, used: Used | None, now: datetime) -> Used:
        """What is used up when so much more is; less, if the amount is negative."""
        return Used(amount=max(0.0, self.used(used, now) + amount), at=now)

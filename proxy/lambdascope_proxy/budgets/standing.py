"""Where a budget stands: what is left of it, in figures and in words. Pure."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from lambdascope_proxy.budgets.budget import OF_WHAT, Budget, Unit
from lambdascope_proxy.budgets.purse import Purse
from lambdascope_proxy.budgets.spending import Spent

# The key of `_meta`.
META: Final = "dev.lambdascope/budget"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A budget, the purse that it limits, and what was paid from that. `is_whole` unless only this process's calls
    could be counted, as the history that has those of others was not read."""

    budget: Budget
    purse: Purse
    spent: Spent
    warn_share: Decimal
    is_whole: bool = True

    @property
    def used(self) -> Decimal:
        """What counts against the budget."""
        return self.budget.used(self.spent)

    @property
    def left(self) -> Decimal:
        """What may still be spent; calls in flight can take it below nothing, which is told as nothing."""
        return max(Decimal(0), self.budget.limit - self.used)

    @property
    def is_spent(self) -> bool:
        """Whether nothing is left."""
        return self.used >= self.budget.limit

    @property
    def is_near(self) -> bool:
        """Whether it is time to warn."""
        return self.used >= self.budget.limit * self.warn_share

    def as_data(self) -> dict[str, Any]:
        """For `_meta`: dollars as text, seconds as numbers."""
        show = _dollars if self.budget.unit is Unit.USD else float
        unpriced = self.budget.unit is Unit.USD and self.spent.unpriced
        return {
            "limit": show(self.budget.limit),
            "spent": show(self.used),
            "left": show(self.left),
            **({"unpriced_calls": self.spent.unpriced} if unpriced else {}),
            **({"since": _utc(self.purse.since)} if self.purse.since else {}),
            **({"begins_anew": _utc(self.purse.until)} if self.purse.until else {}),
            **({"warning": f"{self.in_words()} {self.next_step()}"} if self.is_near else {}),
            **({} if self.is_whole else {"counts": "this process only"}),
        }

    def in_words(self) -> str:
        """What was spent of what, since when."""
        since = f" since {_utc(self.purse.since)}" if self.purse.since else ""
        budget = f"{self._amount(self.budget.limit)} for {OF_WHAT[self.budget.scope]} ({self.budget.setting})"
        return f"{self._amount(self.used)} of {budget} is spent{since}.{self._unpriced()}"

    def next_step(self) -> str:
        """When it begins anew, and who can change it."""
        when = f"at {_utc(self.purse.until)}" if self.purse.until else "with a new session"
        return f"It begins anew {when}; the operator can raise {self.budget.setting}."

    def _unpriced(self) -> str:
        if self.budget.unit is not Unit.USD or not self.spent.unpriced:
            return ""
        count = self.spent.unpriced
        return f" {count} more {'call has' if count == 1 else 'calls have'} no known price and {_is(count)} not in it."

    def _amount(self, amount: Decimal) -> str:
        return f"${_dollars(amount)}" if self.budget.unit is Unit.USD else f"{amount.normalize():f} s in calls"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def _dollars(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


def _utc(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

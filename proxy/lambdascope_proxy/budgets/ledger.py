"""Counts in memory what the calls of this process spent."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence

from lambdascope_proxy.budgets.budget import Scope
from lambdascope_proxy.budgets.purse import Purse
from lambdascope_proxy.budgets.spending import NOTHING, Spent


class Ledger:
    """Sums by purse. Holds of each scope the `most` that were paid from last.

    Days go that way when they are over; somebody who opens thousands of sessions makes only other sessions begin anew.
    """

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._sums: dict[Scope, OrderedDict[Purse, Spent]] = {scope: OrderedDict() for scope in Scope}

    def add(self, purses: Iterable[Purse], spent: Spent) -> None:
        """Pays from each of these purses."""
        for purse in purses:
            sums = self._sums[purse.scope]
            sums[purse] = sums.pop(purse, NOTHING) + spent
            if len(sums) > self._most:
                sums.popitem(last=False)

    def spent(self, purse: Purse) -> Spent:
        """What was paid from it so far."""
        return self._sums[purse.scope].get(purse, NOTHING)

    def purses(self, scope: Scope) -> Sequence[Purse]:
        """Those of a scope that it holds; the metrics ask from another thread."""
        return [*self._sums[scope]]

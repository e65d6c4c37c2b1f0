"""Counts what calls spend, tells what is left of each budget, and refuses calls once one is spent."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from lambdascope_proxy import names
from lambdascope_proxy.budgets.budget import Budget, Unit
from lambdascope_proxy.budgets.elsewhere import Elsewhere
from lambdascope_proxy.budgets.ledger import Ledger
from lambdascope_proxy.budgets.purse import Purse, purse_of
from lambdascope_proxy.budgets.spending import Spent, spent_on
from lambdascope_proxy.budgets.standing import META, Standing
from lambdascope_proxy.call import Call, Caller, Next, Outcome, OutcomeKind, cancelled_outcome
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.telemetry import metric_table as m

if TYPE_CHECKING:
    from lambdascope_proxy.telemetry.meters import Meters

log = logging.getLogger(__name__)
MOST_TOLD = 10_000


class BudgetStep:
    """A call's cost is known after it ran: a call may begin while anything is left, and several at once overshoot.

    Unless `price_of` knows a call's price: then it counts from the beginning, until what it did cost takes its place.
    Acts on every tool, as every answer tells what is left; a tool of our own spends nothing and is never refused.
    """

    def __init__(
        self,
        budgets: Sequence[Budget],
        elsewhere: Elsewhere,
        *,
        warn_share: Decimal,
        now: Callable[[], datetime],
        price_of: Callable[[Call], Decimal | None] = lambda call: None,
        meters: "Meters | None" = None,
    ) -> None:
        self._budgets = tuple(budgets)
        self._scopes = tuple(dict.fromkeys(budget.scope for budget in budgets))
        self._ledger = Ledger()
        self._elsewhere = elsewhere
        self._warn_share = warn_share
        self._now = now
        self._price_of = price_of
        self._meters = meters
        self._told: set[tuple[Budget, Purse, bool]] = set()

    async def __call__(self, call: Call, call_next: Next) -> Outcome:
        """Raises CallFailed(refused, BudgetExceeded) with the budget that is spent."""
        now = self._now()
        await self._elsewhere.catch_up(now)
        _refuse(call, self.standings(call.caller, now))
        held = self._hold(call)
        try:
            outcome = await call_next(call)
        except CallFailed as failed:
            bill = failed.bill or call.progress.bill
            outcome = Outcome(kind=failed.kind, failure=failed.failure, invocation=failed.invocation, bill=bill)
            failed.meta = {**failed.meta, **_meta(self._count(call, outcome, held))}
            raise
        except BaseException as cancelled:
            self._count(call, cancelled_outcome(cancelled, call.progress.bill), held)
            raise
        standings = self._count(call, outcome, held)
        near = [f"Budget: {each.in_words()} {each.next_step()}" for each in standings if each.is_near]
        return replace(outcome, meta={**outcome.meta, **_meta(standings)}, notes=(*outcome.notes, *near))

    def standings(self, caller: Caller, now: datetime) -> list[Standing]:
        """Where each budget stands from which calls of this caller are paid."""
        purses = {scope: purse_of(scope, caller, now) for scope in self._scopes}
        spent = {scope: self._spent(purse) for scope, purse in purses.items()}
        return [self._standing(each, purses[each.scope], spent[each.scope]) for each in self._budgets]

    def worst(self) -> Iterable[Standing]:
        """Of each budget the purse of now from which most was paid, for the metrics."""
        now = self._now()
        for budget in self._budgets:
            held = self._ledger.purses(budget.scope)
            current = [purse for purse in held if purse.until is None or now < purse.until]
            standings = [self._standing(budget, purse, self._spent(purse)) for purse in current]
            if standings:
                yield max(standings, key=lambda standing: standing.used)

    def _spent(self, purse: Purse) -> Spent:
        return self._ledger.spent(purse) + self._elsewhere.spent(purse)

    def _standing(self, budget: Budget, purse: Purse, spent: Spent) -> Standing:
        is_whole = self._elsewhere.is_known
        return Standing(budget=budget, purse=purse, spent=spent, warn_share=self._warn_share, is_whole=is_whole)

    def _hold(self, call: Call) -> Spent:
        """What this call will cost, counted while it is under way; nothing where that is not known."""
        held = Spent(usd=self._price_of(call) or Decimal(0))
        if held.usd:
            self._ledger.add(self._paid_from(call), held)
        return held

    def _paid_from(self, call: Call) -> Iterable[Purse]:
        # By the moment it began, as the history has it: after a restart the figures must be the same.
        return (purse_of(scope, call.caller, call.started_at) for scope in self._scopes)

    def _count(self, call: Call, outcome: Outcome, held: Spent) -> list[Standing]:
        """Where the budgets stand with this call."""
        self._ledger.add(self._paid_from(call), spent_on(call, outcome) + Spent(usd=-held.usd))
        standings = self.standings(call.caller, self._now())
        for standing in standings:
            if standing.is_near and self._is_news(standing):
                self._tell(standing)
        return standings

    def _is_news(self, standing: Standing) -> bool:
        news = (standing.budget, standing.purse, standing.is_spent)
        if news in self._told:
            return False
        if len(self._told) >= MOST_TOLD:
            self._told.clear()
        self._told.add(news)
        return True

    def _tell(self, standing: Standing) -> None:
        log.warning("budget %s: %s", "spent" if standing.is_spent else "nearly spent", standing.in_words())
        if self._meters:
            result = "spent" if standing.is_spent else "near"
            self._meters.add(m.BUDGET_WARNINGS, 1, {names.BUDGET: standing.budget.name, names.RESULT: result})


def _refuse(call: Call, standings: Sequence[Standing]) -> None:
    for standing in standings:
        if standing.is_spent and spends(call, standing.budget.unit):
            message = f"Nothing was called: {standing.in_words()}"
            failed = CallFailed(OutcomeKind.REFUSED, "BudgetExceeded", message, standing.next_step())
            failed.meta = _meta(standings)
            raise failed


def _meta(standings: Sequence[Standing]) -> dict[str, Any]:
    return {META: {standing.budget.name: standing.as_data() for standing in standings}}


def spends(call: Call, unit: Unit) -> bool:
    """Whether this call could spend that: looking at CloudWatch costs, but is no time in calls."""
    if call.aim.target == "self" or call.aim.invocation_type == "DryRun":
        return False
    return unit is Unit.USD or call.aim.target != "cloudwatch"

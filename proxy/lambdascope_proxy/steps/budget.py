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
from lambdascope_proxy.budgets.spending import spent_on
from lambdascope_proxy.budgets.standing import META, Standing
from lambdascope_proxy.call import Call, Next, Outcome, OutcomeKind, cancelled_outcome
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.telemetry import metric_table as m

if TYPE_CHECKING:
    from lambdascope_proxy.telemetry.meters import Meters

log = logging.getLogger(__name__)
MOST_TOLD = 10_000


class BudgetStep:
    """A call's cost is known after it ran: a call may begin while anything is left, and several at once overshoot.

    Acts on every tool, as every answer tells what is left; a tool of our own spends nothing and is never refused.
    """

    def __init__(
        self,
        budgets: Sequence[Budget],
        elsewhere: Elsewhere,
        *,
        warn_share: Decimal,
        now: Callable[[], datetime],
        meters: "Meters | None" = None,
    ) -> None:
        self._budgets = tuple(budgets)
        self._scopes = tuple(dict.fromkeys(budget.scope for budget in budgets))
        self._ledger = Ledger()
        self._elsewhere = elsewhere
        self._warn_share = warn_share
        self._now = now
        self._meters = meters
        self._told: set[tuple[Budget, Purse, bool]] = set()

    async def __call__(self, call: Call, call_next: Next) -> Outcome:
        """Raises CallFailed(refused, BudgetExceeded) with the budget that is spent."""
        await self._elsewhere.catch_up(self._now())
        self._refuse(call)
        try:
            outcome = await call_next(call)
        except CallFailed as failed:
            bill = failed.bill or call.progress.bill
            self._count(
                call, Outcome(kind=failed.kind, failure=failed.failure, invocation=failed.invocation, bill=bill)
            )
            failed.meta = {**failed.meta, **self._meta(call)}
            raise
        except BaseException as cancelled:
            self._count(call, cancelled_outcome(cancelled, call.progress.bill))
            raise
        self._count(call, outcome)
        notes = self._warnings(call)
        return replace(outcome, meta={**outcome.meta, **self._meta(call)}, notes=(*outcome.notes, *notes))

    def standings(self, call: Call) -> list[Standing]:
        """Where each budget stands from which this call is paid, now."""
        return [self._standing(budget, purse_of(budget.scope, call.caller, self._now())) for budget in self._budgets]

    def worst(self) -> Iterable[Standing]:
        """Of each budget the purse of now from which most was paid, for the metrics."""
        now = self._now()
        for budget in self._budgets:
            held = self._ledger.purses(budget.scope)
            current = [purse for purse in held if purse.until is None or now < purse.until]
            if current:
                yield max((self._standing(budget, purse) for purse in current), key=lambda standing: standing.used)

    def _standing(self, budget: Budget, purse: Purse) -> Standing:
        return Standing(
            budget=budget,
            purse=purse,
            spent=self._ledger.spent(purse) + self._elsewhere.spent(purse),
            warn_share=self._warn_share,
            is_whole=self._elsewhere.is_known,
        )

    def _refuse(self, call: Call) -> None:
        for standing in self.standings(call):
            if standing.is_spent and spends(call, standing.budget.unit):
                failed = CallFailed(
                    OutcomeKind.REFUSED,
                    "BudgetExceeded",
                    f"Nothing was called: {standing.in_words()}",
                    standing.next_step(),
                )
                failed.meta = self._meta(call)
                raise failed

    def _count(self, call: Call, outcome: Outcome) -> None:
        # By the moment it began, as the history has it: after a restart the figures must be the same.
        spent = spent_on(call, outcome)
        self._ledger.add([purse_of(scope, call.caller, call.started_at) for scope in self._scopes], spent)
        for standing in self.standings(call):
            if standing.is_near and self._is_news(standing):
                self._tell(standing)

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

    def _warnings(self, call: Call) -> list[str]:
        near = [standing for standing in self.standings(call) if standing.is_near]
        return [f"Budget: {standing.in_words()} {standing.next_step()}" for standing in near]

    def _meta(self, call: Call) -> dict[str, Any]:
        return {META: {each.budget.name: each.as_data() for each in self.standings(call)}}


def spends(call: Call, unit: Unit) -> bool:
    """Whether this call could spend that: looking at CloudWatch costs, but is no time in calls."""
    if call.aim.target == "self" or call.aim.invocation_type == "DryRun":
        return False
    return unit is Unit.USD or call.aim.target != "cloudwatch"

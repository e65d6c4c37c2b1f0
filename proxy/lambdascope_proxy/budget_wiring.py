"""Builds the guardrails that ask: the history about what was spent, a person for approval, what was accepted before."""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lambdascope_analytics.privacy.keeping import MARGIN_BYTES
from lambdascope_analytics.privacy.scrubber import Scrubber
from lambdascope_proxy.approvals.question import VIEW_BYTES
from lambdascope_proxy.approvals.request_states import RequestStates
from lambdascope_proxy.approvals.rule import Rule
from lambdascope_proxy.budgets.budget import Scope, budgets_of
from lambdascope_proxy.budgets.elsewhere import Ask, Elsewhere
from lambdascope_proxy.call import Call
from lambdascope_proxy.settings import Settings
from lambdascope_proxy.steps.approval import ApprovalStep
from lambdascope_proxy.steps.budget import BudgetStep
from lambdascope_proxy.telemetry.budget_gauges import watch_budgets
from lambdascope_proxy.upstreams.spec import Upstream

if TYPE_CHECKING:
    from lambdascope_proxy.telemetry.meters import Meters
    from lambdascope_proxy.upstreams.pin_board import PinBoard

log = logging.getLogger(__name__)
MONTH_DAYS: Final = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgets:
    """The step that counts and refuses, and what it knows of what was spent elsewhere."""

    step: BudgetStep
    elsewhere: Elsewhere


def build_budgets(settings: Settings, ask: Ask, meters: "Meters | None") -> Budgets | None:
    """The budgets that are set, if any. `ask` puts a named question to the history."""
    budgets = budgets_of(settings)
    if not budgets:
        return None
    looks_at_month = any(budget.scope is Scope.MONTH for budget in budgets)
    if looks_at_month and 0 < settings.history_days < MONTH_DAYS:
        log.warning(
            "LAMBDASCOPE_HISTORY_DAYS=%d removes days of the month that the month's budget counts; set %d or more",
            settings.history_days,
            MONTH_DAYS,
        )
    elsewhere = Elsewhere(ask=ask, began_at=_now(), looks_at_month=looks_at_month)
    step = BudgetStep(
        budgets,
        elsewhere,
        warn_share=settings.budget_warn_share,
        now=_now,
        price_of=price_of(settings.upstreams),
        meters=meters,
    )
    if meters:
        watch_budgets(meters, step.worst)
    return Budgets(step=step, elsewhere=elsewhere)


def price_of(upstreams: Iterable[Upstream]) -> Callable[[Call], Decimal | None]:
    """Tells what a call will cost, where the settings say it."""
    specs = {f"upstream:{spec.name}": spec for spec in upstreams}

    def price(call: Call) -> Decimal | None:
        spec = specs.get(call.aim.target)
        return spec.cost_of(call.aim.upstream_tool or "") if spec else None

    return price


def build_approval(settings: Settings, scrubber: Scrubber, meters: "Meters | None") -> ApprovalStep | None:
    """The step that asks a person, if the settings want that of any call."""
    if settings.approve == "never" and not settings.approve_tools:
        return None
    rule = Rule(
        mode=settings.approve,
        patterns=tuple(sorted(settings.approve_tools)),
        harmless=tuple(sorted(settings.read_only_functions)),
    )
    return ApprovalStep(rule, RequestStates(time.time), masked_view(scrubber), meters)


def build_pins(settings: Settings, directory: Path, meters: "Meters | None") -> "PinBoard | None":
    """What watches the tools of other servers, if there are any."""
    if not settings.upstreams or settings.pin_tools == "off":
        return None
    from lambdascope_proxy.upstreams.pin_board import PinBoard
    from lambdascope_proxy.upstreams.pin_store import PinStore

    return PinBoard(PinStore(directory=directory), holds=settings.pin_tools == "hold", meters=meters)


def masked_view(scrubber: Scrubber) -> Callable[[bytes], str]:
    """Makes of arguments what a person is shown of them: their beginning, with secrets masked."""

    def view(whole: bytes) -> str:
        # Masking waits for its first text: it compiles patterns.
        from lambdascope_analytics.privacy.payload import kept_payload

        head = whole[: VIEW_BYTES + MARGIN_BYTES]
        return kept_payload(head, whole_bytes=len(whole), limit=VIEW_BYTES, margin=MARGIN_BYTES, scrubber=scrubber)

    return view


def _now() -> datetime:
    return datetime.now(UTC)

"""A budget as it is set: how much of what may be spent, by whom, in which time. Pure."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from lambdascope_proxy.budgets.spending import Spent
from lambdascope_proxy.settings import Settings


class Scope(StrEnum):
    """Whose calls count together, and for how long."""

    SESSION = "session"
    PRINCIPAL_DAY = "principal_day"
    DAY = "day"
    MONTH = "month"


class Unit(StrEnum):
    """What is spent."""

    USD = "usd"
    SECONDS = "s"


OF_WHAT: Final = {
    Scope.SESSION: "this session",
    Scope.PRINCIPAL_DAY: "this caller's day",
    Scope.DAY: "the day",
    Scope.MONTH: "the month",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """So much of one unit within one scope."""

    scope: Scope
    unit: Unit
    limit: Decimal

    @property
    def name(self) -> str:
        """Its short name, such as `day_usd`."""
        return f"{self.scope}_{self.unit}"

    @property
    def setting(self) -> str:
        """The variable that sets it."""
        return f"LAMBDASCOPE_BUDGET_{self.name.upper()}"

    def used(self, spent: Spent) -> Decimal:
        """What of `spent` counts here."""
        return spent.usd if self.unit is Unit.USD else spent.seconds


def budgets_of(settings: Settings) -> tuple[Budget, ...]:
    """The budgets that are set, the narrowest first."""
    every = [(scope, unit, getattr(settings, f"budget_{scope}_{unit}")) for scope in Scope for unit in Unit]
    return tuple(Budget(scope=scope, unit=unit, limit=limit) for scope, unit, limit in every if limit is not None)

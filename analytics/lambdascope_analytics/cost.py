"""What the functions cost, from the history."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from lambdascope_analytics.history import History
from lambdascope_analytics.statements import statement
from lambdascope_analytics.window import window_parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionCost:
    """Calls of one Lambda function in one region, and their list price.

    `cost_usd` is that of the `priced_calls`, None if no call has a price; `measured_share` (0 to 1) is the part of
    the calls whose price comes from what Lambda reported.
    """

    function_name: str | None
    region: str | None
    calls: int
    failures: int
    billed_ms: int | None
    priced_calls: int
    measured_share: float
    cost_usd: Decimal | None


def cost_by_function(
    history: History, *, started_after: datetime | None = None, started_before: datetime | None = None
) -> list[FunctionCost]:
    """Return the cost of each function called in the window, dearest first.

    Raises:
        HistoryError: the history cannot be read.
    """
    parameters = window_parameters(started_after, started_before)
    return [FunctionCost(**row) for row in history.query(statement("cost_by_function"), parameters)]

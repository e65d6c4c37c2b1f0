"""The latest calls, from the history."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from lambdascope_analytics.history import History
from lambdascope_analytics.statements import statement


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentCall:
    """One call in short; what is not known is None."""

    call_id: UUID | None
    started_at: datetime
    tool_name: str | None
    function_name: str | None
    outcome: str | None
    error_type: str | None
    total_ms: float | None
    duration_ms: float | None
    billed_ms: int | None
    cold_start: bool | None
    cost_usd: Decimal | None
    cost_source: str | None
    trace_id: str | None


def recent_calls(history: History, limit: int = 20) -> list[RecentCall]:
    """Return the latest `limit` calls, newest first.

    Raises:
        HistoryError: the history cannot be read.
        ValueError: `limit` is negative.
    """
    if limit < 0:
        raise ValueError(f"limit must not be negative: {limit}")
    return [RecentCall(**row) for row in history.query(statement("recent_calls"), {"limit": limit})]

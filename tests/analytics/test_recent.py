from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from lambdascope_analytics.recent import RecentCall, recent_calls

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_the_latest_calls_come_first_whatever_the_order_they_were_written_in(history_of: Callable[..., Any]) -> None:
    history = history_of([{"started_at": NOON + timedelta(seconds=n), "tool_name": str(n)} for n in (2, 4, 1, 3)])
    assert [call.tool_name for call in recent_calls(history, 3)] == ["4", "3", "2"]
    assert len(recent_calls(history)) == 4
    assert recent_calls(history, 0) == []


def test_a_call_is_told_with_what_is_known_of_it(history_of: Callable[..., Any]) -> None:
    known: dict[str, Any] = {
        "call_id": UUID(int=3),
        "started_at": NOON,
        "tool_name": "invoke_function",
        "function_name": "f",
        "outcome": "function_error",
        "error_type": "KeyError",
        "total_ms": 3.5,
        "duration_ms": 1.5,
        "billed_ms": 2,
        "cold_start": True,
        "cost_usd": Decimal("0.000006"),
        "cost_source": "measured",
        "trace_id": "ab" * 16,
    }
    assert recent_calls(history_of([known | {"memory_mb": 128}])) == [RecentCall(**known)]


def test_a_negative_limit_is_refused(history_of: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match="limit"):
        recent_calls(history_of([]), -1)

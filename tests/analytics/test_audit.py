from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from lambdascope_analytics.audit import AuditedCall, AuditQuestion, audited_calls

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_call_is_told_with_what_is_known_of_it(history_of: Callable[..., Any]) -> None:
    known: dict[str, Any] = {
        "started_at": NOON,
        "principal": "ada",
        "client_name": "agent",
        "session_id": "s",
        "transport": "http",
        "tool_name": "invoke_function",
        "target": "lambda",
        "function_name": "orders",
        "qualifier": "live",
        "region": "eu-central-1",
        "account_id": "123456789012",
        "invocation_type": "Event",
        "outcome": "accepted",
        "error_type": None,
        "request_id": "r-1",
        "trace_id": "ab" * 16,
        "call_id": UUID(int=3),
    }
    question = AuditQuestion(since=NOON, until=NOON + HOUR, limit=10)
    assert audited_calls(history_of([known | {"memory_mb": 128}]), question) == [AuditedCall(**known)]


def test_the_latest_are_told_oldest_first_and_the_end_is_not_in_the_period(history_of: Callable[..., Any]) -> None:
    history = history_of([{"started_at": NOON + n * HOUR, "tool_name": str(n)} for n in (2, 0, 3, 1)])
    question = AuditQuestion(since=NOON, until=NOON + 3 * HOUR, limit=2)
    assert [call.tool_name for call in audited_calls(history, question)] == ["1", "2"]

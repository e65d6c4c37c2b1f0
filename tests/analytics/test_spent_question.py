"""What `monitoring/spent` finds: money and time of other processes' calls, and of one's own only what came later."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from lambdascope_analytics.history import History
from lambdascope_analytics.statements import statement

HistoryOf = Callable[[list[Mapping[str, object]]], History]
DAY = datetime(2026, 11, 22, tzinfo=UTC)
OWN_SINCE = DAY + timedelta(hours=6)
OWN: dict[str, Any] = {"host": "here", "pid": 7, "started_at": OWN_SINCE + timedelta(hours=1)}
CENT = Decimal("0.01")


def rows() -> list[Mapping[str, object]]:
    """Calls of Ada at a cent and a second each, unless they say otherwise; each line is there for one reason."""
    told: list[dict[str, Any]] = [
        {},
        {"host": "here", "pid": 7, "started_at": OWN_SINCE - timedelta(hours=1)},  # a process of the same id, earlier
        {"host": "here", "pid": 8},  # another one
        {**OWN},  # counted by the process itself
        {**OWN, "invocation_type": "Event", "outcome": "accepted", "cost_source": "logs"},  # priced later
        {**OWN, "invocation_type": "Event", "outcome": "accepted", "cost_usd": None, "cost_source": "none"},
        {**OWN, "cost_source": "logs"},  # the process had counted an estimate of it
        {**OWN, "transport": None, "target": "cloudwatch", "principal": None, "invoke_ms": None},  # in the background
        {"target": "cloudwatch", "invoke_ms": 5000.0},  # costs, and is no time in calls
        {"target": "upstream:files", "cost_usd": None},  # nobody set a price
        {"cost_usd": None, "outcome": "transport_error", "error_type": "ReadTimeoutError"},  # may have run
        {"cost_usd": None, "outcome": "transport_error", "error_type": "ConnectTimeoutError", "invoke_ms": None},
        {"cost_usd": None, "outcome": "refused", "invoke_ms": None},
        {"cost_usd": None, "outcome": "dry_run", "invocation_type": "DryRun"},
        {"cost_usd": None, "outcome": "cancelled", "attempts": 0, "invoke_ms": None},
        {"cost_usd": None, "outcome": "cancelled", "attempts": None, "invoke_ms": None},  # while it waited for a place
        {"target": "self", "cost_usd": None, "invoke_ms": None},
        {"transport": "backfill"},  # never called here
        {"transport": "http", "session_id": None, "principal": "bob"},
        {"transport": "http", "session_id": "s1", "principal": "bob"},
        {"started_at": DAY - timedelta(microseconds=1)},
        {"started_at": DAY + timedelta(days=1)},
    ]
    usual = {
        "started_at": DAY + timedelta(hours=8),
        "target": "lambda",
        "outcome": "ok",
        "transport": "stdio",
        "principal": "ada",
        "host": "there",
        "pid": 7,
        "cost_usd": CENT,
        "cost_source": "measured",
        "attempts": 1,
        "invoke_ms": 1000.0,
    }
    return [{**usual, "call_id": UUID(int=number + 1), **row} for number, row in enumerate(told)]


@pytest.fixture(scope="module")
def found(past_of: HistoryOf) -> dict[tuple[str | None, bool], dict[str, Any]]:
    asked = {
        "started_after": DAY,
        "started_before": DAY + timedelta(days=1),
        "own_host": "here",
        "own_pid": 7,
        "own_since": OWN_SINCE,
    }
    answered = past_of(rows()).query(statement("monitoring/spent"), asked)
    assert [list(row) for row in answered[:1]] == [
        ["principal", "has_no_session", "cost_usd", "invoke_ms", "unpriced_calls"]
    ]
    return {(row["principal"], row["has_no_session"]): row for row in answered}


def test_calls_of_others_count_whole_and_own_ones_only_with_what_the_logs_told_later(found: Any) -> None:
    # Others: three at a cent, one look; the own one that was priced later; transport errors and unpriced took time.
    ada = found["ada", False]
    assert ada["cost_usd"] == 5 * CENT
    assert ada["invoke_ms"] == 6000.0  # three, the upstream's, the one that timed out, the dry run
    assert ada["unpriced_calls"] == 2 - 1  # the upstream's and the one that timed out, less the own one priced now


def test_looks_in_the_background_count_for_nobody_in_particular(found: Any) -> None:
    assert (found[None, False]["cost_usd"], found[None, False]["invoke_ms"]) == (CENT, 0.0)


def test_calls_over_http_without_a_session_are_told_apart(found: Any) -> None:
    assert (found["bob", True]["cost_usd"], found["bob", False]["cost_usd"]) == (CENT, CENT)
    assert len(found) == 4

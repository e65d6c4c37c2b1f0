"""Who asks about functions is told of calls that are none of theirs."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from lambdascope_analytics.analyses.changes import compare_periods
from lambdascope_analytics.analyses.latency import analyse_latency
from lambdascope_analytics.history import History

Make = Callable[[Sequence[Mapping[str, object]]], History]
START = datetime(2026, 11, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
NOTE = "Left out: 3 calls of tools of other MCP servers, for these figures are of functions."
FUNCTION = {"target": "lambda", "function_name": "orders", "outcome": "ok", "proxy_ms": 1.0, "total_ms": 9.0}
THERE = {"target": "upstream:shop", "outcome": "ok", "proxy_ms": 1.0, "total_ms": 900.0}


def rows_of(*kinds: Mapping[str, object]) -> list[dict[str, Any]]:
    """Three calls of each kind: the first and the second in the first hour, the third in the next."""
    made = [kind for kind in kinds for _ in range(3)]
    return [
        {**kind, "call_id": UUID(int=number + 1), "started_at": START + (number % 3) * HOUR / 2, "transport": "http"}
        for number, kind in enumerate(made)
    ]


def latency(history: History, **asked: Any) -> tuple[str, ...]:
    return analyse_latency(history, start=START, end=START + 2 * HOUR, now=START + 9 * HOUR, **asked).notes


def comparison(history: History, **asked: Any) -> tuple[str, ...]:
    first, second = (START, START + HOUR), (START + HOUR, START + 2 * HOUR)
    answer = compare_periods(
        history,
        start=second[0],
        end=second[1],
        before_start=first[0],
        before_end=first[1],
        now=START + 9 * HOUR,
        **asked,
    )
    return answer.notes


@pytest.mark.parametrize("notes_of", [latency, comparison])
def test_calls_of_other_servers_are_said_to_be_left_out(notes_of: Callable[..., tuple[str, ...]], few_of: Make) -> None:
    """Would catch figures that look like those of all tools."""
    history = few_of(rows_of(FUNCTION, THERE))
    assert NOTE in notes_of(history)
    assert NOTE not in notes_of(history, function_name="orders")
    assert not any("other MCP servers" in note for note in notes_of(few_of(rows_of(FUNCTION))))


def test_where_only_other_servers_were_called_that_is_said_too(few_of: Make) -> None:
    assert NOTE in latency(few_of(rows_of(THERE)))

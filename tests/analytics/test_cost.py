from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from lambdascope_analytics.cost import FunctionCost, cost_by_function

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def call(name: str, cost_usd: str | None = None, **more: object) -> dict[str, object]:
    return {
        "started_at": NOON,
        "target": "lambda",
        "function_name": name,
        "region": "us-east-1",
        "outcome": "ok",
        "billed_ms": 100,
        "cost_usd": None if cost_usd is None else Decimal(cost_usd),
        "cost_source": "none" if cost_usd is None else "measured",
    } | more


def test_calls_failures_time_and_money_are_summed_by_function_dearest_first(history_of: Callable[..., Any]) -> None:
    history = history_of(
        [
            call("cheap", "0.000000000001"),
            call("cheap", "0.000000000002", outcome="function_timeout", cost_source="estimated"),
            call("cheap", outcome="throttled", billed_ms=None),
            call("cheap", outcome="accepted", billed_ms=None),
            call("dear", "0.5"),
            call("dear", "0.25", region="eu-west-1"),
            call("unknown", billed_ms=None),
            call("not-lambda", "9", target="self"),
        ]
    )
    assert cost_by_function(history) == [
        FunctionCost(
            function_name="dear",
            region="us-east-1",
            calls=1,
            failures=0,
            billed_ms=100,
            priced_calls=1,
            measured_share=1.0,
            cost_usd=Decimal("0.5"),
        ),
        FunctionCost(
            function_name="dear",
            region="eu-west-1",
            calls=1,
            failures=0,
            billed_ms=100,
            priced_calls=1,
            measured_share=1.0,
            cost_usd=Decimal("0.25"),
        ),
        FunctionCost(
            function_name="cheap",
            region="us-east-1",
            calls=4,
            failures=2,
            billed_ms=200,
            priced_calls=2,
            measured_share=0.25,
            cost_usd=Decimal("0.000000000003"),
        ),
        FunctionCost(
            function_name="unknown",
            region="us-east-1",
            calls=1,
            failures=0,
            billed_ms=None,
            priced_calls=0,
            measured_share=0.0,
            cost_usd=None,
        ),
    ]


def test_money_is_added_exactly(history_of: Callable[..., Any]) -> None:
    """A double has not the digits for this sum."""
    (found,) = cost_by_function(history_of([call("f", "123456"), call("f", "0.000000000001")]))
    assert type(found.cost_usd) is Decimal
    assert found.cost_usd == Decimal("123456.000000000001")


def test_a_window_includes_its_start_and_not_its_end_in_any_time_zone(history_of: Callable[..., Any]) -> None:
    hour = timedelta(hours=1)
    history = history_of([call("f", "1", started_at=NOON + shift) for shift in (-hour, timedelta(0), hour)])
    plus_nine = timezone(timedelta(hours=9))

    def calls(**window: datetime) -> int:
        return sum(row.calls for row in cost_by_function(history, **window))

    assert calls() == 3
    assert calls(started_after=NOON.astimezone(plus_nine)) == 2
    assert calls(started_before=NOON.astimezone(plus_nine)) == 1
    assert calls(started_after=NOON, started_before=NOON + hour) == 1


def test_a_time_without_a_zone_is_refused(history_of: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match="started_before"):
        cost_by_function(history_of([]), started_before=NOON.replace(tzinfo=None))


def test_an_empty_history_costs_nothing(history_of: Callable[..., Any]) -> None:
    assert cost_by_function(history_of([])) == []

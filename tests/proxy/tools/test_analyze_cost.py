"""analyze_cost: what is asked of the analysis, and what a model reads of its answer."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.tools.analyze_cost import AnalyzeCost, cost_text

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NOTHING: Mapping[str, Any] = {"calls": 0, "cost_usd": None, "share": None}
ANSWER: Mapping[str, Any] = {
    "summary": "20 calls cost $1.500.",
    "group_by": "function",
    "groups": [
        {
            "group": "orders",
            "calls": 1_200,
            "cost_usd": "1.2",
            "share": 0.8,
            "change_usd": "-0.3",
            "change_share": -0.2,
            "other_currencies": {},
            "other_changes": {},
        },
        {
            "group": "stock",
            "calls": 1,
            "cost_usd": None,
            "share": None,
            "change_usd": None,
            "change_share": None,
            "other_currencies": {"CNY": "2.5"},
            "other_changes": {"CNY": "-0.5"},
        },
    ],
    "waste": {
        "failures": {"calls": 3, "cost_usd": "0.15", "share": 0.1},
        "retries": NOTHING,
        "cold_starts": {"calls": 3, "cost_usd": "0.03", "share": 0.02},
        "unused_memory": NOTHING,
    },
    "looking": {"calls": 2, "cost_usd": "0.01"},
    "projection": {
        "month": "2026-11",
        "cost_usd": "6.4",
        "other_currencies": {"CNY": "9"},
        "method": "mean of 7 days x 30 days",
    },
    "not_listed": {},
    "notes": ["2 calls were not made through the proxy."],
    "next_step": "analyze_errors() tells which.",
}


async def asked(ask_tool: Any, arguments: Mapping[str, Any]) -> Mapping[str, object]:
    # The trends of groups are for pictures.
    answer = {**ANSWER, "trends": [{"group": "orders"}]}
    outcome, name, parameters = await ask_tool(partial(AnalyzeCost, now=lambda: NOW), answer, arguments)
    assert (outcome.data, outcome.text) == (ANSWER, cost_text(ANSWER))
    assert name == "cost"
    return parameters


async def test_without_arguments_the_last_week_is_asked_for(ask_tool: Any) -> None:
    assert await asked(ask_tool, {}) == {"start": NOW - timedelta(days=7), "end": NOW}


async def test_what_was_given_goes_on_as_it_is(ask_tool: Any) -> None:
    given = {"group_by": "client", "function_name": "orders", "compare_previous": False}
    parameters = await asked(ask_tool, {**given, "time_range": {"last": "3h"}, "top": 2.0})
    assert parameters == {"start": NOW - timedelta(hours=3), "end": NOW, **given, "top": 2}
    assert isinstance(parameters["top"], int)


async def test_a_senseless_time_range_is_refused_by_name(ask_tool: Any) -> None:
    with pytest.raises(CallFailed, match="last is 'soon'"):
        await asked(ask_tool, {"time_range": {"last": "soon"}})


def test_a_model_reads_the_groups_where_money_went_the_notes_and_one_next_step() -> None:
    """What is not known has no line, or says so: it must not read as zero."""
    assert cost_text(ANSWER).splitlines() == [
        "20 calls cost $1.500.",
        "orders: $1.200 (80%), 1,200 calls, -$0.3000 (-20.0%)",
        "stock: CNY 2.500, 1 call, CNY -0.5000",
        "Of it, not to be added up: failures $0.1500 (10%), cold starts $0.03000 (2%)",
        "Asking CloudWatch cost $0.01000 besides.",
        "At this pace 2026-11 costs $6.400, CNY 9.000 (mean of 7 days x 30 days).",
        "2 calls were not made through the proxy.",
        "Next: analyze_errors() tells which.",
    ]


def test_a_model_is_told_how_many_groups_it_does_not_read_of() -> None:
    groups = [{**ANSWER["groups"][0], "group": f"f{number}"} for number in range(7)]
    lines = cost_text({**ANSWER, "groups": groups, "not_listed": {"groups": 20}}).splitlines()
    assert [line.split(":")[0] for line in lines[1:6]] == ["f0", "f1", "f2", "f3", "f4"]
    assert lines[6] == "22 more are not told here, 2 of them in the structured part."


def test_of_days_a_model_reads_the_latest() -> None:
    groups = [{**ANSWER["groups"][0], "group": f"2026-11-{day:02d}"} for day in range(1, 8)]
    lines = cost_text({**ANSWER, "group_by": "day", "groups": groups, "next_step": None}).splitlines()
    assert [line.split(":")[0] for line in lines[1:6]] == [f"2026-11-0{day}" for day in range(3, 8)]
    assert lines[6] == "2 earlier are not told here, 2 of them in the structured part."
    assert "Next" not in lines[-1]

"""analyze_errors: what is asked of the analysis, and what a model reads of its answer."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.tools.analyze_errors import AnalyzeErrors, errors_text

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
KIND: Mapping[str, Any] = {
    "outcome": "function_error",
    "error_type": "KeyError",
    "message": "no such order",
    "calls": 3,
    "trend": "new",
    "functions": {"count": 1, "names": {"orders": 3}},
    "examples": ["0193-a"],
}
ANSWER: Mapping[str, Any] = {
    "summary": "3 of 20 calls failed.",
    "errors": [KIND],
    "caller_errors": [{**KIND, "error_type": "FunctionNotAllowed", "trend": None, "message": None, "examples": []}],
    "gone": [{**KIND, "error_type": "Timeout"}],
    "groups": [{"group": "orders", "calls": 20, "failures": 3, "error_rate": 0.15}],
    "group_by": "function",
    "not_listed": {},
    "notes": ["2 calls did not come through the proxy."],
    "next_step": 'inspect_execution(call_id="0193-a") shows one.',
}


async def asked(ask_tool: Any, arguments: Mapping[str, Any]) -> Mapping[str, object]:
    outcome, name, parameters = await ask_tool(partial(AnalyzeErrors, now=lambda: NOW), ANSWER, arguments)
    assert (outcome.data, outcome.text) == (ANSWER, errors_text(ANSWER))
    assert name == "errors"
    return parameters


async def test_without_arguments_the_last_week_is_asked_for(ask_tool: Any) -> None:
    assert await asked(ask_tool, {}) == {"start": NOW - timedelta(days=7), "end": NOW}


async def test_what_was_given_goes_on_as_it_is(ask_tool: Any) -> None:
    arguments = {"time_range": {"last": "3h"}, "group_by": "client", "function_name": "orders", "top": 2.0}
    parameters = await asked(ask_tool, arguments)
    given = {"group_by": "client", "function_name": "orders", "top": 2}
    assert parameters == {"start": NOW - timedelta(hours=3), "end": NOW, **given}
    assert isinstance(parameters["top"], int)


async def test_a_senseless_time_range_is_refused_by_name(ask_tool: Any) -> None:
    with pytest.raises(CallFailed, match="last is 'soon'"):
        await asked(ask_tool, {"time_range": {"last": "soon"}})


def test_a_model_reads_the_kinds_with_an_example_each_the_notes_and_one_next_step() -> None:
    assert errors_text(ANSWER).splitlines() == [
        "3 of 20 calls failed.",
        "3x KeyError in orders, new: no such order [0193-a]",
        "caller's fault: 3x FunctionNotAllowed in orders",
        "No more: Timeout",
        "orders: 3 of 20 calls failed, 0.15 of those that got through",
        "2 calls did not come through the proxy.",
        'Next: inspect_execution(call_id="0193-a") shows one.',
    ]


def test_a_model_is_told_how_many_kinds_and_groups_it_does_not_read() -> None:
    many = {**ANSWER, "errors": [KIND] * 7, "groups": ANSWER["groups"] * 6, "not_listed": {"errors": 4, "groups": 30}}
    many = {**many, "caller_errors": ANSWER["caller_errors"] * 3}
    lines = errors_text(many).splitlines()
    assert "(1 more kinds of caller's fault not told here, 1 of them in the structured part.)" in lines
    assert "(6 more kinds not told here, 2 of them in the structured part.)" in lines
    assert "(31 more groups not told here, 1 of them in the structured part.)" in lines
    assert "(1 more groups" not in errors_text({**ANSWER, "not_listed": {}})


def test_of_hours_and_days_a_model_reads_the_latest() -> None:
    days = [{**ANSWER["groups"][0], "group": f"2026-11-{day}"} for day in range(10, 20)]
    lines = errors_text({**ANSWER, "group_by": "day", "groups": days, "not_listed": {"groups": 3}}).splitlines()
    assert [line[:10] for line in lines if line.startswith("2026")] == [f"2026-11-{day}" for day in range(15, 20)]
    assert "(8 earlier groups not told here, 5 of them in the structured part.)" in lines


def test_where_there_is_little_room_fewer_kinds_are_told_and_never_the_next_step_left_out() -> None:
    kind = {**KIND, "message": "支払い" * 40, "error_type": "E" * 60}
    text = errors_text({**ANSWER, "errors": [kind] * 5, "groups": []})
    assert len(text.encode()) <= 1500
    assert text.endswith("shows one.")
    assert "more kinds not told here" in text


def test_without_a_next_step_there_is_no_line_for_it() -> None:
    assert "Next" not in errors_text({**ANSWER, "next_step": None})

"""analyze_errors: what is asked of the analysis, and what a model reads of its answer."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
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
    "notes": ["2 calls did not come through the proxy."],
    "next_step": 'inspect_execution(call_id="0193-a") shows one.',
}


class Asked:
    """Stands in for the process that reads the history."""

    def __init__(self) -> None:
        self.questions: list[tuple[str, Mapping[str, object]]] = []

    async def analyse(self, name: str, parameters: Mapping[str, object]) -> Mapping[str, Any]:
        self.questions.append((name, parameters))
        return ANSWER


async def asked(call_of: Any, arguments: Mapping[str, Any]) -> Mapping[str, object]:
    questions: Any = Asked()
    tool = AnalyzeErrors(questions, now=lambda: NOW)
    assert tool.aim(arguments).target == "self"
    outcome = await tool.run(call_of(arguments, tool=tool))
    assert outcome.data == ANSWER
    assert outcome.text == errors_text(ANSWER)
    ((name, parameters),) = questions.questions
    assert name == "errors"
    return parameters


async def test_without_arguments_the_last_week_is_asked_for(call_of: Any) -> None:
    assert await asked(call_of, {}) == {"start": NOW - timedelta(days=7), "end": NOW}


async def test_what_was_given_goes_on_as_it_is(call_of: Any) -> None:
    arguments = {"time_range": {"last": "3h"}, "group_by": "client", "function_name": "orders", "top": 2.0}
    parameters = await asked(call_of, arguments)
    given = {"group_by": "client", "function_name": "orders", "top": 2}
    assert parameters == {"start": NOW - timedelta(hours=3), "end": NOW, **given}
    assert isinstance(parameters["top"], int)


async def test_a_senseless_time_range_is_refused_by_name(call_of: Any) -> None:
    with pytest.raises(CallFailed, match="last is 'soon'"):
        await asked(call_of, {"time_range": {"last": "soon"}})


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

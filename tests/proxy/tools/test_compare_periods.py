"""compare_periods: what is asked of the analysis, and what a model reads of its answer."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.tools.compare_periods import SPEC, ComparePeriods, changes_text

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HIGHER: Mapping[str, Any] = {
    "measure": "error_rate",
    "before": 0.01,
    "after": 0.2,
    "low": 0.1,
    "high": 0.28,
    "verdict": "higher",
}
ANSWER: Mapping[str, Any] = {
    "summary": "Error rate higher.",
    "changes": [HIGHER, {**HIGHER, "measure": "total_p50_ms", "verdict": "no significant change"}],
    "groups": [{"group": "orders", "changes": [HIGHER]}],
    "change_points": [
        {"series": "error_rate", "at": "2026-11-20T10:00:00Z", "before": 0, "after": 0.5, "deployed": ["orders:7"]}
    ],
    "notes": ["2 groups tested."],
    "next_step": "analyze_errors() shows which errors.",
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
    tool = ComparePeriods(questions, now=lambda: NOW)
    assert tool.aim(arguments).target == "self"
    outcome = await tool.run(call_of(arguments, tool=tool))
    assert (outcome.data, outcome.text) == (ANSWER, changes_text(ANSWER))
    ((name, parameters),) = questions.questions
    assert name == "changes"
    return parameters


async def test_without_arguments_the_last_week_is_compared_with_the_one_before(call_of: Any) -> None:
    assert await asked(call_of, {}) == {"start": NOW - timedelta(days=7), "end": NOW}


async def test_two_periods_and_what_else_was_given_go_on_as_they_are(call_of: Any) -> None:
    day = {"start": "2026-11-20T00:00:00Z", "end": "2026-11-21T00:00:00Z"}
    assert await asked(call_of, {"a": day, "b": {"last": "3h"}, "group_by": "client", "function_name": "orders"}) == {
        "start": NOW - timedelta(hours=3),
        "end": NOW,
        "before_start": datetime(2026, 11, 20, tzinfo=UTC),
        "before_end": datetime(2026, 11, 21, tzinfo=UTC),
        "group_by": "client",
        "function_name": "orders",
    }


async def test_versions_go_on(call_of: Any) -> None:
    given = {"function_name": "orders", "version": "2", "before_version": "1"}
    assert await asked(call_of, given) == {"start": NOW - timedelta(days=7), "end": NOW, **given}


@pytest.mark.parametrize("name", ["a", "b"])
async def test_a_senseless_period_is_refused_by_name(call_of: Any, name: str) -> None:
    with pytest.raises(CallFailed, match="last is 'soon'"):
        await asked(call_of, {name: {"last": "soon"}})


def test_a_model_reads_what_changed_with_its_interval_when_and_one_next_step() -> None:
    assert changes_text(ANSWER).splitlines() == [
        "Error rate higher.",
        "all: error_rate higher, 0.01 to 0.2 (difference 0.1 to 0.28)",
        "orders: error_rate higher, 0.01 to 0.2 (difference 0.1 to 0.28)",
        "at 2026-11-20T10:00:00Z: error_rate 0 to 0.5, when orders:7 was first called",
        "2 groups tested.",
        "Next: analyze_errors() shows which errors.",
    ]


def test_its_schemas_are_short() -> None:
    assert len(json.dumps([SPEC.description, SPEC.input_schema, SPEC.output_schema])) < 800

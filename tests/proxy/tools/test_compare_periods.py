"""compare_periods: what is asked of the analysis, and what a model reads of its answer."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
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
    "groups": [
        {"group": "orders", "calls_before": 90, "calls_after": 80, "only_in": None, "changes": [HIGHER]},
        {"group": "stock", "calls_before": 0, "calls_after": 1204, "only_in": "after", "changes": []},
    ],
    "change_points": [
        {
            "series": "error_rate",
            "start": "2026-11-20T10:00:00Z",
            "end": "2026-11-20T12:00:00Z",
            "before": 0,
            "after": 0.5,
            "deployed": [{"version": "orders:7", "first_called": "2026-11-20T10:42:07.123Z"}],
        }
    ],
    "not_listed": {},
    "notes": ["2 groups tested."],
    "next_step": "analyze_errors() shows which errors.",
}


async def asked(ask_tool: Any, arguments: Mapping[str, Any]) -> Mapping[str, object]:
    outcome, name, parameters = await ask_tool(partial(ComparePeriods, now=lambda: NOW), ANSWER, arguments)
    assert (outcome.data, outcome.text) == (ANSWER, changes_text(ANSWER))
    assert name == "changes"
    return parameters


async def test_without_arguments_the_last_week_is_compared_with_the_one_before(ask_tool: Any) -> None:
    assert await asked(ask_tool, {}) == {"start": NOW - timedelta(days=7), "end": NOW}


async def test_two_periods_and_what_else_was_given_go_on_as_they_are(ask_tool: Any) -> None:
    day = {"start": "2026-11-20T00:00:00Z", "end": "2026-11-21T00:00:00Z"}
    assert await asked(ask_tool, {"a": day, "b": {"last": "3h"}, "group_by": "client", "function_name": "orders"}) == {
        "start": NOW - timedelta(hours=3),
        "end": NOW,
        "before_start": datetime(2026, 11, 20, tzinfo=UTC),
        "before_end": datetime(2026, 11, 21, tzinfo=UTC),
        "group_by": "client",
        "function_name": "orders",
    }


async def test_versions_go_on(ask_tool: Any) -> None:
    given = {"function_name": "orders", "version": "2", "before_version": "1"}
    assert await asked(ask_tool, given) == {"start": NOW - timedelta(days=7), "end": NOW, **given}


@pytest.mark.parametrize("name", ["a", "b"])
async def test_a_senseless_period_is_refused_by_name(ask_tool: Any, name: str) -> None:
    with pytest.raises(CallFailed, match="last is 'soon'"):
        await asked(ask_tool, {name: {"last": "soon"}})


def test_a_model_reads_what_changed_with_its_interval_when_and_one_next_step() -> None:
    assert changes_text(ANSWER).splitlines() == [
        "Error rate higher.",
        "all: error_rate higher, 0.01 to 0.2 (difference 0.1 to 0.28)",
        "orders: error_rate higher, 0.01 to 0.2 (difference 0.1 to 0.28)",
        "stock: only after, 1,204 calls",
        (
            "between 2026-11-20T10:00:00Z and 2026-11-20T12:00:00Z: error_rate 0 to 0.5; orders:7 first called "
            "2026-11-20T10:42:07Z"
        ),
        "2 groups tested.",
        "Next: analyze_errors() shows which errors.",
    ]


def test_a_model_reads_how_much_is_left_out_and_no_next_step_where_there_is_none() -> None:
    orders, *_ = ANSWER["groups"]
    (point,) = ANSWER["change_points"]
    told = changes_text(
        {
            **ANSWER,
            "groups": [{**orders, "changes": [HIGHER] * 6}] * 5,
            "change_points": [point] * 4,
            "not_listed": {"groups": 2, "change_points": 1},
            "next_step": None,
        }
    )
    assert "; 2 more figures\n" in told
    assert "\n3 more groups changed\n" in told
    assert "\n1 more moments of change\n" in told
    assert told.splitlines()[-1] == "2 groups tested."


def test_a_difference_without_ends_is_told_without_them() -> None:
    told = changes_text({**ANSWER, "changes": [{**HIGHER, "low": None, "high": None}]})
    assert "all: error_rate higher, 0.01 to 0.2\n" in told


def test_its_schemas_are_short() -> None:
    assert len(json.dumps([SPEC.description, SPEC.input_schema, SPEC.output_schema])) < 800

"""analyze_latency: what is asked of the analysis, and what a model reads of its answer."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.tools.analyze_latency import SPEC, AnalyzeLatency, latency_text

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FIGURES: Mapping[str, Any] = {
    "calls": 20,
    "cold_calls": 2,
    "percentiles_ms": {"p50": 72.388, "p99": 1805.16},
    "apdex": 0.925,
    "clocks": {"proxy": {"mean_ms": 2.0, "share": 0.02}, "handler": {"mean_ms": 98.123, "share": 0.98}},
}
CAUSES = [{"text": "82 % of the slowest 1 % were cold starts, 3 % of all calls"}, {"text": "50 % came from cursor"}]
ANSWER: Mapping[str, Any] = {
    "summary": f"20 calls took p50 72.4 ms; {CAUSES[0]['text']}.",
    "overall": FIGURES,
    "apdex_ms": 500,
    "groups": [{"group": "orders", "figures": FIGURES}],
    "tail": {"causes": CAUSES},
    "histogram": [],
    "slowest": [],
    "notes": ["Only 20 calls."],
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
    tool = AnalyzeLatency(questions, now=lambda: NOW)
    assert tool.aim(arguments).target == "self"
    outcome = await tool.run(call_of(arguments, tool=tool))
    assert outcome.data == ANSWER
    assert outcome.text == latency_text(ANSWER)
    ((name, parameters),) = questions.questions
    assert name == "latency"
    return parameters


async def test_without_arguments_the_last_week_is_asked_for(call_of: Any) -> None:
    assert await asked(call_of, {}) == {"start": NOW - timedelta(days=7), "end": NOW}


async def test_what_was_given_goes_on_as_it_is(call_of: Any) -> None:
    given = {"group_by": "client", "function_name": "orders", "percentiles": [50, 99.9], "apdex_ms": 200}
    parameters = await asked(call_of, {"time_range": {"last": "3h"}, "top": 2.0, **given})
    assert parameters == {"start": NOW - timedelta(hours=3), "end": NOW, "top": 2, **given}
    assert isinstance(parameters["top"], int)


async def test_a_senseless_time_range_is_refused_by_name(call_of: Any) -> None:
    with pytest.raises(CallFailed, match="last is 'soon'"):
        await asked(call_of, {"time_range": {"last": "soon"}})


def test_a_model_reads_the_clocks_apdex_causes_groups_notes_and_one_next_step() -> None:
    assert latency_text(ANSWER).splitlines() == [
        "20 calls took p50 72.4 ms; 82 % of the slowest 1 % were cold starts, 3 % of all calls.",
        "On average: proxy 2 ms, handler 98.1 ms.",
        "Apdex 0.93 at 500 ms.",
        "50 % came from cursor.",
        "orders: 20 calls, 2 cold, p50 72.39, p99 1805 ms",
        "Only 20 calls.",
        'Next: inspect_execution(call_id="0193-a") shows one.',
    ]


def test_without_calls_there_is_nothing_but_the_summary_and_a_step() -> None:
    nothing = {**FIGURES, "calls": 0, "apdex": None, "clocks": {}}
    empty = {**ANSWER, "summary": "No call.", "overall": nothing, "groups": [], "tail": {"causes": []}, "notes": []}
    assert latency_text(empty).splitlines() == ["No call.", f"Next: {ANSWER['next_step']}"]


def test_the_tool_costs_little_to_list() -> None:
    listed = {
        "name": SPEC.name,
        "title": SPEC.title,
        "description": SPEC.description,
        "inputSchema": SPEC.input_schema,
        "outputSchema": SPEC.output_schema,
    }
    assert len(json.dumps(listed, separators=(",", ":"))) < 850

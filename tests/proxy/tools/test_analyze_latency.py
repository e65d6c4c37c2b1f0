"""analyze_latency: what is asked of the analysis, and what a model reads of its answer."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from lambdascope_proxy.analysing.asking import MOST_TEXT_BYTES
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.tools.analyze_latency import SPEC, AnalyzeLatency, brief, latency_text

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TOOL = partial(AnalyzeLatency, now=lambda: NOW)
FIGURES: Mapping[str, Any] = {
    "calls": 20,
    "cold_calls": 2,
    "percentiles_ms": {"p50": 72.388, "p99": 1805.16},
    "apdex": 0.925,
    "failures": 1,
    "cold_share": 0.1,
    "cold_p50_ms": 460,
    "warm_p50_ms": 70.1,
    "clocks": {"proxy": {"mean_ms": 2.0, "share": 0.02}, "handler": {"mean_ms": 98.123, "share": 0.98}},
}
CAUSES = [
    {
        "text": "82% of the slowest 1% (82 of 100) were cold starts, 3% of all calls",
        "lift": 27,
        "p": 0,
        "feature": "cold_start",
    },
    {"text": "50 % came from cursor", "lift": 2, "p": 0.01, "feature": "client"},
]
ANSWER: Mapping[str, Any] = {
    "summary": f"20 calls took p50 72.4 ms; {CAUSES[0]['text']}.",
    "overall": FIGURES,
    "group_by": "function",
    "not_listed": {},
    "apdex_ms": 500,
    "groups": [{"group": "orders", "waited_share": 0.7, "figures": FIGURES}],
    "tail": {"from_ms": 1805.16, "calls": 1, "causes": CAUSES},
    "histogram": [{"from_ms": 39.8107, "to_ms": 100, "calls": 19}, {"from_ms": 100, "to_ms": 251.189, "calls": 1}],
    "slowest": [{"call_id": "0193-a", "trace_id": "ab", "total_ms": 1990, "outcome": "ok"}],
    "notes": ["Only 20 calls."],
    "next_step": 'inspect_execution(call_id="0193-a") shows one.',
}


async def asked(ask_tool: Any, arguments: Mapping[str, Any]) -> Mapping[str, object]:
    outcome, name, parameters = await ask_tool(TOOL, ANSWER, arguments)
    assert (outcome.data, outcome.text) == (brief(ANSWER), latency_text(ANSWER))
    assert name == "latency"
    return parameters


async def test_without_arguments_the_last_week_is_asked_for(ask_tool: Any) -> None:
    assert await asked(ask_tool, {}) == {"start": NOW - timedelta(days=7), "end": NOW}


async def test_what_was_given_goes_on_as_it_is(ask_tool: Any) -> None:
    given = {"group_by": "client", "function_name": "orders", "percentiles": [50, 99.9], "apdex_ms": 200}
    parameters = await asked(ask_tool, {"time_range": {"last": "3h"}, "top": 2.0, **given})
    assert parameters == {"start": NOW - timedelta(hours=3), "end": NOW, "top": 2, **given}
    assert isinstance(parameters["top"], int)


async def test_a_senseless_time_range_is_refused_by_name(ask_tool: Any) -> None:
    with pytest.raises(CallFailed, match="last is 'soon'"):
        await asked(ask_tool, {"time_range": {"last": "soon"}})


def test_a_model_reads_the_clocks_apdex_causes_groups_notes_and_one_next_step() -> None:
    assert latency_text(ANSWER).splitlines() == [
        "20 calls took p50 72.4 ms; 82% of the slowest 1% (82 of 100) were cold starts, 3% of all calls.",
        "On average: proxy 2 ms, handler 98.1 ms.",
        "Apdex 0.93 at 500 ms.",
        "50 % came from cursor.",
        "orders: 20 calls, 2 cold, p50 72.39, p99 1805 ms",
        "Only 20 calls.",
        'Next: inspect_execution(call_id="0193-a") shows one.',
    ]


def test_the_structured_part_keeps_what_a_model_needs_of_each_group() -> None:
    short = brief(ANSWER)
    assert short["groups"] == [
        {
            "group": "orders",
            "waited_share": 0.7,
            "calls": 20,
            "percentiles_ms": {"p50": 72.388, "p99": 1805.16},
            "apdex": 0.925,
            "cold_share": 0.1,
            "cold_p50_ms": 460,
            "warm_p50_ms": 70.1,
            "clock_shares": {"proxy": 0.02, "handler": 0.98},
        }
    ]
    assert short["histogram"] == {"from_ms": [39.8, 100], "calls": [19, 1]}
    assert short["slowest"] == [{"call_id": "0193-a", "trace_id": "ab", "total_ms": 1990}]
    assert short["tail"]["causes"][1] == {"text": "50 % came from cursor", "lift": 2}
    assert short["overall"] == FIGURES


async def test_of_many_groups_a_model_gets_nearly_ten_within_its_budget(ask_tool: Any) -> None:
    group = ANSWER["groups"][0] | {"group": "team-prod-function-19"}
    figures = FIGURES | {"percentiles_ms": dict.fromkeys(("p50", "p90", "p95", "p99"), 1234.56)}
    answer = {**ANSWER, "groups": [group | {"figures": figures}] * 100, "not_listed": {"groups": 3}}
    outcome, _, _ = await ask_tool(TOOL, answer, {})
    kept = len(outcome.data["groups"])
    assert kept >= 9
    assert outcome.data["not_listed"]["groups"] == 103 - kept
    assert len(json.dumps(outcome.data, separators=(",", ":")) + outcome.text) <= 6_000


async def test_of_many_days_a_model_gets_the_latest_in_order_of_time(ask_tool: Any) -> None:
    days = [f"2026-{10 + number // 30}-{1 + number % 30:02d}" for number in range(60)]
    groups = [ANSWER["groups"][0] | {"group": day} for day in days]
    answer = {**ANSWER, "group_by": "day", "groups": groups}
    outcome, _, _ = await ask_tool(TOOL, answer, {})
    kept = [group["group"] for group in outcome.data["groups"]]
    assert kept == days[-len(kept) :]
    assert outcome.data["not_listed"]["groups"] == 60 - len(kept)
    told = [line.partition(":")[0] for line in str(outcome.text).splitlines() if line.startswith("2026-")]
    assert told == days[-5:]
    assert "(55 more groups)" in str(outcome.text)


def test_of_long_names_as_many_are_told_as_there_is_room_for_besides_the_next_step() -> None:
    groups = [ANSWER["groups"][0] | {"group": str(number) * 300} for number in range(9)]
    text = latency_text({**ANSWER, "groups": groups, "not_listed": {"groups": 1_000}})
    assert len(text.encode()) <= MOST_TEXT_BYTES
    assert "(1,006 more groups)" in text, "there is room for three of them"
    assert text.endswith(str(ANSWER["next_step"]))
    step = "s" * 1_300
    assert latency_text({**ANSWER, "groups": groups, "next_step": step}).endswith("\nNext: " + step)


def test_without_calls_there_is_nothing_but_the_summary_and_a_step() -> None:
    nothing = {**FIGURES, "calls": 0, "apdex": None, "clocks": {}}
    empty = {**ANSWER, "summary": "No call.", "overall": nothing, "groups": [], "tail": {"causes": []}, "notes": []}
    assert latency_text(empty).splitlines() == ["No call.", f"Next: {ANSWER['next_step']}"]
    assert latency_text({**empty, "next_step": None}) == "No call."


def test_the_tool_costs_little_to_list() -> None:
    listed = {
        "name": SPEC.name,
        "title": SPEC.title,
        "description": SPEC.description,
        "inputSchema": SPEC.input_schema,
        "outputSchema": SPEC.output_schema,
    }
    assert len(json.dumps(listed, separators=(",", ":"))) < 850

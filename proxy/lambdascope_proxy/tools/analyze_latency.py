"""The tool that tells how long calls took and where the time went, from the history."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from lambdascope_analytics.analyses.grouping import GROUPS, OF_TIME
from lambdascope_proxy.analysing.analysis_tool import AnalysisTool
from lambdascope_proxy.analysing.asking import MOST_TEXT_BYTES
from lambdascope_proxy.analysing.fitting import fitted
from lambdascope_proxy.call import Outcome
from lambdascope_proxy.cloudwatch.window import TIME_RANGE_SCHEMA
from lambdascope_proxy.tool import ToolSpec

SHOWN: Final = 5
# The one named first loses its tail first.
LISTS: Final = ("slowest", "groups")

SPEC: Final = ToolSpec(
    name="analyze_latency",
    title="Analyze latency",
    description="How long calls took and where the time went: percentiles, cold starts, Apdex, why the slowest are so.",
    input_schema={
        "type": "object",
        "properties": {
            "time_range": TIME_RANGE_SCHEMA,
            "group_by": {"enum": list(GROUPS)},
            "percentiles": {"type": "array", "items": {"type": "number"}},
            "function_name": {"type": "string"},
            "top": {"type": "integer"},
            "apdex_ms": {"type": "number"},
        },
        "additionalProperties": False,
    },
    output_schema={
        "type": "object",
        "properties": {"summary": {"type": "string"}, "overall": {"type": "object"}},
    },
    read_only=True,
    idempotent=True,
    open_world=False,
)


def latency_text(data: Mapping[str, Any]) -> str:
    """The answer in words: the summary, the clocks, what the slowest share, groups, notes and what to do next.

    Of the groups as many are told as there is room for, besides all the rest.
    """
    before, after = [data["summary"], *_lines(data)], [*data["notes"], *_next(data)]
    texts = ("\n".join([*before, *_groups(data, shown), *after]) for shown in range(SHOWN, -1, -1))
    return next((text for text in texts if len(text.encode()) <= MOST_TEXT_BYTES), "\n".join([*before, *after]))


def _next(data: Mapping[str, Any]) -> Iterator[str]:
    if data["next_step"]:
        yield f"Next: {data['next_step']}"


def _lines(data: Mapping[str, Any]) -> Iterator[str]:
    overall = data["overall"]
    if overall["clocks"]:
        parts = [f"{name} {clock['mean_ms']:.3g} ms" for name, clock in overall["clocks"].items()]
        yield f"On average: {', '.join(parts)}."
    if overall["apdex"] is not None:
        yield f"Apdex {overall['apdex']:.2f} at {data['apdex_ms']:g} ms."
    for cause in data["tail"]["causes"]:
        # The summary has the first one; only the rest is told again where there is more.
        if cause["text"] not in data["summary"]:
            yield f"{cause['text']}."


def _groups(data: Mapping[str, Any], shown: int) -> Iterator[str]:
    groups = data["groups"]
    # Hours and days are in order of time, and the latest matter most.
    kept = groups[max(0, len(groups) - shown) :] if data["group_by"] in OF_TIME else groups[:shown]
    for group in kept:
        figures = group["figures"]
        values = ", ".join(f"{name} {value:.4g}" for name, value in figures["percentiles_ms"].items())
        cold = "" if not figures["cold_calls"] else f", {figures['cold_calls']} cold"
        yield f"{group['group']}: {figures['calls']} calls{cold}, {values} ms"
    if more := len(groups) - len(kept) + data["not_listed"].get("groups", 0):
        yield f"({more:,} more groups)"


def brief(data: Mapping[str, Any]) -> dict[str, Any]:
    """The answer in fewer words, so that a model gets to see ten groups of it and not two."""
    bins = data["histogram"]
    return {
        **data,
        "groups": [_brief_group(group) for group in data["groups"]],
        "tail": {**data["tail"], "causes": [_only(cause, "text", "lift") for cause in data["tail"]["causes"]]},
        "histogram": {"from_ms": [float(f"{each['from_ms']:.3g}") for each in bins], "calls": _column(bins, "calls")},
        "slowest": [_only(call, "call_id", "trace_id", "total_ms") for call in data["slowest"]],
    }


def _brief_group(group: Mapping[str, Any]) -> dict[str, Any]:
    figures = group["figures"]
    shares = {name: clock["share"] for name, clock in figures["clocks"].items()}
    return {
        **_only(group, "group", "waited_share"),
        **_only(figures, "calls", "percentiles_ms", "apdex", "cold_share", "cold_p50_ms", "warm_p50_ms"),
        "clock_shares": {name: share if share is None else round(share, 3) for name, share in shares.items()},
    }


def _only(whole: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: whole[name] for name in names}


def _column(rows: Sequence[Mapping[str, Any]], name: str) -> list[Any]:
    return [row[name] for row in rows]


class AnalyzeLatency(AnalysisTool):
    """Answers from the history how long calls took."""

    spec = SPEC
    analysis = "latency"
    text_of = staticmethod(latency_text)

    async def ask(self, parameters: Mapping[str, Any]) -> Outcome:
        """The answer, in brief. Raises CallFailed."""
        outcome = await super().ask(parameters)
        return replace(outcome, data=fitted(brief(outcome.data), LISTS))

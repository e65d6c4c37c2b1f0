"""The tool that tells what calls cost, from the history."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from lambdascope_analytics.analyses.grouping import GROUPS
from lambdascope_proxy.analysing.analysis_tool import AnalysisTool
from lambdascope_proxy.cloudwatch.window import TIME_RANGE_SCHEMA
from lambdascope_proxy.tool import ToolSpec
from lambdascope_proxy.views.figures import share
from lambdascope_proxy.views.money import change, dollars

SHOWN: Final = 5
WASTE: Final = ("failures", "retries", "cold_starts", "unused_memory")
# The one named first loses its tail first.
LISTS: Final = ("trends", "groups")

SPEC: Final = ToolSpec(
    name="analyze_cost",
    title="Analyze cost",
    description="Cost of recorded calls by group, with what failures, retries, cold starts took.",
    input_schema={
        "type": "object",
        "properties": {
            "group_by": {"enum": list(GROUPS)},
            "time_range": TIME_RANGE_SCHEMA,
            "compare_previous": {"type": "boolean"},
            "top": {"type": "integer", "minimum": 1, "maximum": 100},
            "function_name": {"type": "string"},
        },
        "additionalProperties": False,
    },
    output_schema={
        "type": "object",
        "properties": {
            "summary": {"type": "string"},
            "cost_usd": {"type": ["string", "null"]},
            "groups": {"type": "array"},
        },
    },
    read_only=True,
    idempotent=True,
    open_world=False,
)


def cost_text(data: Mapping[str, Any]) -> str:
    """The answer in words: the summary, the dearest groups, where money went, what to know and what to do next."""
    return "\n".join([data["summary"], *_lines(data), *data["notes"], f"Next: {data['next_step']}"])


def _lines(data: Mapping[str, Any]) -> Iterator[str]:
    for group in data["groups"][:SHOWN]:
        of_all = f" ({share(group['share'])})" if group["share"] is not None else ""
        changed = f", {change(group['change_usd'], group['change_share'])}" if group["change_usd"] else ""
        yield f"{group['group']}: {dollars(group['cost_usd'])}{of_all}, {group['calls']:,} calls{changed}"
    waste = data["waste"]
    parts = [f"{name.replace('_', ' ')} {_part(waste[name])}" for name in WASTE if waste[name]["cost_usd"] is not None]
    if parts:
        yield "Of it, not to be added up: " + ", ".join(parts)
    if data["looking"]["calls"]:
        yield f"Asking CloudWatch cost {dollars(data['looking']['cost_usd'])} besides."
    if data["projection"]["cost_usd"] is not None:
        projection = data["projection"]
        yield f"At this pace {projection['month']} costs {dollars(projection['cost_usd'])} ({projection['method']})."


def _part(spent: Mapping[str, Any]) -> str:
    return f"{dollars(spent['cost_usd'])} ({share(spent['share'])})" if spent["share"] else dollars(spent["cost_usd"])


class AnalyzeCost(AnalysisTool):
    """Answers from the history what was spent."""

    spec = SPEC
    analysis = "cost"
    lists = LISTS
    text_of = staticmethod(cost_text)

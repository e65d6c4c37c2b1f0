"""The tool that tells what calls cost, from the history."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from lambdascope_analytics.analyses.grouping import GROUPS, OF_TIME
from lambdascope_proxy.analysing.analysis_tool import AnalysisTool
from lambdascope_proxy.cloudwatch.window import TIME_RANGE_SCHEMA
from lambdascope_proxy.tool import ToolSpec
from lambdascope_proxy.views.figures import counted, share
from lambdascope_proxy.views.money import amounts, changes, dollars

SHOWN: Final = 5
WASTE: Final = ("failures", "retries", "cold_starts", "unused_memory")
LISTS: Final = ("groups",)
# A model reads the course of all: that of each group would take the place of other groups.
DRAWN: Final = ("trends",)

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
    following = [f"Next: {data['next_step']}"] if data["next_step"] else []
    return "\n".join([data["summary"], *_groups(data), *_lines(data), *data["notes"], *following])


def _groups(data: Mapping[str, Any]) -> Iterator[str]:
    groups, is_time = data["groups"], data["group_by"] in OF_TIME
    for group in groups[-SHOWN:] if is_time else groups[:SHOWN]:
        of_all = f" ({share(group['share'])})" if group["share"] is not None else ""
        more = changes(group["change_usd"], group["change_share"], group["other_changes"])
        cost = amounts(group["cost_usd"], group["other_currencies"])
        yield f"{group['group']}: {cost}{of_all}, {counted(group['calls'], 'call')}{', ' if more else ''}{more}"
    left_out = data["not_listed"].get("groups", 0)
    if more := max(0, len(groups) - SHOWN) + left_out:
        listed = f", {more - left_out:,} of them in the structured part" if more > left_out else ""
        yield f"{more:,} {'earlier' if is_time else 'more'} are not told here{listed}."


def _lines(data: Mapping[str, Any]) -> Iterator[str]:
    waste = data["waste"]
    parts = [f"{name.replace('_', ' ')} {_part(waste[name])}" for name in WASTE if waste[name]["cost_usd"] is not None]
    if parts:
        yield "Of it, not to be added up: " + ", ".join(parts)
    if data["looking"]["calls"]:
        yield f"Asking CloudWatch cost {dollars(data['looking']['cost_usd'])} besides."
    projection = data["projection"]
    if at_pace := amounts(projection["cost_usd"], projection["other_currencies"], unknown=""):
        yield f"At this pace {projection['month']} costs {at_pace} ({projection['method']})."


def _part(spent: Mapping[str, Any]) -> str:
    return f"{dollars(spent['cost_usd'])} ({share(spent['share'])})" if spent["share"] else dollars(spent["cost_usd"])


class AnalyzeCost(AnalysisTool):
    """Answers from the history what was spent."""

    spec = SPEC
    analysis = "cost"
    lists = LISTS
    drawn = DRAWN
    text_of = staticmethod(cost_text)

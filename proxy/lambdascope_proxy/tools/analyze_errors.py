"""The tool that tells what failed, from the history."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from lambdascope_analytics.analyses.grouping import GROUPS
from lambdascope_proxy.analysing.analysis_tool import AnalysisTool
from lambdascope_proxy.cloudwatch.window import TIME_RANGE_SCHEMA
from lambdascope_proxy.tool import ToolSpec

SHOWN: Final = 5
LONGEST_MESSAGE: Final = 100
# The one named first loses its tail first.
LISTS: Final = ("gone", "caller_errors", "groups", "errors")

SPEC: Final = ToolSpec(
    name="analyze_errors",
    title="Analyze errors",
    description=(
        "What failed in recorded calls: kinds of error with count, trend, cost and example ids, and the error rate "
        "beside the period before."
    ),
    input_schema={
        "type": "object",
        "properties": {
            "time_range": TIME_RANGE_SCHEMA,
            "group_by": {"enum": list(GROUPS)},
            "function_name": {"type": "string"},
            "top": {"type": "integer", "minimum": 1, "maximum": 100, "default": 10},
        },
        "additionalProperties": False,
    },
    output_schema={
        "type": "object",
        "properties": {
            "summary": {"type": "string"},
            "error_rate": {"type": ["number", "null"]},
            "errors": {"type": "array"},
        },
    },
    read_only=True,
    idempotent=True,
    open_world=False,
)


def errors_text(data: Mapping[str, Any]) -> str:
    """The answer in words: the summary, the most frequent kinds, what to know besides and what to do next."""
    return "\n".join([data["summary"], *_lines(data), *data["notes"], f"Next: {data['next_step']}"])


def _lines(data: Mapping[str, Any]) -> Iterator[str]:
    for kind in data["errors"][:SHOWN]:
        yield _kind(kind)
    for kind in data["caller_errors"][:2]:
        yield f"caller's fault: {_kind(kind)}"
    if data["gone"]:
        yield "No more: " + ", ".join(kind["error_type"] or kind["outcome"] for kind in data["gone"][:SHOWN])
    for group in data["groups"][:SHOWN]:
        rate = "" if group["error_rate"] is None else f", {group['error_rate']:.3g} of those that got through"
        yield f"{group['group']}: {group['failures']} of {group['calls']} calls failed{rate}"


def _kind(kind: Mapping[str, Any]) -> str:
    where = ", ".join(kind["functions"]["names"]) or "no function"
    trend = f", {kind['trend']}" if kind["trend"] else ""
    message = f": {kind['message'][:LONGEST_MESSAGE]}" if kind["message"] else ""
    example = f" [{kind['examples'][0]}]" if kind["examples"] else ""
    name = kind["error_type"] or kind["outcome"]
    return f"{kind['calls']}x {name} in {where}{trend}{message}{example}"


class AnalyzeErrors(AnalysisTool):
    """Answers from the history what failed."""

    spec = SPEC
    analysis = "errors"
    lists = LISTS
    text_of = staticmethod(errors_text)

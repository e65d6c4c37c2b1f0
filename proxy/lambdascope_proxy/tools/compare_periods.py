"""The tool that tells what changed between two periods, or between two versions, from the history."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from lambdascope_analytics.analyses.changes_asked import COMPARED
from lambdascope_proxy.analysing.analysis_tool import AnalysisTool
from lambdascope_proxy.cloudwatch.window import TIME_RANGE_SCHEMA
from lambdascope_proxy.tool import ToolSpec

SHOWN: Final = 4
# The one named first loses its tail first.
LISTS: Final = ("change_points", "groups", "changes")

SPEC: Final = ToolSpec(
    name="compare_periods",
    title="Compare periods",
    description=(
        "What changed from a (default: the period before) to b, or between two versions: rate, errors, latency, cost, "
        "tested for chance."
    ),
    input_schema={
        "type": "object",
        "properties": {
            "a": {"type": "object", "description": "as b"},
            "b": TIME_RANGE_SCHEMA,
            "group_by": {"enum": list(COMPARED)},
            "function_name": {"type": "string"},
            "version": {"type": "string"},
            "before_version": {"type": "string"},
        },
        "additionalProperties": False,
    },
    output_schema={
        "type": "object",
        "properties": {"summary": {"type": "string"}, "changes": {"type": "array"}, "groups": {"type": "array"}},
    },
    read_only=True,
    idempotent=True,
    open_world=False,
)
_GIVEN: Final = ("group_by", "function_name", "version", "before_version")


def changes_text(data: Mapping[str, Any]) -> str:
    """The answer in words: the summary, what changed of all and of groups, when, and what to do next."""
    return "\n".join([data["summary"], *_lines(data), *data["notes"], f"Next: {data['next_step']}"])


def _lines(data: Mapping[str, Any]) -> Iterator[str]:
    for change in data["changes"]:
        if change["verdict"] in {"higher", "lower"}:
            yield f"all: {_change(change)}"
    for group in data["groups"][:SHOWN]:
        yield f"{group['group']}: " + "; ".join(_change(change) for change in group["changes"][:SHOWN])
    for point in data["change_points"][:SHOWN]:
        deployed = f", when {', '.join(point['deployed'])} was first called" if point["deployed"] else ""
        yield f"at {point['at']}: {point['series']} {point['before']:.4g} to {point['after']:.4g}{deployed}"


def _change(change: Mapping[str, Any]) -> str:
    figures = f"{change['before']} to {change['after']}"
    return f"{change['measure']} {change['verdict']}, {figures} (difference {change['low']} to {change['high']})"


class ComparePeriods(AnalysisTool):
    """Answers from the history what changed."""

    spec = SPEC
    analysis = "changes"
    lists = LISTS
    text_of = staticmethod(changes_text)

    def parameters_of(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """As the analysis takes them: `b` is the period, `a` the one before. Raises CallFailed."""
        after = self.window(arguments.get("b"))
        asked = {"start": after.start, "end": after.end}
        if arguments.get("a"):
            before = self.window(arguments["a"])
            asked |= {"before_start": before.start, "before_end": before.end}
        return {**asked, **{name: arguments[name] for name in _GIVEN if name in arguments}}

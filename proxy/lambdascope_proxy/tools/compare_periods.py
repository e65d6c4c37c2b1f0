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
    following = [f"Next: {data['next_step']}"] if data["next_step"] else []
    return "\n".join([data["summary"], *_lines(data), *data["notes"], *following])


def _lines(data: Mapping[str, Any]) -> Iterator[str]:
    for change in data["changes"]:
        if change["verdict"] in {"higher", "lower"}:
            yield f"all: {_change(change)}"
    for group in data["groups"][:SHOWN]:
        yield f"{group['group']}: {'; '.join(_group(group))}"
    if more := _left_out(data, "groups"):
        yield f"{more} more groups changed"
    for point in data["change_points"][:SHOWN]:
        yield _point(point)
    if more := _left_out(data, "change_points"):
        yield f"{more} more moments of change"


def _left_out(data: Mapping[str, Any], name: str) -> int:
    return max(0, len(data[name]) - SHOWN) + data["not_listed"].get(name, 0)


def _group(group: Mapping[str, Any]) -> Iterator[str]:
    if group["only_in"]:
        yield f"only {group['only_in']}, {group['calls_before'] + group['calls_after']:,} calls"
    for change in group["changes"][:SHOWN]:
        yield _change(change)
    if (more := len(group["changes"]) - SHOWN) > 0:
        yield f"{more} more figures"


def _change(change: Mapping[str, Any]) -> str:
    figures = f"{change['before']} to {change['after']}"
    interval = "" if change["low"] is None else f" (difference {change['low']} to {change['high']})"
    return f"{change['measure']} {change['verdict']}, {figures}{interval}"


def _point(point: Mapping[str, Any]) -> str:
    deployed = "".join(f"; {each['version']} first called {each['first_called'][:19]}Z" for each in point["deployed"])
    when = f"between {point['start']} and {point['end']}"
    return f"{when}: {point['series']} {point['before']:.4g} to {point['after']:.4g}{deployed}"


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

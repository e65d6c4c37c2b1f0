"""The tool that tells what changed between two periods, or between two versions, from the history."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from lambdascope_analytics.analyses.changes_asked import COMPARED
from lambdascope_analytics.asking.questions import Questions
from lambdascope_proxy.analysing.asking import ask
from lambdascope_proxy.call import Aim, Call, Outcome
from lambdascope_proxy.cloudwatch.window import TIME_RANGE_SCHEMA, read_window
from lambdascope_proxy.commands.reporting import RETENTION_S
from lambdascope_proxy.tool import ToolSpec

DEFAULT_S: Final = 7 * 86_400.0
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


class ComparePeriods:
    """Answers from the history what changed."""

    spec = SPEC

    def __init__(self, questions: Questions, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._questions = questions
        self._now = now

    def aim(self, arguments: Mapping[str, Any]) -> Aim:
        """At ourselves."""
        return Aim(target="self")

    async def run(self, call: Call) -> Outcome:
        """The answer. Raises CallFailed for a question that makes no sense and a history that cannot be read."""
        parameters = {
            **self._periods(call.arguments),
            **{name: call.arguments[name] for name in _GIVEN if name in call.arguments},
        }
        return await ask(self._questions, "changes", parameters, lists=LISTS, text_of=changes_text)

    def _periods(self, arguments: Mapping[str, Any]) -> dict[str, datetime]:
        now = self._now()
        after = read_window(arguments.get("b"), now, default_s=DEFAULT_S, retention_s=RETENTION_S)
        asked = {"start": after.start, "end": after.end}
        if not arguments.get("a"):
            return asked
        before = read_window(arguments["a"], now, default_s=DEFAULT_S, retention_s=RETENTION_S)
        return {**asked, "before_start": before.start, "before_end": before.end}


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

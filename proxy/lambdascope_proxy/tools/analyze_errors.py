"""The tool that tells what failed, from the history."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from lambdascope_analytics.analyses.grouping import GROUPS
from lambdascope_analytics.asking.questions import Questions
from lambdascope_proxy.analysing.asking import ask
from lambdascope_proxy.call import Aim, Call, Outcome
from lambdascope_proxy.cloudwatch.window import TIME_RANGE_SCHEMA, read_window
from lambdascope_proxy.commands.reporting import RETENTION_S
from lambdascope_proxy.tool import ToolSpec

DEFAULT_S: Final = 7 * 86_400.0
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


class AnalyzeErrors:
    """Answers from the history what failed."""

    spec = SPEC

    def __init__(self, questions: Questions, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._questions = questions
        self._now = now

    def aim(self, arguments: Mapping[str, Any]) -> Aim:
        """At ourselves."""
        return Aim(target="self")

    async def run(self, call: Call) -> Outcome:
        """The answer. Raises CallFailed for a question that makes no sense and a history that cannot be read."""
        asked = {name: call.arguments[name] for name in ("group_by", "function_name") if name in call.arguments}
        # JSON Schema counts 2.0 among the integers.
        asked |= {"top": int(call.arguments["top"])} if "top" in call.arguments else {}
        window = read_window(
            call.arguments.get("time_range"), self._now(), default_s=DEFAULT_S, retention_s=RETENTION_S
        )
        parameters = {"start": window.start, "end": window.end, **asked}
        return await ask(self._questions, "errors", parameters, lists=LISTS, text_of=errors_text)


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

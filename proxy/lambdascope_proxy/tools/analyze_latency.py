"""The tool that tells how long calls took and where the time went, from the history."""

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
# The one named first loses its tail first.
LISTS: Final = ("slowest", "histogram", "groups")

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


class AnalyzeLatency:
    """Answers from the history how long calls took."""

    spec = SPEC

    def __init__(self, questions: Questions, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._questions = questions
        self._now = now

    def aim(self, arguments: Mapping[str, Any]) -> Aim:
        """At ourselves."""
        return Aim(target="self")

    async def run(self, call: Call) -> Outcome:
        """The answer. Raises CallFailed for a question that makes no sense and a history that cannot be read."""
        asked = {name: value for name, value in call.arguments.items() if name != "time_range"}
        # JSON Schema counts 2.0 among the integers.
        asked |= {"top": int(asked["top"])} if "top" in asked else {}
        window = read_window(
            call.arguments.get("time_range"), self._now(), default_s=DEFAULT_S, retention_s=RETENTION_S
        )
        parameters = {"start": window.start, "end": window.end, **asked}
        return await ask(self._questions, "latency", parameters, lists=LISTS, text_of=latency_text)


def latency_text(data: Mapping[str, Any]) -> str:
    """The answer in words: the summary, the clocks, what the slowest share, groups, notes and what to do next."""
    return "\n".join([data["summary"], *_lines(data), *data["notes"], f"Next: {data['next_step']}"])


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
    for group in data["groups"][:SHOWN]:
        figures = group["figures"]
        values = ", ".join(f"{name} {value:.4g}" for name, value in figures["percentiles_ms"].items())
        cold = "" if not figures["cold_calls"] else f", {figures['cold_calls']} cold"
        yield f"{group['group']}: {figures['calls']} calls{cold}, {values} ms"

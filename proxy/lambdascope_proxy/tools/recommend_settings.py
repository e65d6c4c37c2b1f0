"""The tool that says what to set for one function, from the history; the catalogue tells what is set now."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from lambdascope_analytics.asking.questions import Questions
from lambdascope_proxy.analysing.analysis_tool import AnalysisTool
from lambdascope_proxy.analysing.asking import MOST_TEXT_BYTES
from lambdascope_proxy.call import Call, Outcome
from lambdascope_proxy.catalogs import Catalogs
from lambdascope_proxy.cloudwatch.window import TIME_RANGE_SCHEMA
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.function_name import read_function_name
from lambdascope_proxy.selection import Function
from lambdascope_proxy.tool import ToolSpec

# As AWS Compute Optimizer looks back.
DEFAULT_S: Final = 14 * 86_400.0
# The answer stands without the catalogue: AWS out of reach must not keep it.
LOOK_S: Final = 3.0
# The one named first loses its tail first; recommendations end with those that change nothing.
LISTS: Final = ("notes", "refusals", "recommendations")
EXPLAINED: Final = 3
# What a month is, and what ran at other sizes: those after them change no advice.
TOLD_NOTES: Final = 2
LONGEST_REASON: Final = 150
# Calls fail where these are set too low; the other risks are in the structured part.
RISKY: Final = ("memory", "timeout")

SPEC: Final = ToolSpec(
    name="recommend_settings",
    title="Recommend settings",
    description="What to set for a function: memory, arm64, timeout, concurrency, SnapStart; with evidence, $ a month.",
    input_schema={
        "type": "object",
        "properties": {
            "function_name": {"type": "string", "maxLength": 256},
            "region": {"type": "string"},
            "time_range": TIME_RANGE_SCHEMA,
        },
        "required": ["function_name"],
        "additionalProperties": False,
    },
    output_schema={
        "type": "object",
        "properties": {
            "summary": {"type": "string"},
            "recommendations": {"type": "array"},
        },
    },
    read_only=True,
    idempotent=True,
    open_world=False,
)


def _changed_since(data: Mapping[str, Any], found: Function | None) -> Iterator[str]:
    if found is None or data["memory_mb"] is None:
        return
    now, then = (found.memory_mb, found.architecture), (data["memory_mb"], data["architecture"])
    if now != then:
        yield f"It is set to {now[0]} MB, {now[1]} now; this rests on calls with {then[0]} MB, {then[1]}."


def sizing_text(data: Mapping[str, Any]) -> str:
    """The answer in words: the summary, each change with its reason, what stays or cannot be said, the next step."""
    told = [data["summary"], *_lines(data)]
    step = [f"Next: {data['next_step']}"] if data["next_step"] else []
    for note in data["notes"][:TOLD_NOTES]:
        if len("\n".join([*told, note, *step]).encode()) <= MOST_TEXT_BYTES:
            told.append(note)
    return "\n".join([*told, *step])


def _lines(data: Mapping[str, Any]) -> Iterator[str]:
    changes = [one for one in data["recommendations"] if one["is_change"]]
    for one in changes[:EXPLAINED]:
        yield f"{one['setting']} ({one['confidence']} confidence): {_short(one['why'])}{_risk(one)}"
    if kept := [one["setting"] for one in data["recommendations"] if not one["is_change"]]:
        yield f"No change: {', '.join(kept)}."
    # The summary names all that cannot be judged.
    for one in data["refusals"][: EXPLAINED - len(changes)]:
        yield f"Cannot judge {one['setting']}: {_short(one['missing'])}"


def _risk(one: Mapping[str, Any]) -> str:
    return f" Risk: {_short(one['risk'])}" if one["risk"] and one["setting"] in RISKY else ""


def _short(text: str) -> str:
    return f"{text}." if len(text) <= LONGEST_REASON else f"{text[:LONGEST_REASON].rpartition(' ')[0]}..."


class RecommendSettings(AnalysisTool):
    """Answers from the history what to set."""

    spec = SPEC
    analysis = "sizing"
    lists = LISTS
    text_of = staticmethod(sizing_text)
    default_s = DEFAULT_S

    def __init__(
        self,
        questions: Questions,
        catalogs: Catalogs,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(questions, now)
        self._catalogs = catalogs

    async def run(self, call: Call) -> Outcome:
        """The advice. Raises CallFailed for a question that makes no sense and a history that cannot be read."""
        arguments = call.arguments
        named = read_function_name(arguments["function_name"], arguments.get("region"))
        window = self.window(arguments.get("time_range"))
        found = await self._configured(arguments)
        # A name may be found in several accounts only where several are looked at.
        account_id = named.account_id or (found.account_id if found and self._catalogs.accounts else None)
        parameters = {
            "function_name": named.name,
            "start": window.start,
            "end": window.end,
            "region": named.region or (found.region if found else None),
            "account_id": account_id,
            "timeout_s": found.timeout_s if found else None,
            "memory_mb": found.memory_mb if found else None,
            "architecture": found.architecture if found else None,
        }
        outcome = await self.ask(parameters)
        return replace(outcome, notes=(*outcome.notes, *_changed_since(outcome.data, found)))

    async def _configured(self, arguments: Mapping[str, Any]) -> Function | None:
        """The function as it is configured now; None where that cannot be known, which no advice fails for."""
        try:
            async with asyncio.timeout(LOOK_S):
                return await self._catalogs.find(arguments["function_name"], arguments.get("region"))
        except (CallFailed, TimeoutError):
            return None

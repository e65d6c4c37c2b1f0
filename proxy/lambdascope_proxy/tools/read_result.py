"""The tool that reads on in a result too long for one answer."""

from collections.abc import Mapping
from typing import Any, Final

from lambdascope_proxy.call import Aim, Call, Outcome, OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.results import Results
from lambdascope_proxy.tool import ToolSpec

SPEC: Final = ToolSpec(
    name="read_result",
    title="Read on in a long result",
    description="Reads on in a function's result that was too long for one answer, kept for about 15 minutes.",
    input_schema={
        "type": "object",
        "properties": {
            "call_id": {"type": "string", "minLength": 1, "description": "Of the answer that was cut"},
            "offset": {"type": "integer", "minimum": 0, "default": 0},
            "length": {"type": "integer", "minimum": 1, "description": "Characters; default: as many as fit"},
        },
        "required": ["call_id"],
        "additionalProperties": False,
    },
    output_schema={
        "type": "object",
        "properties": {
            "text": {"type": "string"},
            "offset": {"type": "integer"},
            "next_offset": {"type": ["integer", "null"]},
            "total": {"type": "integer"},
        },
    },
    read_only=True,
    idempotent=True,
    open_world=False,
)


class ReadResult:
    """Answers from what this process kept in memory."""

    spec = SPEC

    def __init__(self, results: Results, most_bytes: int) -> None:
        self._results = results
        self._most_bytes = most_bytes

    def aim(self, arguments: Mapping[str, Any]) -> Aim:
        """Stays in this proxy."""
        return Aim()

    async def run(self, call: Call) -> Outcome:
        """One part. Raises CallFailed(not_found) when the result is not, or no longer, kept."""
        call_id: str = call.arguments["call_id"]
        text = self._results.read(call_id, call.caller.principal)
        if text is None:
            hint = "Results are kept for about 15 minutes by the process that made the call. Call the function again."
            raise CallFailed(OutcomeKind.NOT_FOUND, "ResultNotKept", f"No result is kept for call {call_id!r}.", hint)
        # JSON Schema counts 2.0 among the integers.
        offset = int(call.arguments.get("offset", 0))
        wanted = min(int(call.arguments.get("length", self._most_bytes)), self._most_bytes)
        part = text[offset : offset + wanted].encode()[: self._most_bytes].decode(errors="ignore")
        end = offset + len(part)
        data = {"text": part, "offset": offset, "next_offset": end if end < len(text) else None, "total": len(text)}
        return Outcome(kind=OutcomeKind.OK, text=part, data=data)

"""Checks a tool's arguments against its input schema and encodes the payload, before anything is paid for."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lambdascope_proxy.call import Call, Next, Outcome, OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.schemas import compile_schema
from lambdascope_proxy.tool import ToolSpec

Compiled = tuple[Mapping[str, Any], Callable[[object], list[str]]]

NAME_CHARS = 64
MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class ArgumentsStep:
    """Unknown arguments are refused by name; each tool's schema is compiled once, and again when it changed."""

    _compiled: dict[str, Compiled] = field(default_factory=dict[str, Compiled])

    async def __call__(self, call: Call, call_next: Next) -> Outcome:
        """Raises CallFailed(invalid_arguments) that says what is wrong."""
        spec = call.tool.spec
        if spec.checks_arguments and (problems := self._problems(spec, call.arguments)):
            hint = f"Arguments of {spec.name}: {', '.join(spec.input_schema.get('properties', {})) or 'none'}."
            raise CallFailed(
                OutcomeKind.INVALID_ARGUMENTS,
                "InvalidArguments",
                "; ".join(problems),
                hint,
                recorded=places_of(problems),
            )
        if call.aim.target == "lambda":
            call = replace(call, payload=encode(call.aim.payload))
        return await call_next(call)

    def _problems(self, spec: ToolSpec, arguments: Mapping[str, Any]) -> list[str]:
        known = spec.input_schema.get("properties", {})
        if unknown := [name for name in arguments if name not in known]:
            return [f"{name[:NAME_CHARS]}: unknown argument {name[:NAME_CHARS]!r}" for name in unknown[:MOST_NAMED]]
        schema, check = self._compiled.get(spec.name, (None, None))
        if check is None or schema is not spec.input_schema:
            check = compile_schema(spec.input_schema)
            self._compiled[spec.name] = (spec.input_schema, check)
        return check(arguments)


def places_of(problems: list[str]) -> str:
    """What the history keeps of the problems of a payload: where they are, not the values they quote."""
    return f"does not fit its schema at {', '.join(problem.split(': ')[0] for problem in problems)}"


def encode(payload: Any) -> bytes:
    """The payload as the JSON bytes the function receives."""
    try:
        return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        # Half a surrogate pair is valid in JSON but not in UTF-8: such text travels escaped.
        return json.dumps(payload, separators=(",", ":")).encode()

"""One tool per function, for clients that choose among tools rather than names."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from lambdascope_proxy.call import Aim, Call, Next, Outcome
from lambdascope_proxy.selection import Function
from lambdascope_proxy.tool import ToolSpec
from lambdascope_proxy.tools.invoke_function import INVOCATION_OUTPUT

# MCP allows 128 characters; several clients and model APIs take only 64 of [A-Za-z0-9_-].
NAME_CHARS = 64
HASH_CHARS = 8
ANY_OBJECT: Mapping[str, Any] = {"type": "object", "additionalProperties": True}


class FunctionTool:
    """Its arguments are the payload. A schema that is not an object's is wrapped as the argument `payload`."""

    def __init__(self, name: str, function: Function, schema: Mapping[str, Any] | None, invoke: Next) -> None:
        self._function = function
        self._invoke = invoke
        self._is_wrapped = schema is not None and schema.get("type") != "object"
        described = function.description or "No description was given."
        self.spec = ToolSpec(
            name=name,
            title=function.name,
            description=f"Calls the AWS Lambda function {function.name}. {described}",
            input_schema=_wrapped(schema) if schema is not None and self._is_wrapped else schema or ANY_OBJECT,
            output_schema=INVOCATION_OUTPUT,
            read_only=False,
            destructive=True,
            checks_arguments=self._is_wrapped,
        )

    def aim(self, arguments: Mapping[str, Any]) -> Aim:
        """Always at its own function."""
        payload = arguments.get("payload") if self._is_wrapped else dict(arguments)
        return Aim(
            target="lambda",
            function_name=self._function.name,
            region=self._function.region,
            account_id=self._function.account_id,
            invocation_type="RequestResponse",
            payload=payload,
        )

    async def run(self, call: Call) -> Outcome:
        """Invokes the function."""
        return await self._invoke(call)


def _wrapped(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    # With an id of its own the inner schema stays the root its references mean.
    inner = {**{key: value for key, value in schema.items() if key != "$schema"}, "$id": "urn:lambdascope:payload"}
    return {"type": "object", "properties": {"payload": inner}, "required": ["payload"], "additionalProperties": False}


def tool_names(function_names: Iterable[str], taken: Iterable[str]) -> dict[str, str]:
    """A unique tool name for each function: the function's own where it can be, else with a hash of it.

    Stable: a name does not depend on the order, and a function keeps its hash whatever else exists.
    """
    names = list(function_names)
    plain = {name: re.sub(r"[^A-Za-z0-9_-]", "_", name) for name in names}
    counts: dict[str, int] = {}
    for tool_name in [*plain.values(), *taken]:
        # Names are compared as hosts with case-blind tool tables would compare them.
        counts[tool_name.lower()] = counts.get(tool_name.lower(), 0) + 1
    return {
        name: tool_name if counts[tool_name.lower()] == 1 and len(tool_name) <= NAME_CHARS else _hashed(name, tool_name)
        for name, tool_name in plain.items()
    }


def _hashed(function_name: str, tool_name: str) -> str:
    digest = hashlib.sha256(function_name.encode()).hexdigest()[:HASH_CHARS]
    return f"{tool_name[: NAME_CHARS - HASH_CHARS - 1]}_{digest}"

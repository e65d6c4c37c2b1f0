"""The tool that calls any allowed function by name."""

from collections.abc import Mapping
from typing import Any, Final, get_args

from lambdascope_proxy.call import Aim, Call, InvocationType, Next, Outcome
from lambdascope_proxy.function_name import REGION_ARGUMENT, guessed_name
from lambdascope_proxy.tool import ToolSpec

TEXT_OR_NULL: Final = {"type": ["string", "null"]}
NUMBER_OR_NULL: Final = {"type": ["number", "null"]}

INVOCATION_OUTPUT: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {
        "result": {},
        "call_id": {"type": "string"},
        "outcome": {"type": "string"},
        "request_id": TEXT_OR_NULL,
        "trace_id": TEXT_OR_NULL,
        "error_type": TEXT_OR_NULL,
        "billed_ms": NUMBER_OR_NULL,
        "cold_start": {"type": ["boolean", "null"]},
        "cost_usd": {"type": ["string", "null"]},
        "cost_source": {"type": "string"},
    },
    "required": ["call_id", "outcome"],
}

SPEC: Final = ToolSpec(
    name="invoke_function",
    title="Invoke a Lambda function",
    description=(
        "Calls an AWS Lambda function and returns its result, with what the call took and cost. list_functions names "
        "functions, get_function_schema what payload one takes."
    ),
    input_schema={
        "type": "object",
        "properties": {
            "function_name": {"type": "string", "minLength": 1, "maxLength": 256},
            "payload": {"description": "The event, any JSON; default {}"},
            "invocation_type": {
                "type": "string",
                "enum": list(get_args(InvocationType)),
                "default": "RequestResponse",
                "description": "Event: run later, without a result. DryRun: only check permission",
            },
            "log_type": {
                "type": "string",
                "enum": ["None", "Tail"],
                "default": "None",
                "description": "Tail: also the end of its log",
            },
            "qualifier": {
                "type": "string",
                "minLength": 1,
                "maxLength": 128,
                "description": "Alias or version",
            },
            "region": REGION_ARGUMENT,
        },
        "required": ["function_name"],
        "additionalProperties": False,
    },
    output_schema=INVOCATION_OUTPUT,
    read_only=False,
    destructive=True,
)


class InvokeFunction:
    """Aims a call at the function its arguments name."""

    spec = SPEC

    def __init__(self, invoke: Next) -> None:
        self._invoke = invoke

    def aim(self, arguments: Mapping[str, Any]) -> Aim:
        """Reads what can be read; the arguments step says what is wrong with the rest."""
        kind, named = arguments.get("invocation_type", "RequestResponse"), guessed_name(arguments)
        return Aim(
            target="lambda",
            function_name=named.name or None,
            region=named.region,
            account_id=named.account_id,
            qualifier=_text(arguments.get("qualifier")),
            invocation_type=kind if kind in get_args(InvocationType) else None,
            payload=arguments.get("payload", {}),
            wants_log=arguments.get("log_type") == "Tail",
        )

    async def run(self, call: Call) -> Outcome:
        """Invokes the function."""
        return await self._invoke(call)


def _text(value: Any) -> str | None:
    return value[:256] if isinstance(value, str) else None

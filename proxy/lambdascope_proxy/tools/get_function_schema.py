"""The tool that shows what a function takes."""

import json
from collections.abc import Mapping
from typing import Any, Final

from lambdascope_proxy.call import Aim, Call, Outcome, OutcomeKind
from lambdascope_proxy.catalogs import Catalogs
from lambdascope_proxy.examples import examples_of
from lambdascope_proxy.function_name import REGION_ARGUMENT, guessed_name
from lambdascope_proxy.schema_store import SchemaStore
from lambdascope_proxy.tool import ToolSpec

SPEC: Final = ToolSpec(
    name="get_function_schema",
    title="Show a function's input schema",
    description="What payload a Lambda function takes: its JSON Schema, where one is registered, and examples.",
    input_schema={
        "type": "object",
        "properties": {
            "function_name": {"type": "string", "minLength": 1, "maxLength": 256},
            "region": REGION_ARGUMENT,
            "schema_version": {"type": "string", "description": "Default: newest"},
            "include_examples": {"type": "boolean", "default": False},
        },
        "required": ["function_name"],
        "additionalProperties": False,
    },
    output_schema={
        "type": "object",
        "properties": {
            "schema": {"type": ["object", "null"]},
            "schema_version": {"type": ["string", "null"]},
            "examples": {"type": "array"},
        },
    },
    read_only=True,
    idempotent=True,
)


class GetFunctionSchema:
    """Answers from the Schema Registry, through the function's tag."""

    spec = SPEC

    def __init__(self, catalogs: Catalogs, schemas: SchemaStore, tag_key: str) -> None:
        self._catalogs = catalogs
        self._schemas = schemas
        self._tag_key = tag_key

    def aim(self, arguments: Mapping[str, Any]) -> Aim:
        """Stays in this proxy, about one function."""
        named = guessed_name(arguments)
        return Aim(function_name=named.name or None, region=named.region, account_id=named.account_id)

    async def run(self, call: Call) -> Outcome:
        """The schema, or the plain statement that there is none. Raises CallFailed as the catalogue and registry do."""
        function = await self._catalogs.find(call.arguments["function_name"], call.arguments.get("region"))
        found = await self._schemas.of(function, call.arguments.get("schema_version", ""))
        data: dict[str, Any] = {
            "function_name": function.name,
            "description": function.description,
            "schema": found.schema if found else None,
            "schema_version": found.version if found else None,
            "schema_arn": found.arn if found else None,
        }
        if call.arguments.get("include_examples"):
            data["examples"] = examples_of(found.schema) if found else []
        notes = () if found else (self._why_none(),)
        return Outcome(kind=OutcomeKind.OK, text=json.dumps(data, ensure_ascii=False), data=data, notes=notes)

    def _why_none(self) -> str:
        if not self._tag_key:
            return "No schema is known: FUNCTION_INPUT_SCHEMA_ARN_TAG_KEY is not set. Go by the function's description."
        return f"No schema is known: the function has no tag {self._tag_key!r}. Go by the function's description."

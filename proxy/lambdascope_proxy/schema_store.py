"""Reads a function's input schema from the EventBridge Schema Registry, once, and keeps it compiled."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lambdascope_proxy.aws.failures import failure_of
from lambdascope_proxy.aws.places import Place, Places
from lambdascope_proxy.aws.regions import EVERY, settled_region
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.remembered import Remembered
from lambdascope_proxy.schemas import SchemaUnusable, compile_schema, parse_schema_arn, to_json_schema
from lambdascope_proxy.selection import Function
from lambdascope_proxy.threads import Threads


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSchema:
    """One version of a schema as JSON Schema 2020-12; `problems(payload)` lists what is wrong with a payload."""

    arn: str
    version: str
    schema: Mapping[str, Any]
    problems: Callable[[object], list[str]]


class SchemaStore:
    """Schemas by ARN and version."""

    def __init__(self, places: Places, threads: Threads, tag_key: str, *, ttl_s: float) -> None:
        self._places = places
        self._threads = threads
        self._tag_key = tag_key
        self._kept: Remembered[tuple[str, str], InputSchema] = Remembered(self._read, ttl_s=ttl_s)

    async def of(self, function: Function, version: str = "") -> InputSchema | None:
        """The schema of a function, or None when it names none. Raises CallFailed when it cannot be read or used."""
        arn = self.arn_of(function)
        return await self._kept.get((arn, version)) if arn else None

    def arn_of(self, function: Function) -> str:
        """The ARN in the function's schema tag; empty when it has none."""
        return (function.tags or {}).get(self._tag_key, "") if self._tag_key else ""

    async def _read(self, key: tuple[str, str]) -> InputSchema | CallFailed:
        return await self._threads.run(lambda: self._read_now(*key))

    def _read_now(self, arn: str, version: str) -> InputSchema | CallFailed:
        try:
            return self.describe(arn, version)
        except SchemaUnusable as error:
            hint = "The schema's owner must correct it; invoke_function still works, without checking the payload."
            return CallFailed(OutcomeKind.TOOL_ERROR, "SchemaUnusable", f"Schema {arn}: {error}", hint)
        except Exception as error:
            return failure_of(error, f"reading schema {arn}", arn.split(":")[3])

    def describe(self, arn: str, version: str = "") -> InputSchema:
        """Reads and converts one version, blocking. Raises SchemaUnusable and what boto3 raises."""
        name = parse_schema_arn(arn)
        try:
            region = settled_region(self._places.home.region, name.region, {EVERY})
        except CallFailed as failed:
            raise SchemaUnusable(f"{arn} names no region that can be asked. {failed}") from failed
        client = self._places.reader("schemas", Place(region=region, account_id=name.account_id or ""))
        request = {"RegistryName": name.registry, "SchemaName": name.name}
        try:
            found = client.describe_schema(**request, **({"SchemaVersion": version} if version else {}))
        except client.exceptions.NotFoundException as error:
            raise self._no_such_version(client, request, version) if version else error from error
        schema = to_json_schema(found["Content"], found["Type"])
        return InputSchema(arn=arn, version=found["SchemaVersion"], schema=schema, problems=compile_schema(schema))

    @staticmethod
    def _no_such_version(client: Any, request: Mapping[str, str], version: str) -> CallFailed:
        pages = client.get_paginator("list_schema_versions").paginate(**request)
        known = [summary["SchemaVersion"] for page in pages for summary in page["SchemaVersions"]]
        return CallFailed(
            OutcomeKind.NOT_FOUND,
            "SchemaVersionNotFound",
            f"Schema {request['SchemaName']} has no version {version!r}.",
            f"Use one of {', '.join(known) or '(none exist)'}, or leave schema_version out for the newest.",
        )

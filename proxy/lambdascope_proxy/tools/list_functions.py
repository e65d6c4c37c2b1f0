"""The tool that shows which functions may be called."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from lambdascope_proxy.call import Aim, Call, Outcome, OutcomeKind
from lambdascope_proxy.catalog import Snapshot
from lambdascope_proxy.catalogs import Catalogs
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.function_name import REGION_ARGUMENT, read_function_name
from lambdascope_proxy.selection import Function
from lambdascope_proxy.tool import ToolSpec

PAGE = 50

SPEC: Final = ToolSpec(
    name="list_functions",
    title="List Lambda functions",
    description="Lists the AWS Lambda functions that invoke_function may call, 50 a page.",
    input_schema={
        "type": "object",
        "properties": {
            "include_metadata": {
                "type": "boolean",
                "default": False,
                "description": "Also runtime, memory, timeout, tags",
            },
            "filter_by_tags": {
                "type": "object",
                "additionalProperties": {"type": "string"},
            },
            "runtime_filter": {"type": "string", "description": "Prefix, such as python"},
            "region": REGION_ARGUMENT,
            "cursor": {"type": "string"},
        },
        "additionalProperties": False,
    },
    output_schema={
        "type": "object",
        "properties": {
            "functions": {"type": "array"},
            "total": {"type": "integer"},
            "next_cursor": {"type": ["string", "null"]},
        },
    },
    read_only=True,
    idempotent=True,
)


class ListFunctions:
    """Answers from the catalogues of all accounts."""

    spec = SPEC

    def __init__(self, catalogs: Catalogs, has_schema_tag: str) -> None:
        self._catalogs = catalogs
        self._schema_tag = has_schema_tag

    def aim(self, arguments: Mapping[str, Any]) -> Aim:
        """Stays in this proxy."""
        return Aim()

    async def run(self, call: Call) -> Outcome:
        """One page. Raises CallFailed when the functions cannot be read, or for a cursor that is not ours."""
        arguments = call.arguments
        region: str | None = arguments.get("region")
        wants_metadata = bool(arguments.get("include_metadata"))
        wants_tags = wants_metadata or bool(arguments.get("filter_by_tags"))
        snapshot = await self._catalogs.snapshot(region, with_tags=wants_tags)
        _require_tags(snapshot, arguments)
        found = _matching(snapshot, arguments)
        start = _start(arguments.get("cursor"), found)
        page = found[start : start + PAGE]
        data = {
            "functions": [self._entry(name, function, wants_metadata) for name, function in page],
            "total": len(found),
            "next_cursor": page[-1][0] if start + PAGE < len(found) else None,
            "read_at": snapshot.read_at.isoformat(timespec="seconds"),
            "region": page[0][1].region if page else region,
        }
        text = json.dumps(data, ensure_ascii=False)
        return Outcome(kind=OutcomeKind.OK, text=text, data=data, notes=self._notes(snapshot, arguments))

    def _entry(self, name: str, function: Function, wants_metadata: bool) -> dict[str, Any]:
        entry: dict[str, Any] = {"name": name, "description": function.description}
        if self._catalogs.accounts:
            entry["account_id"] = function.account_id
        if self._schema_tag and (function.tags or {}).get(self._schema_tag):
            entry["has_schema"] = True
        if wants_metadata:
            entry |= {
                "runtime": function.runtime,
                "architecture": function.architecture,
                "memory_mb": function.memory_mb,
                "timeout_s": function.timeout_s,
                "package_type": function.package_type,
                "last_modified": function.last_modified,
                "tags": function.tags,
            }
        return entry

    def _notes(self, snapshot: Snapshot, arguments: Mapping[str, Any]) -> tuple[str, ...]:
        notes = [*snapshot.unread]
        if snapshot.stale_reason:
            notes.append(f"AWS could not be asked again, this list may be old: {snapshot.stale_reason}")
        if arguments.get("filter_by_tags") and any(function.tags is None for function in snapshot.functions):
            notes.append("Functions whose tags could not be read are left out.")
        if arguments.get("region"):
            notes.append("Give the same region when you call these.")
        if not snapshot.functions:
            where = "these accounts" if self._catalogs.accounts else "this account"
            notes.append(f"No function of {where} and region matches {self._catalogs.home.selection.describe()}.")
        return tuple(notes)


def _require_tags(snapshot: Snapshot, arguments: Mapping[str, Any]) -> None:
    """Tags that are only shown may be unknown; a filter by unknown ones would hide every function."""
    functions = snapshot.functions
    if arguments.get("filter_by_tags") and functions and all(function.tags is None for function in functions):
        hint = (
            "Leave filter_by_tags out, or grant tag:GetResources or lambda:ListTags; `lambdascope doctor` says which."
        )
        raise CallFailed(OutcomeKind.ACCESS_DENIED, "TagsUnreadable", "The functions' tags could not be read.", hint)


def _matching(snapshot: Snapshot, arguments: Mapping[str, Any]) -> list[tuple[str, Function]]:
    """Those that pass the filters, with the name each is called by; in an order that does not depend on that name."""
    wanted: Mapping[str, str] = arguments.get("filter_by_tags") or {}
    runtime: str = arguments.get("runtime_filter") or ""
    return [
        (name, function)
        for name, function in snapshot.by_name.items()
        if (function.runtime or "").startswith(runtime)
        and all((function.tags or {}).get(key) == value for key, value in wanted.items())
    ]


def _start(cursor: str | None, found: Sequence[tuple[str, Function]]) -> int:
    """The place after the named function: it holds even when functions came or went between two pages."""
    if cursor is None:
        return 0
    if not cursor:
        raise CallFailed(
            OutcomeKind.INVALID_ARGUMENTS, "BadCursor", "cursor is empty.", "Leave it out for the first page."
        )
    last = read_function_name(cursor)
    # A plain name stands for all accounts that have it: no account id comes after "~".
    after = (last.name, last.account_id or "~")
    return next((i for i, (_, each) in enumerate(found) if (each.name, each.account_id) > after), len(found))

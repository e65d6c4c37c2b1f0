"""The tools on offer: the fixed ones, and one per function when the operator wants that."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol

from lambdascope_proxy.call import Aim, Call, Next, Outcome
from lambdascope_proxy.catalog import Catalog, Snapshot
from lambdascope_proxy.errors import CallFailed, UnknownTool
from lambdascope_proxy.schema_store import SchemaStore
from lambdascope_proxy.selection import Function
from lambdascope_proxy.tool import Tool, ToolSpec
from lambdascope_proxy.tools.function_tool import FunctionTool, tool_names

log = logging.getLogger(__name__)


class OtherTools(Protocol):
    """Tools of other servers, which come and go."""

    async def settle(self) -> None:
        """Waits until they are known, but not for ever."""
        ...

    def offered(self, taken: Collection[str]) -> Mapping[str, Tool]:
        """Those that are known now, where these names are taken."""
        ...


class UnreadableTool:
    """Stands in for a function's tool while the functions cannot be read: its call fails, recorded, with the reason."""

    def __init__(self, name: str, failed: CallFailed) -> None:
        self._failed = failed
        self.spec = ToolSpec(
            name=name,
            title=name,
            description="",
            input_schema={},
            output_schema={},
            read_only=True,
            checks_arguments=False,
        )

    def aim(self, arguments: Mapping[str, Any]) -> Aim:
        """At nothing."""
        return Aim()

    async def run(self, call: Call) -> Outcome:
        """Raises why the functions could not be read."""
        raise self._failed


class Toolbox:
    """Finds tools by name. Function tools follow the catalogue."""

    def __init__(
        self,
        fixed: Sequence[Tool],
        *,
        exposes_functions: bool,
        catalog: Catalog,
        schemas: SchemaStore,
        invoke: Next,
        more: Callable[[], Sequence[Tool]] = tuple,
        others: OtherTools | None = None,
    ) -> None:
        self._given = fixed
        self._more = more
        self._others = others
        self._exposes_functions = exposes_functions
        self._catalog = catalog
        self._schemas = schemas
        self._invoke = invoke
        self._made_at: datetime | None = None
        self._made: Mapping[str, Tool] = {}
        self._on_change: list[Callable[[], Awaitable[None]]] = []

    @cached_property
    def _fixed(self) -> Mapping[str, Tool]:
        """The tools that do not follow the catalogue; those of `more` are made when tools are first asked for."""
        return {tool.spec.name: tool for tool in (*self._given, *self._more())}

    def on_change(self, listener: Callable[[], Awaitable[None]]) -> None:
        """Calls the listener whenever `refresh` finds other tools than those listed before."""
        self._on_change.append(listener)

    async def refresh(self) -> None:
        """Makes the function tools anew if the functions were read again, and tells of a difference."""
        before, is_first = {name: tool.spec for name, tool in self._made.items()}, self._made_at is None
        made = await self._function_tools()
        if not is_first and before != {name: tool.spec for name, tool in made.items()}:
            for listener in self._on_change:
                await listener()

    @property
    def names(self) -> set[str]:
        """Names that are known now, for span names; never reads."""
        return {*self._fixed, *self._made, *self._offered()}

    def schema_elsewhere(self, name: str) -> Mapping[str, Any] | None:
        """The input schema of a tool of another server that is known now; never reads."""
        tool = None if name in self._fixed or name in self._made else self._offered().get(name)
        return tool.spec.input_schema if tool else None

    async def find(self, name: str) -> Tool:
        """The tool of this name, which fails with the reason when functions cannot be read. Raises UnknownTool."""
        if tool := self._fixed.get(name):
            return tool
        if tool := self._offered().get(name):
            return tool
        if not self._exposes_functions:
            return await self._find_other(name)
        try:
            tools = await self._function_tools()
        except CallFailed as failed:
            return UnreadableTool(name, failed)
        return tools[name] if name in tools else await self._find_other(name)

    async def list(self) -> list[Tool]:
        """All tools in a fixed order. Raises CallFailed when the functions cannot be read."""
        made: Mapping[str, Tool] = await self._function_tools() if self._exposes_functions else {}
        if self._others:
            await self._others.settle()
        offered = self._offered()
        ours = [*self._fixed.values(), *(made[name] for name in sorted(made))]
        return [*ours, *(offered[name] for name in sorted(offered))]

    def _offered(self) -> Mapping[str, Tool]:
        return self._others.offered({*self._fixed, *self._made}) if self._others else {}

    async def _find_other(self, name: str) -> Tool:
        if self._others:
            await self._others.settle()
        if tool := self._offered().get(name):
            return tool
        raise UnknownTool(name)

    async def _function_tools(self) -> Mapping[str, Tool]:
        snapshot = await self._catalog.snapshot()
        if snapshot.read_at != self._made_at:
            # Schemas have a life of their own: a new version, or one that could not be read before, is taken too.
            self._made = await self._make(snapshot)
            self._made_at = snapshot.read_at
        return self._made

    async def _make(self, snapshot: Snapshot) -> Mapping[str, Tool]:
        names = tool_names(snapshot.by_name, taken=self._fixed)
        tools = await asyncio.gather(
            *(self._make_one(names[function.name], function) for function in snapshot.functions)
        )
        return {tool.spec.name: tool for tool in tools}

    async def _make_one(self, name: str, function: Function) -> Tool:
        try:
            found = await self._schemas.of(function)
        except CallFailed as failed:
            log.warning("tool %s takes any object, its schema cannot be used: %s", name, failed)
            found = None
        return FunctionTool(name, function, found.schema if found else None, self._invoke)

"""A tool of another MCP server: listed as it came, called there."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

from lambdascope_proxy.call import Aim, Call, Outcome
from lambdascope_proxy.tool import ToolSpec


class UpstreamTool:
    """Its arguments are not checked here: the upstream knows best what it takes, and words its own refusals."""

    def __init__(
        self, name: str, upstream: str, wire: Mapping[str, Any], invoke: Callable[[Call], Awaitable[Outcome]]
    ) -> None:
        self.upstream, self.own_name = upstream, str(wire["name"])
        self._aim = Aim(target=f"upstream:{upstream}", upstream_tool=self.own_name)
        self._invoke = invoke
        hints = cast("Mapping[str, Any]", wire.get("annotations") or {})
        self.spec = ToolSpec(
            name=name,
            title=str(wire.get("title") or hints.get("title") or name),
            description=str(wire.get("description") or ""),
            input_schema=wire["inputSchema"],
            output_schema=wire.get("outputSchema") or {},
            # The defaults of MCP for hints that are not given.
            read_only=hints.get("readOnlyHint") is True,
            destructive=hints.get("destructiveHint") is not False and hints.get("readOnlyHint") is not True,
            idempotent=hints.get("idempotentHint") is True,
            open_world=hints.get("openWorldHint") is not False,
            checks_arguments=False,
            wire={**wire, "name": name},
        )

    def aim(self, arguments: Mapping[str, Any]) -> Aim:
        """Always at its own upstream."""
        return self._aim

    async def run(self, call: Call) -> Outcome:
        """Calls it there."""
        return await self._invoke(call)

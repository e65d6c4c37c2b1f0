"""What a tool is: a description clients list, an aim read from its arguments, and a run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from lambdascope_proxy.call import Aim, Call, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSpec:
    """What `tools/list` says of a tool. Schemas are JSON Schema 2020-12; hints are those of MCP annotations.

    `wire` is the tool of another MCP server as it came, under the name it has here; it goes out as it is.
    """

    name: str
    title: str
    description: str
    input_schema: Mapping[str, Any]
    output_schema: Mapping[str, Any]
    read_only: bool
    destructive: bool = False
    idempotent: bool = False
    open_world: bool = True
    checks_arguments: bool = True
    wire: Mapping[str, Any] | None = None


class Tool(Protocol):
    """One MCP tool."""

    @property
    def spec(self) -> ToolSpec:
        """What clients see of it."""
        ...

    def aim(self, arguments: Mapping[str, Any]) -> Aim:
        """What these unchecked arguments are aimed at; never raises."""
        ...

    async def run(self, call: Call) -> Outcome:
        """Does it. Raises CallFailed for what the model should know."""
        ...

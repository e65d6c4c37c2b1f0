"""What is known of an upstream before anybody connects to it: how to reach it, what is offered of it, at what price."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """One `[upstreams.NAME]` table, read and checked; patterns are globs of the upstream's own tool names.

    Exactly one of `command` (stdio) and `url` (Streamable HTTP) is given. `prefix` None leaves the choice to the list
    of tools: the name and two underscores where there are several upstreams. What may hold secrets is left out of repr.
    """

    name: str
    command: tuple[str, ...] = field(default=(), repr=False)
    env: Mapping[str, str] = field(default_factory=dict[str, str], repr=False, hash=False)
    cwd: str = ""
    url: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False, hash=False)
    allow: tuple[str, ...] = ("*",)
    deny: tuple[str, ...] = ()
    prefix: str | None = None
    timeout_s: float = 60.0
    start_timeout_s: float = 30.0
    cost_usd: Decimal | None = None
    tool_costs: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal], hash=False)
    idempotent: tuple[str, ...] = ()

    def admits(self, tool_name: str) -> bool:
        """Whether clients may see and call this tool; what is denied is denied whatever allows it."""
        return _matches(tool_name, self.allow) and not _matches(tool_name, self.deny)

    def cost_of(self, tool_name: str) -> Decimal | None:
        """The price of one call in US dollars, or None where nobody set one."""
        return self.tool_costs.get(tool_name, self.cost_usd)

    def is_idempotent(self, tool_name: str, annotations: Mapping[str, Any] | None) -> bool:
        """Whether a second call does no more than the first, by our settings or by the tool's own hints on the wire.

        A tool that only reads is idempotent; MCP gives `idempotentHint` a meaning only for tools that write.
        """
        hints = annotations or {}
        claims = hints.get("idempotentHint") is True or hints.get("readOnlyHint") is True
        return claims or _matches(tool_name, self.idempotent)


def _matches(tool_name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(tool_name, pattern) for pattern in patterns)

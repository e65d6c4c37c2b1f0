"""Keeps tools of other servers that are not as they were accepted from being called, or tells that they are not."""

from dataclasses import dataclass, replace
from typing import Any, Final

from lambdascope_proxy.call import Call, Next, Outcome, OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.upstreams.pin_board import PinBoard

# The key of `_meta`.
META: Final = "dev.lambdascope/pin"
PREFIX: Final = "upstream:"


@dataclass(frozen=True, slots=True)
class PinsStep:
    """Asks the board, which saw the tool's definition when it was listed."""

    board: PinBoard

    async def __call__(self, call: Call, call_next: Next) -> Outcome:
        """Raises CallFailed(refused, ToolHeld)."""
        if not call.aim.target.startswith(PREFIX) or call.aim.upstream_tool is None:
            return await call_next(call)
        upstream, tool = call.aim.target.removeprefix(PREFIX), call.aim.upstream_tool
        if reason := await self.board.why_held(upstream, tool):
            raise CallFailed(
                OutcomeKind.REFUSED,
                "ToolHeld",
                f"The tool {call.tool.spec.name} of {upstream} is held: {reason}.",
                self.board.next_step(upstream, tool),
            )
        outcome = await call_next(call)
        return replace(outcome, meta={**outcome.meta, **self._meta(upstream, tool)})

    def _meta(self, upstream: str, tool: str) -> dict[str, Any]:
        verdict = self.board.verdict(upstream, tool)
        if verdict is None or verdict.is_accepted:
            return {}
        return {META: {"state": verdict.state.value, "changed_fields": list(verdict.changed_fields)}}

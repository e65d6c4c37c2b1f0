"""Watches what the tools of running upstreams say of themselves, and holds those that are not as accepted."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from lambdascope_proxy import names
from lambdascope_proxy.errors import PinsError
from lambdascope_proxy.telemetry import metric_table as m
from lambdascope_proxy.threads import Threads
from lambdascope_proxy.upstreams.pin_store import PinStore
from lambdascope_proxy.upstreams.pins import State, Verdict, command_for, identity_of, quoted
from lambdascope_proxy.upstreams.spec import Upstream

if TYPE_CHECKING:
    from lambdascope_proxy.telemetry.meters import Labels, Meters

log = logging.getLogger(__name__)
LOOK_S: Final = 5.0
# A list of tools that says something new each time must not fill memory.
MOST_TOLD: Final = 10_000


class PinBoard:
    """The verdicts on each upstream's latest list. `holds` keeps tools that are not as accepted from being called.

    Without a file of pins that can be read nothing can be said of a tool: then `holds` holds them all.
    """

    def __init__(self, store: PinStore, *, holds: bool, meters: "Meters | None" = None) -> None:
        self.store = store
        self.holds = holds
        self._meters = meters
        self._threads = Threads(1)
        self._listed: dict[str, tuple[Upstream, Sequence[Mapping[str, Any]]]] = {}
        self._verdicts: dict[str, dict[str, Verdict]] = {}
        self._unreadable: set[str] = set()
        self._told: set[tuple[str, str, str]] = set()
        self._on_accepted: list[Callable[[str], object]] = []
        if meters:
            meters.watch(m.TOOLS_UNACCEPTED, self._read_unaccepted)

    def on_accepted(self, listener: Callable[[str], object]) -> None:
        """Calls the listener with the name of an upstream of which something was accepted that was not before."""
        self._on_accepted.append(listener)

    async def look(self, spec: Upstream, tools: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
        """Takes note of an upstream's list of tools; gives it back with words of ours in place of what is held."""
        self._listed[spec.name] = (spec, tools)
        await self._judge(spec, tools)
        return tuple(
            self._held_tool(spec.name, tool, reason)
            if (reason := self._why_held(spec.name, str(tool["name"])))
            else tool
            for tool in tools
        )

    async def why_held(self, upstream: str, tool: str) -> str:
        """Why a call of this tool is refused now; empty if it is not."""
        if not self._why_held(upstream, tool):
            return ""
        if upstream in self._listed:
            # Somebody may have approved it a moment ago.
            await self._judge_again(upstream)
        return self._why_held(upstream, tool)

    def next_step(self, upstream: str, tool: str) -> str:
        """What the operator does about a tool that is held."""
        if upstream in self._unreadable:
            name = self.store.path.name
            return f"The operator repairs {name} or removes it; lambdascope's log says where it is and what is wrong"
        verdict = self.verdict(upstream, tool)
        command = command_for(upstream, tool, verdict.digest if verdict else "")
        return f"The operator looks at it and runs: {command}"

    def verdict(self, upstream: str, tool: str) -> Verdict | None:
        """What was said of a tool last."""
        return self._verdicts.get(upstream, {}).get(tool)

    async def watch(self) -> None:
        """Looks for ever whether what is held was accepted meanwhile; costs nothing while nothing is held."""
        while True:
            await asyncio.sleep(LOOK_S)
            for upstream in [*self._listed]:
                if self._has_held(upstream):
                    await self._judge_again(upstream)

    async def _judge_again(self, upstream: str) -> None:
        before = self._held(upstream)
        await self._judge(*self._listed[upstream])
        if before - self._held(upstream):
            for listener in self._on_accepted:
                listener(upstream)

    async def _judge(self, spec: Upstream, tools: Sequence[Mapping[str, Any]]) -> None:
        at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        try:
            verdicts = await self._threads.run(lambda: self.store.look(spec.name, identity_of(spec), tools, at))
        except PinsError as error:
            if spec.name not in self._unreadable:
                held = "its tools are held" if self.holds else "changes of its tools go unnoticed"
                log.error("upstream %s: %s; %s", spec.name, error, held)
            self._unreadable.add(spec.name)
            self._verdicts[spec.name] = {}
            return
        self._unreadable.discard(spec.name)
        self._verdicts[spec.name] = {verdict.tool: verdict for verdict in verdicts}
        self._tell(spec.name, verdicts)

    def _tell(self, upstream: str, verdicts: Sequence[Verdict]) -> None:
        first = sum(verdict.state is State.FIRST_SIGHT for verdict in verdicts)
        if first:
            log.warning(
                "upstream %s is seen for the first time: its %d tools are trusted as they are now, and changes of them "
                "are told; `lambdascope upstreams pins` shows them",
                upstream,
                first,
            )
        for verdict in verdicts:
            news = (upstream, verdict.tool, verdict.digest)
            if not verdict.is_accepted and news not in self._told:
                if len(self._told) >= MOST_TOLD:
                    self._told.clear()
                self._told.add(news)
                self._tell_one(upstream, verdict)

    def _tell_one(self, upstream: str, verdict: Verdict) -> None:
        log.warning(
            "tool %s of upstream %s is %s%s: look at it, then `%s`",
            quoted(verdict.tool),
            upstream,
            _in_words(verdict),
            " and held" if self.holds else "",
            command_for(upstream, verdict.tool, verdict.digest),
        )
        if self._meters:
            labels = {names.TARGET: f"upstream:{upstream}", names.RESULT: verdict.state.value}
            self._meters.add(m.TOOL_CHANGES, 1, labels)

    def _why_held(self, upstream: str, tool: str) -> str:
        if not self.holds:
            return ""
        if upstream in self._unreadable:
            return "what was accepted of it cannot be read"
        verdict = self.verdict(upstream, tool)
        if verdict is None:
            return "nobody has looked at it yet"
        return "" if verdict.is_accepted else f"it is {_in_words(verdict)}"

    def _held_tool(self, upstream: str, tool: Mapping[str, Any], reason: str) -> dict[str, Any]:
        """What stands in the list for a held tool: nothing of its own, as all of it may be meant to mislead.

        The name is needed to tell it by; clients get the one that is fit to be shown.
        """
        name = str(tool["name"])
        description = f"Held by lambdascope, because {reason}. Calls are refused. {self.next_step(upstream, name)}"
        return {"name": name, "description": description, "inputSchema": {"type": "object"}}

    def _has_held(self, upstream: str) -> bool:
        return bool(self._held(upstream))

    def _held(self, upstream: str) -> set[str]:
        _, tools = self._listed[upstream]
        return {name for tool in tools if self._why_held(upstream, name := str(tool["name"]))}

    def _read_unaccepted(self) -> "Iterable[tuple[float, Labels]]":
        return [
            (sum(not verdict.is_accepted for verdict in [*verdicts.values()]), {names.TARGET: f"upstream:{upstream}"})
            for upstream, verdicts in [*self._verdicts.items()]
        ]


def _in_words(verdict: Verdict) -> str:
    if verdict.state is State.NEW:
        return "new and not yet approved"
    return f"not as it was approved: its {', '.join(verdict.changed_fields)} changed"

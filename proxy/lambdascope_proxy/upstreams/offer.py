"""All upstreams together: their sessions, and the tools they offer under names of ours."""

import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any, Final

import anyio

from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.tools.upstream_tool import UpstreamTool
from lambdascope_proxy.upstreams.connection import facts
from lambdascope_proxy.upstreams.listing import Listed, offered_names, prefix_of
from lambdascope_proxy.upstreams.member import Connect, Look, Member, Shelf
from lambdascope_proxy.upstreams.spec import Upstream

log = logging.getLogger(__name__)
# A list is asked for before all upstreams are there: those that come later are told of as a change.
LIST_WAIT_S: Final = 10.0


class Upstreams:
    """Offers the tools of all upstreams; `run` keeps their sessions open. `look` may put others in a list's place."""

    def __init__(self, specs: Sequence[Upstream], connect: Connect, look: Look | None = None) -> None:
        self.members = {spec.name: Member(spec, connect, look) for spec in specs}
        self.prefixes = {spec.name: prefix_of(spec, is_only=len(specs) == 1) for spec in specs}
        self._on_change: list[Callable[[], Awaitable[None]]] = []
        self._kept: tuple[Listed, ...] = ()
        self._offered: Mapping[str, UpstreamTool] = {}
        self._offered_for: object = None
        for member in self.members.values():
            member.on_listed = partial(self._note_change, member)
        self._last: dict[str, tuple[Listed, Shelf]] = {}
        self._on_shelf_change: list[Callable[[str], Awaitable[None]]] = []

    def on_change(self, listener: Callable[[], Awaitable[None]]) -> None:
        """Calls the listener whenever an upstream lists other tools than before."""
        self._on_change.append(listener)

    def on_shelf_change(self, listener: Callable[[str], Awaitable[None]]) -> None:
        """Calls the listener with `resources` or `prompts` whenever an upstream lists others than before."""
        self._on_shelf_change.append(listener)

    def on_told(self, listener: Callable[[str, Mapping[str, Any]], None]) -> None:
        """Calls the listener with what upstreams tell besides changes of lists; it must not wait."""
        for member in self.members.values():
            member.on_told = listener

    async def run(self) -> None:
        """Holds the sessions, each once it is wanted, until cancelled."""
        async with anyio.create_task_group() as tasks:
            for member in self.members.values():
                tasks.start_soon(member.connection.run)

    def want(self) -> None:
        """Has all sessions opened soon; returns at once."""
        for member in self.members.values():
            member.connection.want()

    def refresh(self, name: str) -> None:
        """Has the tools of an upstream listed again soon."""
        self.members[name].refresh()

    async def settle(self) -> None:
        """Waits until each upstream has listed its tools or cannot be reached, but not for ever."""
        self.want()
        with anyio.move_on_after(LIST_WAIT_S):
            for member in self.members.values():
                if not member.settled.is_set():
                    await self._settle_one(member)
        for member in self.members.values():
            member.was_missed = member.was_missed or not member.settled.is_set()

    def offered(self, taken: Collection[str]) -> Mapping[str, UpstreamTool]:
        """The tools that are known now by the names they have here, where these names of ours are taken."""
        listed = tuple(member.listed for member in self.members.values())
        state = (*(id(each) for each in listed), frozenset(taken))
        if state != self._offered_for:
            self._offered, self._offered_for = self._make(taken), state
            self._kept = listed
        return self._offered

    def status(self) -> list[dict[str, Any]]:
        """How each upstream stands: its session, what it offers under which name, what was set aside and why."""
        return [
            {
                "upstream": name,
                **facts(member.connection),
                "tools": {tool.spec.name: tool.own_name for tool in self._offered.values() if tool.upstream == name},
                "set_aside": {aside.name: aside.reason for aside in member.listed.set_aside},
            }
            for name, member in self.members.items()
        ]

    def _make(self, taken: Collection[str]) -> Mapping[str, UpstreamTool]:
        wires = {
            name: {str(tool["name"]): tool for tool in member.listed.tools} for name, member in self.members.items()
        }
        offered = offered_names(wires, self.prefixes, taken)
        for each in offered:
            if each.is_renamed and each.name not in self._offered:
                log.warning("tool %s of upstream %s is offered as %s", each.own_name, each.upstream, each.name)
        tools = [
            UpstreamTool(
                each.name, each.upstream, wires[each.upstream][each.own_name], self.members[each.upstream].target
            )
            for each in offered
        ]
        return {tool.spec.name: tool for tool in tools}

    async def _settle_one(self, member: Member) -> None:
        async with anyio.create_task_group() as either:

            async def fail() -> None:
                try:
                    await member.connection.link()
                except CallFailed:
                    either.cancel_scope.cancel()

            either.start_soon(fail)
            await member.settled.wait()
            either.cancel_scope.cancel()

    async def _note_change(self, member: Member, kinds: set[str]) -> None:
        before = self._last.get(member.spec.name)
        self._last[member.spec.name] = (member.listed, member.shelf)
        if "tools" in kinds and (member.was_missed if before is None else before[0].tools != member.listed.tools):
            for listener in self._on_change:
                await listener()
        for kind in sorted(kinds & {"resources", "prompts"}):
            if member.was_missed if before is None else _part(before[1], kind) != _part(member.shelf, kind):
                for told in self._on_shelf_change:
                    await told(kind)


def _part(shelf: Shelf, kind: str) -> object:
    return (shelf.resources, shelf.templates) if kind == "resources" else shelf.prompts

"""All upstreams together: their sessions, and the tools they offer under names of ours."""

import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

import anyio

from lambdascope_proxy.call import Call, Outcome
from lambdascope_proxy.errors import CallFailed, UpstreamError, UpstreamNonsense, UpstreamRefused
from lambdascope_proxy.tools.upstream_tool import UpstreamTool
from lambdascope_proxy.upstreams.asking import ask_owner
from lambdascope_proxy.upstreams.connection import Connection, facts
from lambdascope_proxy.upstreams.listing import Listed, offered_names, prefix_of, sort_tools
from lambdascope_proxy.upstreams.spec import Upstream

if TYPE_CHECKING:
    from lambdascope_proxy.upstreams.wire.link import Link

log = logging.getLogger(__name__)
# A list is asked for before all upstreams are there: those that come later are told of as a change.
LIST_WAIT_S: Final = 10.0
MOST_PAGES: Final = 100
ACKNOWLEDGED_S: Final = 1.0
CALM_S: Final = 0.05
FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 60.0
METHOD_NOT_FOUND: Final = -32601


class Member:
    """One upstream: its session and what it listed last."""

    def __init__(self, spec: Upstream, connect: "Connect", look: "Look | None") -> None:
        self.spec, self._look = spec, look
        self.connection, self.target = connect(spec, self)
        self.listed = Listed()
        self.settled = anyio.Event()
        self._stale, self._listens = anyio.Event(), anyio.Event()
        self.was_missed = False
        self.on_listed: Callable[[], Awaitable[None]] | None = None

    async def opened(self, link: "Link") -> None:
        """Lists its tools, and again whenever it says that they changed, until the session ends."""
        async with anyio.create_task_group() as tasks:
            if wanted := _changes_of(link):
                self._listens = anyio.Event()
                tasks.start_soon(self._listen, link, wanted)
                with anyio.move_on_after(ACKNOWLEDGED_S):
                    await self._listens.wait()
            while True:
                self._stale = anyio.Event()
                await self._list(link)
                self.settled.set()
                if self.on_listed:
                    await self.on_listed()
                await self._stale.wait()
                # Many changes at once are one.
                await anyio.sleep(CALM_S)

    async def _listen(self, link: "Link", wanted: Mapping[str, Any]) -> None:
        """Has a newer upstream tell of changes; what changed while it did not is found by listing again."""
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                await link.listen(wanted)
            except UpstreamRefused as refused:
                log.info("upstream %s tells of no changes: %s", self.spec.name, refused)
                return
            except UpstreamError as error:
                log.debug("upstream %s: %s", self.spec.name, error)
            await anyio.sleep(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
            self.refresh()

    def refresh(self) -> None:
        """Has its tools listed again soon, if it is there."""
        self._stale.set()

    def told(self, method: str, params: Mapping[str, Any] | None) -> None:
        """Takes a notification of the upstream."""
        if method == "notifications/subscriptions/acknowledged":
            self._listens.set()
        if method == "notifications/tools/list_changed":
            self.refresh()

    async def asked(self, method: str, params: Mapping[str, Any] | None, owners: Sequence[Any]) -> dict[str, Any]:
        """Answers what the upstream asks a client for; `owners` are the calls it may be for."""
        return await ask_owner(method, params, owners)

    async def _list(self, link: "Link") -> None:
        if "tools" not in link.capabilities:
            self.listed = Listed()
            return
        try:
            raw = await list_all(link, "tools/list", "tools")
        except (UpstreamRefused, UpstreamNonsense) as error:
            log.warning("upstream %s does not list its tools: %s", self.spec.name, error)
            return
        before, listed = self.listed, sort_tools(raw, self.spec)
        self.listed = replace(listed, tools=await self._look(self.spec, listed.tools)) if self._look else listed
        for tool in self.listed.tools:
            link.mirror_headers(tool["name"], tool["inputSchema"])
        for aside in self.listed.set_aside:
            if aside not in before.set_aside:
                log.warning("tool %s of upstream %s is set aside: %s", aside.name, self.spec.name, aside.reason)


def _changes_of(link: "Link") -> dict[str, Any]:
    """What a newer upstream is asked to tell of: the kinds of lists that it says may change."""
    if not link.is_modern:
        return {}
    kinds = ("tools", "resources", "prompts")
    declared: dict[str, Mapping[str, Any]] = {kind: link.capabilities.get(kind) or {} for kind in kinds}
    return {f"{kind}ListChanged": True for kind, said in declared.items() if said.get("listChanged")}


Look = Callable[[Upstream, Sequence[Mapping[str, Any]]], Awaitable[tuple[Mapping[str, Any], ...]]]
Connect = Callable[[Upstream, Member], tuple[Connection, Callable[[Call], Awaitable[Outcome]]]]


class Upstreams:
    """Offers the tools of all upstreams; `run` keeps their sessions open. `look` may put others in a list's place."""

    def __init__(self, specs: Sequence[Upstream], connect: Connect, look: Look | None = None) -> None:
        self.members = {spec.name: Member(spec, connect, look) for spec in specs}
        self._prefixes = {spec.name: prefix_of(spec, is_only=len(specs) == 1) for spec in specs}
        self._on_change: list[Callable[[], Awaitable[None]]] = []
        self._kept: tuple[Listed, ...] = ()
        self._offered: Mapping[str, UpstreamTool] = {}
        self._offered_for: object = None
        for member in self.members.values():
            member.on_listed = partial(self._note_change, member)
        self._last: dict[str, Listed] = {}

    def on_change(self, listener: Callable[[], Awaitable[None]]) -> None:
        """Calls the listener whenever an upstream lists other tools than before."""
        self._on_change.append(listener)

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
        offered = offered_names(wires, self._prefixes, taken)
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

    async def _note_change(self, member: Member) -> None:
        before = self._last.get(member.spec.name)
        self._last[member.spec.name] = member.listed
        is_news = member.was_missed if before is None else before.tools != member.listed.tools
        if not is_news:
            return
        for listener in self._on_change:
            await listener()


async def list_all(link: "Link", method: str, field: str) -> list[object]:
    """All pages of a list. Raises UpstreamError."""
    items, cursor = list[object](), None
    for _ in range(MOST_PAGES):
        page = (await link.request(method, {"cursor": cursor} if cursor else {})).result
        found = page.get(field)
        if not isinstance(found, list):
            raise UpstreamNonsense(f"its answer to {method} has no list of {field}")
        items += cast("list[object]", found)
        cursor = page.get("nextCursor")
        if not isinstance(cursor, str) or not cursor:
            break
    return items

"""One upstream: its session, what it listed last, and what it tells of its own accord."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, cast

import anyio

from lambdascope_proxy.call import Call, Outcome
from lambdascope_proxy.errors import UpstreamError, UpstreamNonsense, UpstreamRefused
from lambdascope_proxy.upstreams.asking import ask_owner
from lambdascope_proxy.upstreams.connection import Connection
from lambdascope_proxy.upstreams.listing import Listed, keyed, sort_tools
from lambdascope_proxy.upstreams.spec import Upstream

if TYPE_CHECKING:
    from lambdascope_proxy.upstreams.exchange import Owner
    from lambdascope_proxy.upstreams.wire.link import Link

log = logging.getLogger(__name__)
MOST_PAGES: Final = 100
ACKNOWLEDGED_S: Final = 1.0
CALM_S: Final = 0.05
FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 60.0
METHOD_NOT_FOUND: Final = -32601
KINDS: Final = ("tools", "resources", "prompts")
CHANGES: Final = {f"notifications/{kind}/list_changed": kind for kind in KINDS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What an upstream has besides tools, as it came: resources and templates by their URIs, prompts by their names."""

    resources: Mapping[str, Mapping[str, Any]]
    templates: Mapping[str, Mapping[str, Any]]
    prompts: Mapping[str, Mapping[str, Any]]


EMPTY: Final = Shelf(resources={}, templates={}, prompts={})
Look = Callable[[Upstream, Sequence[Mapping[str, Any]]], Awaitable[tuple[Mapping[str, Any], ...]]]
Connect = Callable[[Upstream, "Member"], tuple[Connection, Callable[[Call], Awaitable[Outcome]]]]


class Member:
    """Held by its connection's task; `on_listed` is awaited with the kinds of lists that were read."""

    def __init__(self, spec: Upstream, connect: Connect, look: Look | None) -> None:
        self.spec, self._look = spec, look
        self.connection, self.target = connect(spec, self)
        self.listed, self.shelf = Listed(), EMPTY
        self.settled = anyio.Event()
        self.was_missed = False
        self.on_listed: Callable[[set[str]], Awaitable[None]] | None = None
        self.on_told: Callable[[str, Mapping[str, Any]], None] | None = None
        self.watched: set[str] = set()
        self._stale = anyio.Event()
        self._stale_kinds: set[str] = {*KINDS}
        self._listens = anyio.Event()
        self._listening: anyio.CancelScope | None = None

    @property
    def capabilities(self) -> Mapping[str, Any] | None:
        """What the upstream said it has; None while it is not there."""
        link = self.connection.current
        return link.capabilities if link else None

    async def opened(self, link: "Link") -> None:
        """Reads its lists, and again whenever it says that they changed, until the session ends."""
        self._stale_kinds = {*KINDS}
        async with anyio.create_task_group() as tasks:
            if link.is_modern:
                self._listens = anyio.Event()
                tasks.start_soon(self._listen, link)
                if _changes_of(link):
                    with anyio.move_on_after(ACKNOWLEDGED_S):
                        await self._listens.wait()
            else:
                tasks.start_soon(self._watch_again, link)
            await self._keep_lists(link)

    async def _keep_lists(self, link: "Link") -> None:
        while True:
            self._stale, kinds = anyio.Event(), self._stale_kinds
            self._stale_kinds = set[str]()
            if "tools" in kinds:
                await self._list_tools(link)
            await self._list_shelf(link, kinds)
            self.settled.set()
            if self.on_listed:
                await self.on_listed(kinds)
            if not self._stale_kinds:
                await self._stale.wait()
            # Many changes at once are one.
            await anyio.sleep(CALM_S)

    async def _listen(self, link: "Link") -> None:
        """Has a newer upstream tell of changes; what changed while it did not is found by listing again."""
        pause_s = FIRST_PAUSE_S
        while True:
            wanted = _changes_of(link) | ({"resourceSubscriptions": sorted(self.watched)} if self.watched else {})
            with anyio.CancelScope() as self._listening:
                if not wanted:
                    await anyio.sleep_forever()
                try:
                    await link.listen(wanted)
                except UpstreamRefused as refused:
                    log.info("upstream %s tells of no changes: %s", self.spec.name, refused)
                    return
                except UpstreamError as error:
                    log.debug("upstream %s: %s", self.spec.name, error)
                await anyio.sleep(pause_s)
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
                self.refresh(*KINDS)

    async def watch(self, uri: str) -> None:
        """Has the upstream tell of changes of a resource. Raises UpstreamError, CallFailed."""
        link = await self.connection.link()
        if uri not in self.watched:
            self.watched.add(uri)
            if link.is_modern:
                self._listen_anew()
                return
        if not link.is_modern:
            await link.request("resources/subscribe", {"uri": uri})

    async def unwatch(self, uri: str) -> None:
        """No more. Raises UpstreamError, CallFailed."""
        if uri not in self.watched:
            return
        self.watched.discard(uri)
        if (link := self.connection.current) is None:
            return
        if link.is_modern:
            self._listen_anew()
        else:
            await link.request("resources/unsubscribe", {"uri": uri})

    def _listen_anew(self) -> None:
        """With what is wanted now in place of what was."""
        if self._listening:
            self._listening.cancel()

    async def _watch_again(self, link: "Link") -> None:
        for uri in [*self.watched]:
            try:
                await link.request("resources/subscribe", {"uri": uri})
            except UpstreamError as error:
                log.warning("upstream %s does not tell of changes of a resource again: %s", self.spec.name, error)

    def refresh(self, *kinds: str) -> None:
        """Has these lists read again soon, if it is there; without a word, that of tools."""
        self._stale_kinds |= set(kinds or ("tools",))
        self._stale.set()

    def told(self, method: str, params: Mapping[str, Any] | None) -> None:
        """Takes a notification of the upstream."""
        if method == "notifications/subscriptions/acknowledged":
            self._listens.set()
        elif kind := CHANGES.get(method):
            self.refresh(kind)
        elif self.on_told:
            self.on_told(method, params or {})

    async def asked(self, method: str, params: Mapping[str, Any] | None, owners: "Sequence[Owner]") -> dict[str, Any]:
        """Answers what the upstream asks a client for; `owners` are the requests it may be for."""
        return await ask_owner(method, params, owners)

    async def _list_tools(self, link: "Link") -> None:
        raw = await self._list(link, "tools", "tools/list", "tools")
        if raw is None:
            return
        before, listed = self.listed, sort_tools(raw, self.spec)
        self.listed = replace(listed, tools=await self._look(self.spec, listed.tools)) if self._look else listed
        for tool in self.listed.tools:
            link.mirror_headers(tool["name"], tool["inputSchema"])
        for aside in self.listed.set_aside:
            if aside not in before.set_aside:
                log.warning("tool %s of upstream %s is set aside: %s", aside.name, self.spec.name, aside.reason)

    async def _list_shelf(self, link: "Link", kinds: set[str]) -> None:
        if "resources" in kinds:
            resources = await self._list(link, "resources", "resources/list", "resources")
            templates = await self._list(link, "resources", "resources/templates/list", "resourceTemplates")
            self.shelf = replace(
                self.shelf,
                resources=self.shelf.resources if resources is None else keyed(resources, "uri"),
                templates=self.shelf.templates if templates is None else keyed(templates, "uriTemplate"),
            )
        if "prompts" in kinds:
            prompts = await self._list(link, "prompts", "prompts/list", "prompts")
            if prompts is not None:
                self.shelf = replace(self.shelf, prompts=keyed(prompts, "name"))

    async def _list(self, link: "Link", capability: str, method: str, field: str) -> list[object] | None:
        """A list as it came, empty without the capability; None where it is not given: then the last one holds."""
        if capability not in link.capabilities:
            return []
        try:
            return await list_all(link, method, field)
        except (UpstreamRefused, UpstreamNonsense) as error:
            if not (isinstance(error, UpstreamRefused) and error.error.code == METHOD_NOT_FOUND):
                log.warning("upstream %s does not answer %s: %s", self.spec.name, method, error)
            return None


def _changes_of(link: "Link") -> dict[str, Any]:
    """What a newer upstream is asked to tell of: the kinds of lists that it says may change."""
    declared: dict[str, Mapping[str, Any]] = {kind: link.capabilities.get(kind) or {} for kind in KINDS}
    return {f"{kind}ListChanged": True for kind, said in declared.items() if said.get("listChanged")}


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

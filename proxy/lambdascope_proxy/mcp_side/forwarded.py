"""Serves what upstreams have besides tools, beside resources of our own, to clients of both eras."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from weakref import WeakKeyDictionary

import anyio
import mcp.types as t
from mcp.server.subscriptions import (
    InMemorySubscriptionBus,
    ListenHandler,
    PromptsListChanged,
    ResourcesListChanged,
    ResourceUpdated,
)
from mcp.shared.exceptions import MCPError
from opentelemetry.trace import get_current_span

from lambdascope_proxy.errors import CallFailed, UpstreamError, UpstreamRefused
from lambdascope_proxy.mcp_side.client import RequestClient
from lambdascope_proxy.mcp_side.own_resources import LIST_TTL_MS, OwnResources
from lambdascope_proxy.mcp_side.raw import put_raw
from lambdascope_proxy.steps.trace import trace_ids
from lambdascope_proxy.upstreams.forwarding import Asker, Forwarding
from lambdascope_proxy.upstreams.offer import Upstreams

log = logging.getLogger(__name__)
CLIENT_S: Final = 1.0
MOST_WAITING: Final = 256
CACHING: Final = {"ttlMs": LIST_TTL_MS, "cacheScope": "private"}
Handler = Callable[[Any, Any], Awaitable[Any]]


class ForwardedSide:
    """Handlers for the SDK's server, and what is told to clients. `reaches` says whom a request may be handed to."""

    def __init__(
        self,
        upstreams: Upstreams,
        own: OwnResources,
        bus: InMemorySubscriptionBus,
        *,
        reaches: Callable[[Any, str], bool],
        transport: str,
    ) -> None:
        self._forwarding, self._own, self._bus = Forwarding(upstreams), own, bus
        self._reaches, self._transport = reaches, transport
        upstreams.on_shelf_change(self.shelf_changed)
        upstreams.on_told(self.told)
        self._older: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()
        self._waiting = asyncio.Queue[tuple[str, Mapping[str, Any]]](MOST_WAITING)

    @property
    def handlers(self) -> dict[str, Any]:
        """By the names of the SDK's arguments."""
        return {
            "on_list_resources": self._list("resources", "resources", t.ListResourcesResult(resources=[])),
            "on_list_resource_templates": self._list(
                "templates", "resourceTemplates", t.ListResourceTemplatesResult(resource_templates=[])
            ),
            "on_read_resource": self._read,
            "on_subscribe_resource": self._subscribe,
            "on_unsubscribe_resource": self._unsubscribe,
            "on_list_prompts": self._list_prompts,
            "on_get_prompt": self._get_prompt,
            "on_completion": self._complete,
        }

    def has(self, capability: str) -> bool:
        """Whether an upstream has it, or may have it as far as is known now, or we do."""
        return (capability == "resources" and bool(self._own.entries)) or self._forwarding.has(capability)

    def listening(self, handler: ListenHandler) -> Handler:
        """The SDK's handler of `subscriptions/listen`, with the upstreams asked to tell of the resources it names."""

        async def listen(ctx: Any, params: t.SubscriptionsListenRequestParams) -> Any:
            for uri in params.notifications.resource_subscriptions or ():
                if uri not in self._own:
                    try:
                        await self._forwarding.watch(uri, self._reached(ctx))
                    except (UpstreamError, CallFailed) as error:
                        log.info("no upstream tells of changes of a resource: %s", error)
            return await handler(ctx, params)

        return listen

    def remember(self, connection: Any) -> None:
        """An older client, which hears on its own connection."""
        self._older.setdefault(connection, set())

    async def shelf_changed(self, kind: str) -> None:
        """Tells every client that resources or prompts changed."""
        await self._bus.publish(ResourcesListChanged() if kind == "resources" else PromptsListChanged())
        for connection in [*self._older]:
            await self._tell(connection, f"notifications/{kind}/list_changed", None)

    def told(self, method: str, params: Mapping[str, Any]) -> None:
        """Takes what an upstream tells; never waits. Of a flood that clients cannot keep up with the newest is lost."""
        try:
            self._waiting.put_nowait((method, params))
        except asyncio.QueueFull:
            log.debug("a notification of an upstream is not handed on: too many wait")

    async def run(self) -> None:
        """Hands on what upstreams tell, until cancelled."""
        while True:
            method, params = await self._waiting.get()
            if method == "notifications/resources/updated" and isinstance(params.get("uri"), str):
                await self._bus.publish(ResourceUpdated(uri=params["uri"]))
                for connection, uris in [*self._older.items()]:
                    if params["uri"] in uris:
                        await self._tell(connection, method, {"uri": params["uri"]})
            elif method == "notifications/message" and self._transport == "stdio":
                # Over HTTP nobody knows which of the clients it is for.
                for connection in [*self._older]:
                    await self._tell(connection, method, params)

    async def set_level(self, ctx: Any, params: t.SetLevelRequestParams) -> t.EmptyResult:
        """Hands `logging/setLevel` on."""
        await self._guarded(self._forwarding.set_level(params.level))
        return t.EmptyResult()

    def _reached(self, ctx: Any) -> Callable[[str], bool]:
        return lambda upstream: self._reaches(ctx, upstream)

    def _list(self, kind: str, field: str, nothing: Any) -> Handler:
        async def list_entries(ctx: Any, params: Any) -> Any:
            own = self._own.entries if kind == "resources" else ()
            entries = await self._forwarding.entries(kind, self._reached(ctx))
            put_raw({field: [*own, *(entry for entry in entries if str(entry.get("uri")) not in self._own)], **CACHING})
            return nothing

        return list_entries

    async def _list_prompts(self, ctx: Any, params: Any) -> t.ListPromptsResult:
        put_raw({"prompts": await self._forwarding.prompts(self._reached(ctx)), **CACHING})
        return t.ListPromptsResult(prompts=[])

    async def _read(self, ctx: Any, params: t.ReadResourceRequestParams) -> t.ReadResourceResult:
        if str(params.uri) in self._own:
            return await self._own.read(ctx, params)
        await self._forward(ctx, self._forwarding.read, {"ttlMs": 0, "cacheScope": "private"})
        return t.ReadResourceResult(contents=[])

    async def _get_prompt(self, ctx: Any, params: t.GetPromptRequestParams) -> t.GetPromptResult:
        await self._forward(ctx, self._forwarding.prompt, {})
        return t.GetPromptResult(messages=[])

    async def _complete(self, ctx: Any, params: t.CompleteRequestParams) -> t.CompleteResult:
        await self._forward(ctx, self._forwarding.complete, {})
        return t.CompleteResult(completion=t.Completion(values=[]))

    async def _subscribe(self, ctx: Any, params: t.SubscribeRequestParams) -> t.EmptyResult:
        uri = str(params.uri)
        if uri not in self._own:
            await self._guarded(self._forwarding.watch(uri, self._reached(ctx)))
        self._older.setdefault(ctx.session._connection, set()).add(uri)
        return t.EmptyResult()

    async def _unsubscribe(self, ctx: Any, params: t.UnsubscribeRequestParams) -> t.EmptyResult:
        uri = str(params.uri)
        self._older.setdefault(ctx.session._connection, set()).discard(uri)
        if not any(uri in uris for uris in self._older.values()):
            await self._guarded(self._forwarding.unwatch(uri))
        return t.EmptyResult()

    async def _forward(self, ctx: Any, send: Callable[..., Awaitable[Any]], defaults: Mapping[str, Any]) -> None:
        trace = trace_ids(get_current_span())
        known = trace if get_current_span().get_span_context().is_valid else None
        result = await self._guarded(send(ctx.params, Asker(RequestClient(ctx)), known, self._reached(ctx)))
        put_raw({**defaults, **result})

    async def _guarded(self, sending: Awaitable[Any]) -> Any:
        """What goes wrong there becomes an error of the protocol here, its own where it sent one."""
        try:
            return await sending
        except UpstreamRefused as refused:
            error = refused.error
            raise MCPError(code=error.code, message=error.message, data=error.data) from refused
        except (UpstreamError, CallFailed) as error:
            hint = error.failure.hint if isinstance(error, CallFailed) else ""
            raise MCPError(code=t.INTERNAL_ERROR, message=f"{error} {hint}".strip()) from error

    async def _tell(self, connection: Any, method: str, params: Mapping[str, Any] | None) -> None:
        with anyio.move_on_after(CLIENT_S):
            await connection.notify(method, dict(params) if params is not None else None)

"""The MCP side: puts the tools on the wire and each tool call through the pipeline."""

import asyncio
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import anyio
import mcp.types as t
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler, ToolsListChanged
from mcp.shared.exceptions import MCPError
from opentelemetry.trace import Tracer

from lambdascope_proxy.access.entrant import entrant_of
from lambdascope_proxy.answer import Answer, answer_of, own_meta, wire_answer
from lambdascope_proxy.call import Call, Caller, Next, Outcome, Progress, begin_call
from lambdascope_proxy.client_text import masked_text
from lambdascope_proxy.errors import CallFailed, UnknownTool
from lambdascope_proxy.mcp_side.client import RequestClient
from lambdascope_proxy.mcp_side.own_resources import LIST_TTL_MS, OwnResources
from lambdascope_proxy.mcp_side.proxy_server import ProxyServer
from lambdascope_proxy.mcp_side.raw import RawResults, put_raw
from lambdascope_proxy.mcp_side.session import session_id_of
from lambdascope_proxy.observer import Observer
from lambdascope_proxy.resource import TextResource
from lambdascope_proxy.tool import ToolSpec
from lambdascope_proxy.toolbox import Toolbox

if TYPE_CHECKING:
    from lambdascope_proxy.access.access import Access
    from lambdascope_proxy.mcp_side.forwarded import ForwardedSide
    from lambdascope_proxy.telemetry.meters import Meters
    from lambdascope_proxy.upstreams.offer import Upstreams

PAGE = 100
PROGRESS_EVERY_S = 10.0
PROGRESS_LOOK_S = 0.5
NAME_CHARS = 200
CLIENT_S = 1.0
# What the SDK may check in place of a result that goes out as it is.
NOTHING = t.CallToolResult(content=[])

INSTRUCTIONS = (
    "Calls AWS Lambda functions. list_functions shows which, get_function_schema what they take, invoke_function calls "
    "one. Every answer says what the call took and cost; a failed call says what to do next."
)


class McpFront:
    """One MCP server over a toolbox and a pipeline; serves every protocol revision the SDK speaks.

    `scrub` masks what a client says of itself, before it gets anywhere.
    """

    def __init__(
        self,
        toolbox: Toolbox,
        pipeline: Next,
        tracer: Tracer,
        transport: str,
        resources: Sequence[TextResource] = (),
        *,
        scrub: Callable[[str], str],
        meters: "Meters | None" = None,
        access: "Access | None" = None,
        upstreams: "Upstreams | None" = None,
    ) -> None:
        self._toolbox = toolbox
        self._access = access
        self._scrub = scrub
        self._pipeline = pipeline
        self._own = OwnResources(resources)
        self.transport = transport
        self._bus = InMemorySubscriptionBus()
        self._older_clients: WeakSet[Any] = WeakSet()
        self.answered = anyio.Event()
        self.forwarded = self._forwarded(upstreams) if upstreams else None
        self.server = ProxyServer(
            "lambdascope",
            version=version("lambdascope"),
            instructions=INSTRUCTIONS,
            on_list_tools=self._list_tools,
            on_call_tool=self._call_tool,
            **(self.forwarded.handlers if self.forwarded else self._own.handlers),
            on_subscriptions_listen=self._listen_handler(),
            # Without it the SDK runs a whole tools/list before each call of the newest revision. It checks a call's
            # headers by what a schema says of them, which only those of other servers do.
            get_tool_input_schema=toolbox.schema_elsewhere,
        )
        if self.forwarded:
            self.server.has = self.forwarded.has
            self.server.add_request_handler("logging/setLevel", t.SetLevelRequestParams, self.forwarded.set_level)
        self.server.add_notification_handler("notifications/initialized", t.NotificationParams, self._remember_client)
        network = "pipe" if transport == "stdio" else "tcp"
        self.observer = Observer(tracer, lambda: toolbox.names, network, self.answered.set, scrub=scrub, meters=meters)
        self.server.middleware[:] = [self.observer, RawResults(lambda: self.server.server_info_stamp)]

    async def announce_change(self) -> None:
        """Tells every client that the tools changed: those that listen, and older ones on their own connection."""
        await self._bus.publish(ToolsListChanged())
        for connection in list(self._older_clients):
            with anyio.move_on_after(CLIENT_S):
                await connection.send_tool_list_changed()

    async def _remember_client(self, ctx: Any, params: Any) -> None:
        # The SDK gives handlers a session per request; only the connection behind it lives as long as the client.
        self._older_clients.add(ctx.session._connection)
        if self.forwarded:
            self.forwarded.remember(ctx.session._connection)

    def _listen_handler(self) -> Any:
        handler = ListenHandler(self._bus)
        return self.forwarded.listening(handler) if self.forwarded else handler

    def _forwarded(self, upstreams: "Upstreams") -> "ForwardedSide":
        from lambdascope_proxy.mcp_side.forwarded import ForwardedSide

        return ForwardedSide(upstreams, self._own, self._bus, reaches=self._reaches, transport=self.transport)

    def _reaches(self, ctx: Any, upstream: str) -> bool:
        return self._access is None or self._access.reaches(self._caller(ctx), upstream)

    async def _list_tools(self, ctx: Any, params: t.PaginatedRequestParams | None) -> t.ListToolsResult:
        try:
            tools = await self._toolbox.list()
        except CallFailed as failed:
            message = f"The tools cannot be listed now: {failed} {failed.failure.hint}".strip()
            raise MCPError(code=t.INTERNAL_ERROR, message=message) from failed
        if self._access:
            caller = self._caller(ctx)
            tools = [tool for tool in tools if self._access.shows(caller, tool.spec.name, tool.aim({}))]
        start = _page_start(params.cursor if params else None, len(tools))
        page = [tool.spec.wire or _wire_tool(tool.spec) for tool in tools[start : start + PAGE]]
        more = {"nextCursor": str(start + PAGE)} if start + PAGE < len(tools) else {}
        put_raw({"tools": page, **more, "ttlMs": LIST_TTL_MS, "cacheScope": "private"})
        return t.ListToolsResult(tools=[], ttl_ms=LIST_TTL_MS, cache_scope="private")

    async def _call_tool(self, ctx: Any, params: t.CallToolRequestParams) -> t.CallToolResult:
        arrived_ns = time.perf_counter_ns()
        try:
            tool = await self._toolbox.find(params.name)
        except UnknownTool as unknown:
            raise MCPError(code=t.INVALID_PARAMS, message=_sendable(f"Unknown tool: {params.name[:128]}")) from unknown
        call = begin_call(tool, params.arguments or {}, self._caller(ctx), arrived_ns, RequestClient(ctx))
        outcome = await self._with_progress(ctx, call)
        if outcome.rpc_error:
            error = outcome.rpc_error
            raise MCPError(code=error.code, message=_sendable(error.message), data=error.data)
        if outcome.wire is not None:
            put_raw(wire_answer(call, outcome, outcome.wire, (time.perf_counter_ns() - arrived_ns) / 1e6))
            return NOTHING
        return _wire_result(answer_of(call, outcome), own_meta(outcome))

    async def _with_progress(self, ctx: Any, call: Call) -> Outcome:
        """Tells a client that asked for progress that a long call is still under way, so that it goes on waiting."""
        if not ctx.meta or ctx.meta.get("progress_token") is None:
            return await self._pipeline(call)
        # Who stands before another server adds no progress of his own to that server's.
        every_s = float("inf") if call.aim.upstream_tool else PROGRESS_EVERY_S
        reporting = asyncio.create_task(_report_progress(ctx, call.progress, every_s))
        try:
            return await self._pipeline(call)
        finally:
            reporting.cancel()

    def _caller(self, ctx: Any) -> Caller:
        client = ctx.session.client_params.client_info if ctx.session.client_params else None
        entrant = entrant_of(ctx.request)
        return Caller(
            transport=self.transport,
            protocol_version=ctx.protocol_version,
            client_name=self._masked(client.name) if client else None,
            client_version=self._masked(client.version) if client else None,
            session_id=session_id_of(ctx),
            principal=entrant.principal if entrant else None,
            scopes=entrant.granted if entrant else frozenset(),
        )

    def _masked(self, text: str) -> str:
        return masked_text(text, self._scrub, characters=NAME_CHARS)


async def _report_progress(ctx: Any, progress: Progress, every_s: float) -> None:
    """Reports whenever the call has something new to say, and in any case every `every_s`."""
    began, told_at, told = time.monotonic(), time.monotonic(), ""
    while True:
        await asyncio.sleep(min(PROGRESS_LOOK_S, every_s))
        now = time.monotonic()
        if progress.message == told and now - told_at < every_s:
            continue
        told, told_at = progress.message, now
        waited_s = now - began
        await ctx.session.report_progress(waited_s, None, told or f"still running after {waited_s:.0f} s")


def _page_start(cursor: str | None, count: int) -> int:
    if cursor is None:
        return 0
    # A number of thousands of digits would make int() raise.
    if len(cursor) > 9 or not cursor.isascii() or not cursor.isdigit() or int(cursor) > count:
        raise MCPError(code=t.INVALID_PARAMS, message="cursor is not one this server gave; list from the first page")
    return int(cursor)


def _wire_tool(spec: ToolSpec) -> dict[str, Any]:
    tool = t.Tool(
        name=spec.name,
        title=spec.title,
        description=spec.description,
        input_schema=dict(spec.input_schema),
        output_schema=dict(spec.output_schema),
        annotations=_wire_hints(spec),
    )
    return tool.model_dump(by_alias=True, mode="json", exclude_none=True)


def _wire_hints(spec: ToolSpec) -> t.ToolAnnotations:
    hints = t.ToolAnnotations(
        read_only_hint=spec.read_only, destructive_hint=spec.destructive, open_world_hint=spec.open_world
    )
    if not spec.read_only:
        # Of what only reads it means nothing, says the specification, and every client pays for every word.
        hints.idempotent_hint = spec.idempotent
    return hints


def _wire_result(answer: Answer, meta: dict[str, Any]) -> t.CallToolResult:
    return t.CallToolResult(
        content=[t.TextContent(type="text", text=_sendable(text)) for text in answer.texts],
        structured_content={name: _sendable(value) for name, value in answer.structured.items()},
        is_error=answer.is_error,
        _meta=meta or None,
    )


def _sendable(value: Any) -> Any:
    """Text without halves of surrogate pairs: a caller's escapes can bring them in, UTF-8 cannot carry them out."""
    return value.encode(errors="replace").decode() if isinstance(value, str) and not value.isascii() else value

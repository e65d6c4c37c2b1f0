"""A server to stand behind a proxy, run as a process of its own: `upstream_server.py stdio|http both|legacy`.

Its tools do what upstreams do, well or badly. Over HTTP it prints its URL as the first line of stdout.
"""

import asyncio
import json
import os
import socket
import sys
from typing import Any

import anyio
import mcp.types as t
import uvicorn
from mcp.server import Server
from mcp.server.lowlevel import NotificationOptions
from mcp.server.runner import serve_loop
from mcp.server.stdio import stdio_server
from mcp.server.subscriptions import (
    InMemorySubscriptionBus,
    ListenHandler,
    PromptsListChanged,
    ResourcesListChanged,
    ResourceUpdated,
    ToolsListChanged,
)
from mcp.shared.exceptions import MCPError

OBJECT: dict[str, Any] = {"type": "object"}
ICON = {"src": "https://example.com/echo.png", "mimeType": "image/png", "sizes": ["48x48"]}
MODERN = "2026-07-28"


def tool(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "description": f"Does {name}.", "inputSchema": OBJECT, **more}


TOOLS: list[dict[str, Any]] = [
    tool(
        "echo",
        title="Echo",
        inputSchema={"type": "object", "properties": {"say": {"type": "string"}}, "required": ["say"]},
        outputSchema={"type": "object", "properties": {"said": {"type": "string"}}},
        annotations={"title": "Echo!", "readOnlyHint": True, "x-own": 1},
        icons=[ICON],
        _meta={"example.com/tool": {"deep": [1]}},
    ),
    *(tool(name) for name in ("fail", "refuse", "meta", "wait", "steps", "ask", "sample", "roots", "big", "die")),
    *(tool(name) for name in ("change", "flood", "nonsense", "touch", "speak")),
    {"name": "broken", "description": "Its schema is none.", "inputSchema": {"type": "objekt"}},
]
ECHOED: dict[str, Any] = {
    "example.com/result": "kept",
    "io.modelcontextprotocol/serverInfo": {"name": "x", "version": "1"},
}


class Upstream:
    """The server; `notes` says what it was told, for a tool to report."""

    def __init__(self) -> None:
        self.tools = [*TOOLS]
        self.bus = InMemorySubscriptionBus()
        self.sessions: set[Any] = set()
        self.subscribed: set[str] = set()
        self.level = "none"
        self.has_new = False
        self.waiting = self.cancelled = 0

    async def list_tools(self, ctx: Any, params: Any) -> dict[str, Any]:
        # Two pages: who reads only the first knows only half.
        half = len(self.tools) // 2
        rest = params is not None and params.cursor == "rest"
        page = self.tools[half:] if rest else self.tools[:half]
        return {"tools": page, **({} if rest else {"nextCursor": "rest"}), **CACHED}

    async def call_tool(self, ctx: Any, params: t.CallToolRequestParams) -> dict[str, Any]:
        return {
            "resultType": "complete",
            **await getattr(self, f"do_{params.name}")(ctx, params, params.arguments or {}),
        }

    async def do_echo(self, ctx: Any, params: Any, arguments: dict[str, Any]) -> dict[str, Any]:
        said = {"said": arguments["say"], "pid": os.getpid()}
        return {**text(arguments["say"]), "structuredContent": said, "_meta": ECHOED}

    async def do_fail(self, ctx: Any, params: Any, arguments: dict[str, Any]) -> dict[str, Any]:
        return {**text("It failed."), "structuredContent": {"error_type": "Boom"}, "isError": True}

    async def do_refuse(self, ctx: Any, params: Any, arguments: dict[str, Any]) -> dict[str, Any]:
        raise MCPError(code=arguments.get("code", -32050), message="Not today.", data={"why": ["rain"]})

    async def do_meta(self, ctx: Any, params: Any, arguments: dict[str, Any]) -> dict[str, Any]:
        return text(json.dumps(ctx.params.get("_meta", {})))

    async def do_wait(self, ctx: Any, params: Any, arguments: dict[str, Any]) -> dict[str, Any]:
        if arguments.get("look"):
            return text(json.dumps([self.waiting, self.cancelled]))
        self.waiting += 1
        try:
            await anyio.sleep(arguments.get("s", 60))
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.waiting -= 1
        return text("waited")

    async def do_steps(self, ctx: Any, params: Any, arguments: dict[str, Any]) -> dict[str, Any]:
        for step in range(1, 4):
            await ctx.session.report_progress(step, 3, f"step {step}")
        return text("stepped")

    async def do_ask(self, ctx: Any, params: Any, arguments: dict[str, Any]) -> dict[str, Any]:
        asked = {
            "message": "Your name?",
            "requestedSchema": {"type": "object", "properties": {"name": {"type": "string"}}},
        }
        return await self._ask(ctx, "elicitation/create", asked)

    async def do_sample(self, ctx: Any, params: Any, arguments: dict[str, Any]) -> dict[str, Any]:
        message = {"role": "user", "content": {"type": "text", "text": "Hello?"}}
        return await self._ask(ctx, "sampling/createMessage", {"messages": [message], "maxTokens": 10})

    async def do_roots(self, ctx: Any, params: Any, arguments: dict[str, Any]) -> dict[str, Any]:
        return await self._ask(ctx, "roots/list", {})

    async def _ask(self, ctx: Any, method: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Over the older revisions during the call, over the newest by a result that asks."""
        if ctx.protocol_version != MODERN:
            return text(json.dumps(await ctx.session._request_outbound.send_raw_request(method, asked)))
        responses = ctx.params.get("inputResponses")
        if responses is None:
            wanted = {"it": {"method": method, "params": asked}}
            return {"resultType": "input_required", "inputRequests": wanted, "requestState": "state-1"}
        return text(json.dumps(responses["it"]))

    async def do_big(self, ctx: Any, params: Any, arguments: dict[str, Any]) -> dict[str, Any]:
        return text("x" * arguments["bytes"])

    async def do_die(self, ctx: Any, params: Any, arguments: dict[str, Any]) -> dict[str, Any]:
        os._exit(3)

    async def do_change(self, ctx: Any, params: Any, arguments: dict[str, Any]) -> dict[str, Any]:
        self.tools = [*TOOLS, tool(arguments["name"])]
        self.has_new = self.has_new or "shelf" in arguments
        kinds = (ToolsListChanged(), ResourcesListChanged(), PromptsListChanged())
        for kind in kinds:
            await self.bus.publish(kind)
        for session in self.sessions:
            await session.send_tool_list_changed()
            await session.send_resource_list_changed()
            await session.send_prompt_list_changed()
        return text("changed")

    async def do_touch(self, ctx: Any, params: Any, arguments: dict[str, Any]) -> dict[str, Any]:
        await self.bus.publish(ResourceUpdated(uri=arguments["uri"]))
        for session in self.sessions:
            if arguments["uri"] in self.subscribed:
                await session.send_resource_updated(arguments["uri"])
        return text(json.dumps(sorted(self.subscribed)))

    async def do_speak(self, ctx: Any, params: Any, arguments: dict[str, Any]) -> dict[str, Any]:
        await ctx.session.send_notification(
            t.LoggingMessageNotification(params=t.LoggingMessageNotificationParams(level="error", data="spoken")),
            related_request_id=ctx.request_id,
        )
        return text(self.level)

    async def do_flood(self, ctx: Any, params: Any, arguments: dict[str, Any]) -> dict[str, Any]:
        for _ in range(arguments["count"]):
            await ctx.session.report_progress(1, None, "x" * 100)
            await ctx.session.send_tool_list_changed()
        return text("flooded")

    async def do_nonsense(self, ctx: Any, params: Any, arguments: dict[str, Any]) -> dict[str, Any]:
        os.write(NONSENSE_TO, b'this is no JSON\n[1, 2]\n{"jsonrpc": "2.0"}\n')
        return text("printed")

    async def list_resources(self, ctx: Any, params: Any) -> dict[str, Any]:
        page = {"uri": "page://one", "name": "one", "title": "One", "mimeType": "text/plain", "icons": [ICON]}
        new = [{"uri": "page://new", "name": "new"}] if self.has_new else []
        return {"resources": [page, *new], **CACHED}

    async def list_templates(self, ctx: Any, params: Any) -> dict[str, Any]:
        return {"resourceTemplates": [{"uriTemplate": "page://{name}", "name": "page"}], **CACHED}

    async def read_resource(self, ctx: Any, params: Any) -> dict[str, Any]:
        if "missing" in params.uri:
            raise MCPError(code=-32002, message="Resource not found", data={"uri": params.uri})
        return {"contents": [{"uri": params.uri, "text": f"This is {params.uri}."}], **CACHED}

    async def list_prompts(self, ctx: Any, params: Any) -> dict[str, Any]:
        greet = {"name": "greet", "title": "Greet", "arguments": [{"name": "who"}]}
        return {"prompts": [greet, *([{"name": "new"}] if self.has_new else [])], **CACHED}

    async def get_prompt(self, ctx: Any, params: Any) -> dict[str, Any]:
        said = f"Hello {(params.arguments or {}).get('who')}"
        content = {"role": "user", "content": {"type": "text", "text": said}}
        return {"resultType": "complete", "description": params.name, "messages": [content]}

    async def complete(self, ctx: Any, params: Any) -> dict[str, Any]:
        name = getattr(params.ref, "name", None) or getattr(params.ref, "uri", None)
        return {
            "resultType": "complete",
            "completion": {"values": [f"{name}:{params.argument.value}"], "hasMore": False},
        }

    async def subscribe(self, ctx: Any, params: Any) -> dict[str, Any]:
        self.subscribed.add(params.uri)
        return {}

    async def unsubscribe(self, ctx: Any, params: Any) -> dict[str, Any]:
        self.subscribed.discard(params.uri)
        return {}

    async def set_level(self, ctx: Any, params: Any) -> dict[str, Any]:
        self.level = params.level
        return {}

    async def remember(self, ctx: Any, params: Any) -> None:
        self.sessions.add(ctx.session._connection)


CACHED: dict[str, Any] = {"resultType": "complete", "ttlMs": 0, "cacheScope": "private"}
# While serving, the SDK leads what is printed to stderr: this is the stdout of before.
NONSENSE_TO = os.dup(1)


def text(said: str) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": said}]}


class Older(Server[Any]):
    """Announces changes of lists also by handshake."""

    def create_initialization_options(self, notification_options: Any = None, *a: Any, **k: Any) -> Any:
        changes = NotificationOptions(tools_changed=True, resources_changed=True, prompts_changed=True)
        return super().create_initialization_options(notification_options or changes, *a, **k)


def build(era: str) -> Server[Any]:
    upstream = Upstream()
    handlers: dict[str, Any] = {
        "on_list_tools": upstream.list_tools,
        "on_call_tool": upstream.call_tool,
        "on_list_resources": upstream.list_resources,
        "on_list_resource_templates": upstream.list_templates,
        "on_read_resource": upstream.read_resource,
        "on_list_prompts": upstream.list_prompts,
        "on_get_prompt": upstream.get_prompt,
        "on_completion": upstream.complete,
        "on_subscribe_resource": upstream.subscribe,
        "on_unsubscribe_resource": upstream.unsubscribe,
        "on_subscriptions_listen": ListenHandler(upstream.bus),
    }
    server = Older("fixture", version="1", instructions="Behave.", get_tool_input_schema=lambda name: None, **handlers)
    server.add_request_handler("logging/setLevel", t.SetLevelRequestParams, upstream.set_level)
    server.add_notification_handler("notifications/initialized", t.NotificationParams, upstream.remember)

    async def as_it_is(ctx: Any, call_next: Any) -> Any:
        if era == "legacy" and ctx.protocol_version == MODERN:
            raise MCPError(code=-32601, message="Method not found")
        if ctx.method == "tools/list":
            # The SDK would let no list out that has a tool with a bad schema.
            return await upstream.list_tools(ctx, t.PaginatedRequestParams.model_validate(ctx.params or {}))
        return await call_next(ctx)

    server.middleware[:] = [as_it_is]
    return server


async def serve_stdio(server: Server[Any], era: str) -> None:
    async with stdio_server() as (incoming, outgoing):
        if era == "legacy":
            # As servers of before: they know nothing but the handshake.
            options = server.create_initialization_options()
            await serve_loop(server, incoming, outgoing, lifespan_state={}, init_options=options)
            return
        await server.run(incoming, outgoing, server.create_initialization_options())


async def serve_http(server: Server[Any], port: int) -> None:
    # The protocol is named because asyncio turns Nagle's delay off only for sockets that say they are TCP.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()
    sys.stdout.write(f"http://127.0.0.1:{listener.getsockname()[1]}/mcp\n")
    sys.stdout.flush()
    app = server.streamable_http_app(host="127.0.0.1")
    config = uvicorn.Config(app, access_log=False, log_level="warning", timeout_graceful_shutdown=1)
    await uvicorn.Server(config).serve(sockets=[listener])


if __name__ == "__main__":
    transport, era, *port = sys.argv[1:]
    made = build(era)
    if transport == "stdio":
        sys.stderr.write("fixture is starting\n")
        anyio.run(serve_stdio, made, era)
    else:
        anyio.run(serve_http, made, int(port[0]) if port else 0)

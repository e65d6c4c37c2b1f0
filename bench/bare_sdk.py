"""The least an MCP server can be: the SDK's low-level server with one no-op tool, the baseline of MCP's own cost.

`python -m bench.bare_sdk stdio`, `python -m bench.bare_sdk http` or `python -m bench.bare_sdk http --json-response`.
"""

import argparse
import socket
import sys
from typing import Any

import anyio
import mcp.types as t
from mcp.server import Server
from mcp.server.stdio import stdio_server

from bench.answers import answer_to

TOOL = t.Tool(name="noop", description="Does nothing", input_schema={"type": "object"})


async def _list_tools(_ctx: Any, _params: Any) -> t.ListToolsResult:
    return t.ListToolsResult(tools=[TOOL], ttl_ms=60_000, cache_scope="private")


async def _call_tool(_ctx: Any, params: t.CallToolRequestParams) -> t.CallToolResult:
    number = (params.arguments or {})["payload"]["number"]
    return t.CallToolResult(content=[t.TextContent(type="text", text=answer_to(number))])


def build() -> Server[Any]:
    """Return the server, without the SDK's own tracing middleware: a baseline observes nothing."""
    server: Server[Any] = Server(
        "bare",
        version="0",
        on_list_tools=_list_tools,
        on_call_tool=_call_tool,
        # Without it the SDK runs tools/list before every call that has arguments.
        get_tool_input_schema=lambda name: TOOL.input_schema if name == TOOL.name else None,
    )
    server.middleware.clear()
    return server


async def serve_stdio(server: Server[Any]) -> None:
    """Serve one client on standard input and output."""
    async with stdio_server() as (reader, writer):
        await server.run(reader, writer, server.create_initialization_options())


def serve_http(server: Server[Any], *, json_response: bool = False, port: int = 0) -> None:
    """Serve Streamable HTTP on a loopback port, a free one if none is given, and say on stderr where."""
    import uvicorn  # over stdio it would be start-up time that stdio does not need

    # asyncio switches Nagle's algorithm off only for sockets that name their protocol; it would add 40 ms to an answer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(1024)
    print(f"http://127.0.0.1:{listener.getsockname()[1]}/mcp", file=sys.stderr, flush=True)
    app = server.streamable_http_app(json_response=json_response)
    config = uvicorn.Config(app, access_log=False, log_level="warning")
    uvicorn.Server(config).run(sockets=[listener])


def main() -> None:
    """Serve over the transport named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("transport", choices=["stdio", "http"])
    parser.add_argument("--json-response", action="store_true")
    options = parser.parse_args()
    if options.transport == "stdio":
        anyio.run(serve_stdio, build())
    else:
        serve_http(build(), json_response=options.json_response)


if __name__ == "__main__":
    main()

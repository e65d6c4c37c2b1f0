"""The server behind every proxy: the SDK's low-level one with a tool that answers a number, after a wait if asked.

`python -m bench.proxies.echo stdio` or `python -m bench.proxies.echo http [--port PORT]`.
"""

import argparse
from typing import Any

import anyio
import mcp.types as t
from mcp.server import Server

from bench.answers import answer_to
from bench.bare_sdk import serve_http, serve_stdio

TOOL = t.Tool(
    name="echo",
    description="Answers a number.",
    input_schema={
        "type": "object",
        "properties": {"number": {"type": "integer"}, "wait_ms": {"type": "integer", "minimum": 0}},
        "required": ["number"],
    },
)


async def _list_tools(_ctx: Any, _params: Any) -> t.ListToolsResult:
    return t.ListToolsResult(tools=[TOOL], ttl_ms=60_000, cache_scope="private")


async def _call_tool(_ctx: Any, params: t.CallToolRequestParams) -> t.CallToolResult:
    arguments = params.arguments or {}
    if wait_ms := arguments.get("wait_ms"):
        await anyio.sleep(wait_ms / 1000)
    return t.CallToolResult(content=[t.TextContent(type="text", text=answer_to(arguments["number"]))])


def build() -> Server[Any]:
    """Return the server, which observes nothing itself."""
    server: Server[Any] = Server(
        "echo",
        version="0",
        on_list_tools=_list_tools,
        on_call_tool=_call_tool,
        get_tool_input_schema=lambda name: TOOL.input_schema if name == TOOL.name else None,
    )
    server.middleware.clear()
    return server


def main() -> None:
    """Serve over the transport named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("transport", choices=["stdio", "http"])
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    if options.transport == "stdio":
        anyio.run(serve_stdio, build())
    else:
        serve_http(build(), port=options.port)


if __name__ == "__main__":
    main()

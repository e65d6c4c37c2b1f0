"""Calling tools and reading what came back."""

from typing import Any, cast

from mcp import Client
from mcp.types import CallToolResult, TextContent


async def invoke(client: Client, function: str, payload: Any = None, **more: Any) -> dict[str, Any]:
    """Calls a function and returns the structured answer, with `is_error` and `texts` beside it."""
    given = {} if payload is None else {"payload": payload}
    return told(await client.call_tool("invoke_function", {"function_name": function, **given, **more}))


async def ask(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """Calls a tool and returns the structured answer, with `is_error` and `texts` beside it."""
    return told(await client.call_tool(tool, arguments))


def told(result: CallToolResult) -> dict[str, Any]:
    """The structured part of a result, with `is_error` and `texts`."""
    texts = [block.text for block in result.content if isinstance(block, TextContent)]
    structured: Any = result.structured_content
    assert isinstance(structured, dict)
    return {**cast("dict[str, Any]", structured), "is_error": result.is_error, "texts": texts}

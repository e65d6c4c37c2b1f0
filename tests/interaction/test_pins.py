"""Pins around a real server behind the proxy: a new tool is held, approved by the command line, and then called."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from stage.proxies import Stage
from stage.waiting import asked_until, eventually

pytestmark = pytest.mark.anyio
UPSTREAM = Path(__file__).parent / "stage" / "upstream_server.py"


def wrapping(stage: Stage, directory: Path, **settings: str) -> Stage:
    """A stage whose proxies stand before the fixture."""
    config = directory / "lambdascope.toml"
    command = json.dumps([sys.executable, str(UPSTREAM), "stdio", "legacy"])
    config.write_text(f"[upstreams.fixture]\ncommand = {command}\n", encoding="utf-8")
    return stage.having(LAMBDASCOPE_CONFIG=str(config), FUNCTION_PREFIX=None, FUNCTION_LIST=None, **settings)


async def listed(client: Client, name: str) -> Any:
    """A tool of the list, None while it is not there."""
    tools = (await client.list_tools()).tools
    return next((tool for tool in tools if tool.name == name), None)


async def test_a_new_tool_is_held_until_it_is_approved(stage: Stage, tmp_path: Path) -> None:
    holding = wrapping(stage, tmp_path, LAMBDASCOPE_PIN_TOOLS="hold")
    async with holding.stdio_client() as client:
        echoed = await client.call_tool("echo", {"say": "hello"})
        assert not echoed.is_error
        await client.call_tool("change", {"name": "touch2"})
        held = await asked_until(lambda: listed(client, "touch2"), bool)
        assert held.description.startswith("Held by lambdascope, because it is new and not yet approved.")
        assert (await listed(client, "echo")).description == "Does echo."

        refused = await client.call_tool("touch2", {})
        assert refused.is_error
        assert "lambdascope upstreams approve fixture/touch2" in str(refused.content)

        pins = holding.run("upstreams", "pins", "--json")
        states = {row["tool"]: row["state"] for row in json.loads(pins.stdout)}
        assert (states["echo"], states["touch2"]) == ("pinned", "new")
        assert holding.run("upstreams", "approve", "fixture/touch2").returncode == 0

        with pytest.raises(MCPError) as called:
            await client.call_tool("touch2", {})
        assert called.value.error.code != -32602  # it came through: the fixture lists it and cannot do it
        await asked_until(lambda: listed(client, "touch2"), lambda tool: tool.description == "Does touch2.")
    (row,) = await eventually(lambda: stage.rows("error_type = 'ToolHeld'"))
    assert (row["outcome"], row["target"], row["tool_name"]) == ("refused", "upstream:fixture", "touch2")

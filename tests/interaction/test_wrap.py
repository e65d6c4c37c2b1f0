"""`lambdascope wrap` as a client starts it: another server's tools under their own names, recorded and priced."""

import json
import subprocess
import sys
from collections.abc import Generator
from decimal import Decimal
from pathlib import Path

import mcp.types as t
import pytest
from mcp import Client, StdioServerParameters
from stage.proxies import CLIENT, COMMAND, Stage

pytestmark = pytest.mark.anyio

SERVER = str(Path(__file__).parent / "stage" / "upstream_server.py")
# It starts only with the key that its client gave to the wrapper, and without what is the wrapper's own.
PARTICULAR = f"""
import os, runpy, sys
assert os.environ["ORDERS_KEY"] == "o-1" and "LAMBDASCOPE_HISTORY_DIR" not in os.environ
sys.argv = [{SERVER!r}, *sys.argv[1:]]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def wrapped(stage: Stage, *words: str, **environ: str) -> Client:
    command, *arguments = COMMAND
    server = StdioServerParameters(
        command=command, args=[*arguments, "wrap", *words], env={**stage.having(**environ).environment}
    )
    return Client(server, cache=None, client_info=CLIENT)


def text_of(result: t.CallToolResult) -> str:
    (block,) = result.content
    assert isinstance(block, t.TextContent)
    return block.text


async def test_a_wrapped_command_answers_as_itself_and_leaves_a_priced_row(stage: Stage) -> None:
    words = ["--cost", "echo=0.25", "--deny", "d*", "--", sys.executable, "-c", PARTICULAR, "stdio", "both"]
    async with wrapped(stage, *words, ORDERS_KEY="o-1") as client:
        names = {tool.name for tool in (await client.list_tools()).tools}
        result = await client.call_tool("echo", {"say": "as it is"})
    assert text_of(result) == "as it is"
    assert "echo" in names
    assert "die" not in names
    (row,) = stage.rows("tool_name = 'echo'")
    assert (row["target"], row["outcome"]) == (f"upstream:{Path(sys.executable).name}", "ok")
    assert (row["cost_usd"], row["cost_source"]) == (Decimal("0.25"), "configured")


@pytest.fixture
def served_url() -> Generator[str]:
    """The other server over HTTP."""
    with subprocess.Popen(
        [sys.executable, SERVER, "http", "both", "0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.kill()


async def test_a_wrapped_url_answers_as_itself(stage: Stage, served_url: str) -> None:
    async with wrapped(stage, served_url, "--name", "shop") as client:
        assert text_of(await client.call_tool("echo", {"say": "over HTTP"})) == "over HTTP"
    (row,) = stage.rows("tool_name = 'echo'")
    assert (row["target"], row["cost_usd"], row["cost_source"]) == ("upstream:shop", None, "none")


def test_the_servers_of_a_client_are_imported_and_then_served(stage: Stage, tmp_path: Path) -> None:
    # The three commands of the documentation, one after the other.
    servers = {"Shop": {"command": sys.executable, "args": [SERVER, "stdio", "both"], "env": {"API_KEY": "k-secret"}}}
    (tmp_path / "client.json").write_text(json.dumps({"mcpServers": servers}))
    config = str(tmp_path / "l.toml")
    done = stage.run("upstreams", "import", str(tmp_path / "client.json"), "--output", config)
    assert (done.returncode, done.stdout) == (0, "")
    missing = stage.run("upstreams", "list", "--config", config)
    assert (missing.returncode, missing.stdout) == (2, "")
    assert "[upstreams.shop]: env: API_KEY: the variable API_KEY is not set" in missing.stderr
    listed = stage.having(API_KEY="k-secret").run("upstreams", "list", "--config", config, "--json")
    assert listed.returncode == 0, listed.stderr
    (shop,) = json.loads(listed.stdout)
    assert shop["tools"]["echo"] == "echo"

"""The MCP Inspector as a second client: its command line lists and calls tools behind lambdascope."""

import json
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from conformance.suite import MODULES, NODE

INSPECTOR: Final = MODULES / "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js"
TOOL, SAYS = "test_simple_text", "This is a simple text response for testing."
FAILING = "test_error_handling"
RUN_S: Final = 120


def inspect(server: Mapping[str, Any]) -> list[str]:
    """A line for each thing that the Inspector does not find at a server, which is given as clients are configured."""
    names = {tool["name"] for tool in _asked(server, "tools/list").get("tools", [])}
    said = _asked(server, "tools/call", "--tool-name", TOOL).get("content", [{}])[0].get("text", "")
    failed = _asked(server, "tools/call", "--tool-name", FAILING).get("isError")
    wrong = {
        f"tools/list lacks {TOOL} or query_history": {TOOL, "query_history"} <= names,
        f"{TOOL} says {said!r}": SAYS in said,
        f"{FAILING} does not fail": failed is True,
    }
    return [f"Inspector: {line}" for line, is_right in wrong.items() if not is_right]


def _asked(server: Mapping[str, Any], method: str, *options: str) -> dict[str, Any]:
    """What it prints, which is the result as JSON; its exit code is not 0 for a tool that fails."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "mcp.json"
        config.write_text(json.dumps({"mcpServers": {"it": server}}), encoding="utf-8")
        named = ["--config", str(config), "--server", "it"]
        command = [str(NODE), str(INSPECTOR), "--cli", *named, "--method", method, *options]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=RUN_S, check=False, stdin=subprocess.DEVNULL
        )
    try:
        return json.loads(done.stdout)
    except ValueError:
        raise ChildProcessError(f"the Inspector printed no JSON: {(done.stdout + done.stderr)[-500:]}") from None

"""An MCP server over stdio that has to be guarded against: it gives no answers, goes away, and changes its tools.

Started by the proxy in front of it. Alone in this folder it imports nothing of it, as it runs as a script.
"""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

METHOD_NOT_FOUND: Final = -32601
READS: Final = {"readOnlyHint": True}
REPEATS: Final = {"readOnlyHint": False, "destructiveHint": False, "idempotentHint": True}
ADDS: Final = {"readOnlyHint": False, "destructiveHint": False, "idempotentHint": False}
REMOVES: Final = {"readOnlyHint": False, "destructiveHint": True}
TOOLS: Final = {
    "look_up": READS,
    "add": ADDS,
    "remove": REMOVES,
    "refuse": ADDS,
    "stumble": REPEATS,
    "stall": ADDS,
    "change": ADDS,
    "shift": ADDS,
    "leave": ADDS,
}


class Upstream:
    """`away` is a file that makes the next start fail; `write` sends a message."""

    def __init__(self, away: Path, write: Callable[[Mapping[str, Any]], None]) -> None:
        self._away = away
        self._write = write
        self._stumbled = 0
        self._edition = 1

    def take(self, message: Mapping[str, Any]) -> None:
        """Answers a request, if it is one that is answered."""
        if "id" not in message or "method" not in message:
            return
        method, params = message["method"], message.get("params", {})
        match method:
            case "initialize":
                self._answer(message, self._hello(params))
            case "ping":
                self._answer(message, {})
            case "tools/list":
                self._answer(message, {"tools": [self._tool(name) for name in TOOLS]})
            case "tools/call":
                self._call(message, params["name"])
            case _:
                self._refuse(message, METHOD_NOT_FOUND, "Method not found")

    def _hello(self, params: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "protocolVersion": params["protocolVersion"],
            "capabilities": {"tools": {"listChanged": True}},
            "serverInfo": {"name": "stack-upstream", "version": "1"},
        }

    def _tool(self, name: str) -> dict[str, Any]:
        # What `change` changes; all other tools stay as they are.
        edition = f", edition {self._edition}" if name == "shift" else ""
        schema = {"type": "object", "properties": {"round": {"type": "integer"}}}
        description = f"A tool for the stack: {name}{edition}."
        return {"name": name, "description": description, "inputSchema": schema, "annotations": TOOLS[name]}

    def _call(self, message: Mapping[str, Any], name: str) -> None:
        match name:
            case "stall":
                return
            case "stumble":
                self._stumbled += 1
                if self._stumbled % 2:
                    return
            case "refuse":
                self._refuse(message, -32000, "Not today")
                return
            case "leave":
                self._away.touch()
                sys.exit(0)
            case "change":
                self._edition += 1
                self._write({"method": "notifications/tools/list_changed"})
            case _:
                pass
        self._answer(message, {"content": [{"type": "text", "text": f"{name} done"}]})

    def _answer(self, message: Mapping[str, Any], result: Mapping[str, Any]) -> None:
        self._write({"id": message["id"], "result": result})

    def _refuse(self, message: Mapping[str, Any], code: int, words: str) -> None:
        self._write({"id": message["id"], "error": {"code": code, "message": words}})


def main() -> int:
    """Serves until stdin ends. The first start after `leave` fails."""
    away = Path(sys.argv[1])
    if away.exists():
        away.unlink()
        sys.stderr.write("not yet back\n")
        return 1
    upstream = Upstream(away, _write)
    for line in sys.stdin:
        upstream.take(json.loads(line))
    return 0


def _write(message: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

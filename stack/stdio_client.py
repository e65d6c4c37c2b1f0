"""As much of an MCP client over stdio as it takes to call tools in turn, be asked, and ask for what is not there."""

import itertools
import json
import subprocess
from collections.abc import Callable, Mapping
from typing import Any, Final

from stack.errors import NotRunningError

REVISION: Final = "2025-06-18"
NAMED: Final = {"name": "lambdascope-stack", "version": "1"}
Reply = Callable[[Mapping[str, Any]], dict[str, Any]]


def _cancelled(params: Mapping[str, Any]) -> dict[str, Any]:
    return {"action": "cancel"}


class StdioClient:
    """Speaks to a server whose pipes these are. `reply` answers what the server asks of the person in front of it."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._to, self._from = process.stdin, process.stdout
        self._ids = itertools.count(1)
        self.reply: Reply = _cancelled

    def open(self, **capabilities: Mapping[str, Any]) -> None:
        """Shakes hands."""
        self.ask("initialize", {"protocolVersion": REVISION, "capabilities": capabilities, "clientInfo": NAMED})
        self._write({"method": "notifications/initialized"})

    def call(self, tool: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """The answer to a tool call, be it a result or an error."""
        return self.ask("tools/call", {"name": tool, "arguments": arguments})

    def ask(self, method: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """The answer to a request.

        Raises: NotRunningError when the server has gone.
        """
        number = next(self._ids)
        self._write({"id": number, "method": method, "params": params})
        for line in self._from:
            message = json.loads(line)
            if message.get("method") == "elicitation/create":
                self._write({"id": message["id"], "result": self.reply(message["params"])})
            elif message.get("id") == number:
                return message
        raise NotRunningError(f"the server ended without an answer to {method}")

    def _write(self, message: Mapping[str, Any]) -> None:
        self._to.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        self._to.flush()

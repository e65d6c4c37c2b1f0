"""As much of an MCP client over stdio as it takes to call tools in turn, and to ask for what does not exist."""

import itertools
import json
import subprocess
from collections.abc import Mapping
from typing import Any, Final

from stack.errors import NotRunningError

REVISION: Final = "2025-06-18"
HELLO: Final = {
    "protocolVersion": REVISION,
    "capabilities": {},
    "clientInfo": {"name": "lambdascope-stack", "version": "1"},
}


class StdioClient:
    """Speaks to a server whose pipes these are."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._to, self._from = process.stdin, process.stdout
        self._ids = itertools.count(1)

    def open(self) -> None:
        """Shakes hands."""
        self.ask("initialize", HELLO)
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
            answer = json.loads(line)
            if answer.get("id") == number:
                return answer
        raise NotRunningError(f"the server ended without an answer to {method}")

    def _write(self, message: Mapping[str, Any]) -> None:
        self._to.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        self._to.flush()

"""JSON-RPC messages of both MCP eras, built ahead of the timing, and the check of each answer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.answers import answer_to
from bench.errors import WrongAnswerError

LEGACY = "2025-06-18"
MODERN = "2026-07-28"
CLIENT = {"name": "lambdascope-bench", "version": "1"}
INITIALIZE = {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": CLIENT}
META = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": CLIENT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A request ready to be written, and what its answer must hold."""

    request_id: int
    method: str
    tool: str | None
    body: bytes
    expects: bytes

    def check(self, answer: bytes) -> dict[str, Any]:
        """Return the result out of an answer.

        Raises:
            WrongAnswerError: it has another id, is an error of any layer, or lacks the function's answer.
        """
        message = json.loads(answer)
        result = message.get("result")
        shown = f"{self.tool or self.method}: {answer[:300].decode(errors='replace')}"
        if message.get("id") != self.request_id or result is None or result.get("isError") is True:
            raise WrongAnswerError(shown)
        if self.expects not in answer:
            raise WrongAnswerError(f"no {self.expects.decode()} in the answer of {shown}")
        return result


def question(
    request_id: int,
    method: str,
    params: Mapping[str, Any],
    *,
    revision: str,
    expects: bytes = b"",
) -> Question:
    """Return a request in the form of a protocol revision."""
    sent = {**params, "_meta": META} if revision == MODERN else dict(params)
    message = {"jsonrpc": "2.0", "id": request_id, "method": method, "params": sent}
    body = json.dumps(message, separators=(",", ":")).encode()
    return Question(request_id=request_id, method=method, tool=params.get("name"), body=body, expects=expects)


def tool_call(number: int, tool: str, arguments: Mapping[str, Any], *, revision: str) -> Question:
    """Return a call whose answer must hold the answer to its number, which is also its id."""
    params = {"name": tool, "arguments": arguments}
    return question(number, "tools/call", params, revision=revision, expects=answer_to(number).encode())


def notification(method: str) -> bytes:
    """Return a notification."""
    return json.dumps({"jsonrpc": "2.0", "method": method}, separators=(",", ":")).encode()

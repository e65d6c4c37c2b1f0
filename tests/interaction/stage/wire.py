"""A stdio client without the SDK: it writes what it likes, and sees every byte the server writes."""

import json
import queue
import subprocess
import threading
from collections.abc import Mapping
from typing import Any, Self

import pytest
from stage.proxies import COMMAND, STOP_S
from stage.waiting import LIMIT_S

INITIALIZE = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "raw", "version": "0"},
}


class Wire:
    """One `lambdascope serve`, or other words; after `shake_hands` requests may be sent and answered in any order."""

    def __init__(self, environment: Mapping[str, str], *words: str) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, *(words or ("serve",))],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.lines: list[bytes] = []
        self.log: list[bytes] = []
        self._arrived: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._readers = [threading.Thread(target=target, daemon=True) for target in (self._read_out, self._read_log)]
        for reader in self._readers:
            reader.start()

    def shake_hands(self) -> None:
        """The handshake of the older revisions."""
        self.send("initialize", INITIALIZE, request_id="hello")
        assert self.answer_to("hello")["result"]["serverInfo"]["name"] == "lambdascope"
        self.send("notifications/initialized")

    def send(self, method: str, params: Any = None, request_id: Any = None) -> None:
        """Sends a request, or without an id a notification."""
        message = {"jsonrpc": "2.0", "method": method, **({"params": params} if params is not None else {})}
        self.send_bytes(json.dumps(message | ({} if request_id is None else {"id": request_id})).encode() + b"\n")

    def call(self, function: str, payload: Any, request_id: Any) -> None:
        """Sends a call of a function."""
        arguments = {"function_name": function, "payload": payload}
        self.send("tools/call", {"name": "invoke_function", "arguments": arguments}, request_id)

    def send_bytes(self, raw: bytes) -> None:
        """Sends exactly this. A server that has ended fails the test with its last words."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(raw)
            self.process.stdin.flush()
        except BrokenPipeError:
            code = self.await_end()
            last = b"".join(self.log[-40:]).decode(errors="replace")
            pytest.fail(
                f"the server had ended with {code} before this was sent: {raw[:2000]!r}; its last words: {last}"
            )

    def answer_to(self, request_id: Any) -> dict[str, Any]:
        """The answer to a request; what comes before it (others' answers, notifications) is only kept in `lines`."""
        while True:
            message = self.next_message()
            if message.get("id") == request_id:
                return message

    def next_message(self) -> dict[str, Any]:
        """The next message, which must be JSON-RPC."""
        message = json.loads(self._arrived.get(timeout=LIMIT_S))
        assert message["jsonrpc"] == "2.0"
        return message

    def end_input(self) -> None:
        """Closes stdin, as a client does that leaves."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def await_end(self) -> int:
        """Waits until the process has ended and everything it wrote is read."""
        code = self.process.wait(STOP_S)
        for reader in self._readers:
            reader.join(STOP_S)
        return code

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.await_end()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream:
                stream.close()

    def _read_out(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            self._arrived.put(line)

    def _read_log(self) -> None:
        assert self.process.stderr is not None
        self.log.extend(self.process.stderr)

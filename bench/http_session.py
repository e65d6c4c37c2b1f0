"""A raw MCP client over Streamable HTTP: one keep-alive connection per caller, of the 2025 and 2026 revisions."""

import asyncio
import contextlib
import re
from collections.abc import Mapping
from typing import Any

from bench.child import Child
from bench.errors import WrongAnswerError
from bench.http_connection import HttpAnswer, HttpConnection
from bench.messages import INITIALIZE, LEGACY, MODERN, Question, notification, question

SESSION_ID = re.compile(rb"\r\nmcp-session-id: *([^\r]+)", re.IGNORECASE)
ACCEPT_S = 30.0
EVENT_DATA = re.compile(rb"^data: ?(\{.*)$", re.MULTILINE)


class HttpChannel:
    """One connection of a session."""

    def __init__(self, session: "HttpSession", connection: HttpConnection) -> None:
        self._session = session
        self._connection = connection

    async def exchange(self, asked: Question) -> bytes:
        """Post a request and return the message that answers it."""
        answer = await self._connection.exchange(self._session.post(asked.body, asked.method, asked.tool))
        return message_of(answer)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class HttpSession:
    """A session with a server that listens on a loopback port."""

    def __init__(self, child: Child, port: int, revision: str = MODERN) -> None:
        self.child = child
        self.revision = revision
        self._port = port
        self._session_header = b""
        self._channels: list[HttpChannel] = []

    async def open(self) -> None:
        """Wait for the port to accept, and shake hands where the revision has a handshake."""
        connection = await _accepted(self._port)
        if self.revision == LEGACY:
            asked = question(0, "initialize", INITIALIZE, revision=LEGACY)
            answer = await connection.exchange(self.post(asked.body, asked.method, None))
            asked.check(message_of(answer))
            if found := SESSION_ID.search(answer.head):
                self._session_header = b"Mcp-Session-Id: " + found[1] + b"\r\n"
            method = "notifications/initialized"
            await connection.exchange(self.post(notification(method), method, None))
        connection.close()

    async def request(self, request_id: int, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Ask once and return the checked result."""
        asked = question(request_id, method, params, revision=self.revision)
        (channel, *_) = await self.channels(1)
        return asked.check(await channel.exchange(asked))

    async def channels(self, count: int) -> list[HttpChannel]:
        """Return a new connection for each of so many callers.

        Connections are not kept from one load to the next: servers close those that idle for some seconds.
        """
        await self.close()
        return [await self.channel() for _ in range(count)]

    async def channel(self) -> HttpChannel:
        """Return one more, until the next load."""
        self._channels.append(HttpChannel(self, await HttpConnection.open(self._port)))
        return self._channels[-1]

    async def close(self) -> None:
        """Close every connection; the process is its owner's to end."""
        for channel in self._channels:
            channel.close()
        self._channels = []

    def post(self, body: bytes, method: str, tool: str | None) -> bytes:
        """Return a whole HTTP request with the headers the revision wants."""
        head = (
            f"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nContent-Type: application/json\r\n"
            f"Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: {self.revision}\r\n"
            f"Content-Length: {len(body)}\r\n"
        )
        if self.revision == MODERN:
            head += f"Mcp-Method: {method}\r\n" + (f"Mcp-Name: {tool}\r\n" if tool else "")
        return head.encode() + self._session_header + b"\r\n" + body


async def _accepted(port: int) -> HttpConnection:
    """Return a connection as soon as there is one: a server may name its port before it listens there."""
    async with asyncio.timeout(ACCEPT_S):
        while True:
            with contextlib.suppress(ConnectionRefusedError):
                return await HttpConnection.open(port)
            await asyncio.sleep(0.02)


def message_of(answer: HttpAnswer) -> bytes:
    """Return the JSON-RPC answer out of a response: its body, or the last event of its stream."""
    if answer.status != 200:
        raise WrongAnswerError(f"HTTP {answer.status}: {answer.body[:300].decode(errors='replace')}")
    if b"text/event-stream" in answer.head.lower():
        return EVENT_DATA.findall(answer.body)[-1]
    return answer.body

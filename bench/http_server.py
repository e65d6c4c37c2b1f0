"""A raw asyncio HTTP/1.1 server: keep-alive, Content-Length bodies, one write per answer, nothing else.

It shares two cores with what is measured, so it parses no more of a request than its answers need.
"""

import asyncio
import os
import re
import sys
from collections.abc import Callable, Mapping
from typing import NamedTuple

CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
REASONS = {200: "OK", 404: "Not Found"}


class Request(NamedTuple):
    """A request as it arrived; `head` is everything before the body."""

    method: str
    path: str
    head: bytes
    body: bytes


Send = Callable[[bytes], None]
Handle = Callable[[Request, Send], None]


def response(body: bytes, content_type: str, headers: Mapping[str, str] | None = None, status: int = 200) -> bytes:
    """Return a whole HTTP response."""
    lines = [
        f"HTTP/1.1 {status} {REASONS[status]}",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in (headers or {}).items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Connection(asyncio.Protocol):
    """One client connection: cuts what arrives into requests and hands each to the handler."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._pending = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._pending += data
        while (request := self._next_request()) is not None:
            self._handle(request, self._send)

    def _next_request(self) -> Request | None:
        end = self._pending.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = self._pending[: end + 2]
        found = CONTENT_LENGTH.search(head)
        size = end + 4 + (int(found[1]) if found else 0)
        if len(self._pending) < size:
            return None
        body, self._pending = self._pending[end + 4 : size], self._pending[size:]
        method, path, _ = head[: head.index(b"\r\n")].decode("latin-1").split(" ", 2)
        return Request(method, path, head, body)

    def _send(self, answer: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(answer)


async def serve(handle: Handle, port: int = 0) -> None:
    """Serve on loopback until standard input ends; the port is the one line printed, a free one if none is given.

    The end of standard input is the end of the process that started this one, however it ended.
    """
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(handle), "127.0.0.1", port, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    ended = asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), lambda: os.read(sys.stdin.fileno(), 4096) or ended.set())
    await ended.wait()
    server.close()

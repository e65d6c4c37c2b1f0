"""A raw HTTP/1.1 client connection: keep-alive, prebuilt requests, answers with a length or in chunks."""

import asyncio
import re
from typing import NamedTuple

CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class HttpAnswer(NamedTuple):
    """A response; `head` is everything before the body."""

    status: int
    head: bytes
    body: bytes


class HttpConnection:
    """One connection, one request in flight."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port: int) -> "HttpConnection":
        """Connect to a loopback port."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def exchange(self, request: bytes) -> HttpAnswer:
        """Write a whole request and return its response."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        found = CONTENT_LENGTH.search(head)
        if found is not None:
            body = await self._reader.readexactly(int(found[1]))
        else:
            body = await self._read_chunks() if b"chunked" in head.lower() else b""
        return HttpAnswer(int(head[9:12]), head, body)

    def close(self) -> None:
        """Close the connection."""
        self._writer.close()

    async def _read_chunks(self) -> bytes:
        body = b""
        while size := int(await self._reader.readuntil(b"\r\n"), 16):
            body += (await self._reader.readexactly(size + 2))[:-2]
        await self._reader.readuntil(b"\r\n")
        return body


async def get(port: int, path: str) -> bytes:
    """Return the body of one GET."""
    connection = await HttpConnection.open(port)
    try:
        answer = await connection.exchange(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    finally:
        connection.close()
    return answer.body

"""What strangers can make a server hold: a real uvicorn on loopback, and bytes written by hand."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
import uvicorn

from lambdascope_proxy import bounded_http
from lambdascope_proxy.bounded_http import MOST_HEAD_BYTES, BoundedHttp

pytestmark = pytest.mark.anyio
START = b"POST / HTTP/1.1\r\nHost: x\r\n"
CHUNK = b"a" * 16_384


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answers with how many bytes came."""
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    body = f"{scope['type']} {size}".encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def serving() -> AsyncGenerator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        config = uvicorn.Config(app, http=BoundedHttp, ws="none", lifespan="off", log_config=None)
        server = uvicorn.Server(config)
        config.load()
        server.lifespan = config.lifespan_class(config)
        await server.startup(sockets=[listener])
        try:
            yield listener.getsockname()[1]
        finally:
            await server.shutdown(sockets=[listener])


class Connection:
    """One, with what came back on it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def write(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> bytes:
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        return head.split(b"\r\n")[0] + b" " + await self.reader.readexactly(length)


@pytest.fixture
async def connection() -> AsyncGenerator[Connection]:
    async with serving() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        with anyio.fail_after(20):
            yield Connection(reader, writer)
        writer.close()


async def flood(connection: Connection, most: int = 100) -> int:
    """Writes until the other side hangs up; how many bytes that took."""
    for number in range(most):
        try:
            await connection.write(CHUNK)
        except ConnectionError:
            return number * len(CHUNK)
        if connection.reader.at_eof():
            return number * len(CHUNK)
        # So that what the other side does is seen.
        await anyio.sleep(0.001)
    return most * len(CHUNK)


@pytest.mark.parametrize("begun", [b"GET /", START + b"X: ", START + b"X", START + b"X: 1\r\nY: "])
async def test_what_has_no_end_is_cut(connection: Connection, begun: bytes) -> None:
    await connection.write(begun)
    assert await flood(connection) < 20 * MOST_HEAD_BYTES


async def test_what_is_too_large_is_told_so(connection: Connection) -> None:
    await connection.write(START + b"X: " + b"a" * MOST_HEAD_BYTES)
    assert (await connection.reader.read()).startswith(b"HTTP/1.1 431 ")


async def test_many_small_headers_are_no_way_around_it(connection: Connection) -> None:
    headers = b"".join(b"X-%04d: 12345678901234567890\r\n" % number for number in range(9999))
    await connection.write(START + headers[: MOST_HEAD_BYTES + 1 - len(START)])
    assert b" 431 " in await connection.reader.read()


async def test_a_trailer_is_bounded_too(connection: Connection) -> None:
    await connection.write(START + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX: ")
    assert await flood(connection) < 20 * MOST_HEAD_BYTES


async def test_what_is_within_bounds_is_served_again_and_again(connection: Connection) -> None:
    """Bodies may be large, heads of one connection add up to more than one may have."""
    for _ in range(3):
        await connection.write(START + b"Content-Length: 200000\r\nX: " + b"x" * 40_000 + b"\r\n\r\n" + b"a" * 200_000)
        assert await connection.answer() == b"HTTP/1.1 200 OK http 200000"


async def test_a_chunked_body_is_served(connection: Connection) -> None:
    await connection.write(START + b"Transfer-Encoding: chunked\r\n\r\n" + b"4000\r\n" + CHUNK + b"\r\n0\r\n\r\n")
    assert await connection.answer() == b"HTTP/1.1 200 OK http 16384"


async def test_an_upgrade_to_websocket_is_a_request_like_any_other(
    connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    """As a WebSocket it would come in past the door."""
    upgrade = (
        b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhl\r\n\r\n"
    )
    await connection.write(b"GET /mcp HTTP/1.1\r\nHost: x\r\n" + upgrade)
    assert await connection.answer() == b"HTTP/1.1 200 OK http 0"
    assert [record for record in caplog.records if "pgrade" in record.getMessage()] == []


@pytest.mark.parametrize("begun", [b"", b"GE", START + b"X: y\r\n"])
async def test_a_request_that_is_never_finished_does_not_keep_its_connection(
    monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(bounded_http, "HEAD_S", 0.05)
    with anyio.fail_after(20):
        async with serving() as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(begun)
            assert await reader.read() == b""
            writer.close()


async def test_the_second_request_of_a_connection_has_as_long_as_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_http, "HEAD_S", 0.05)
    with anyio.fail_after(20):
        async with serving() as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            connection = Connection(reader, writer)
            await connection.write(START + b"Content-Length: 0\r\n\r\n")
            assert await connection.answer() == b"HTTP/1.1 200 OK http 0"
            await connection.write(START)
            assert await reader.read() == b""
            writer.close()

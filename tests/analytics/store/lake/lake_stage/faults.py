"""A way to the S3 server on which things go wrong as told: one fault for each request, in order, then none."""

import http.client
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

_HOP: Final = {"connection", "transfer-encoding", "keep-alive"}


class Exchange:
    """One request on its way; a fault says what becomes of it."""

    def __init__(self, handler: "_Handler") -> None:
        self.method: str = handler.command
        self.headers = {name.lower(): value for name, value in handler.headers.items()}
        self._handler = handler

    def body(self) -> bytes:
        """What was sent, all of it."""
        return self._handler.rfile.read(int(self._handler.headers.get("Content-Length") or 0))

    def forward(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Hand the request on as it came, with this body, and return the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self._handler.target_port, timeout=60)
        try:
            connection.putrequest(self.method, self._handler.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self._handler.headers.items():
                if name.lower() not in {*_HOP, "expect"}:
                    connection.putheader(name, value)
            connection.endheaders(body)
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read()
        finally:
            connection.close()

    def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        """Send an answer to the client."""
        handler = self._handler
        handler.send_response(status)
        for name, value in headers.items():
            if name.lower() not in {*_HOP, "date", "server"}:
                handler.send_header(name, value)
        if "content-length" not in {name.lower() for name in headers}:
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if self.method != "HEAD":
            handler.wfile.write(body)

    def hang_up(self) -> None:
        """End the connection without an answer."""
        self._handler.close_connection = True
        self._handler.connection.close()


Fault = Callable[[Exchange], None]


def nothing(exchange: Exchange) -> None:
    """All goes well."""
    exchange.answer(*exchange.forward(exchange.body()))


def refuses(status: int, code: str, message: str = "as told") -> Fault:
    """The server answers with an error as S3 words it."""

    def refuse(exchange: Exchange) -> None:
        exchange.body()
        text = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
        exchange.answer(status, {"Content-Type": "application/xml"}, text.encode())

    return refuse


def loses_the_answer(exchange: Exchange) -> None:
    """The request is carried out, and the client never hears of it."""
    exchange.forward(exchange.body())
    exchange.hang_up()


def breaks_off(exchange: Exchange) -> None:
    """The connection ends while the request is under way."""
    exchange.hang_up()


def damages(exchange: Exchange) -> None:
    """One bit of the body changes on the way."""
    body = bytearray(exchange.body())
    body[len(body) // 2] ^= 1
    exchange.answer(*exchange.forward(bytes(body)))


def pretends(exchange: Exchange) -> None:
    """The upload is acknowledged and thrown away."""
    exchange.body()
    exchange.answer(200, {"ETag": '"0123456789abcdef0123456789abcdef"'}, b"")


def hides_checksums(exchange: Exchange) -> None:
    """The server tells no checksums but the ETag, as older ones do."""
    status, headers, body = exchange.forward(exchange.body())
    exchange.answer(status, {n: v for n, v in headers.items() if "checksum" not in n.lower()}, body)


def answers_with(**replaced: str) -> Fault:
    """Headers of the answer are others; `_` stands for `-`."""
    wanted = {name.replace("_", "-"): value for name, value in replaced.items()}

    def answer(exchange: Exchange) -> None:
        status, headers, body = exchange.forward(exchange.body())
        kept = {name: value for name, value in headers.items() if name.lower() not in wanted}
        exchange.answer(status, {**kept, **wanted}, body)

    return answer


class FaultyWay:
    """Forwards to the server at `port`; `script` holds the faults of the next requests by method."""

    def __init__(self, port: int) -> None:
        self.script: dict[str, deque[Fault]] = {"PUT": deque(), "HEAD": deque()}
        self.seen: list[str] = []
        way = self

        class Handler(_Handler):
            target_port = port

            def handle_one(self, exchange: Exchange) -> None:
                way.seen.append(exchange.method)
                faults = way.script[exchange.method]
                (faults.popleft() if faults else nothing)(exchange)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    target_port: int

    def handle_one(self, exchange: Exchange) -> None:
        raise NotImplementedError

    def _handle(self) -> None:
        try:
            self.handle_one(Exchange(self))
        except OSError:
            self.close_connection = True  # either side went away, which is what some faults are for

    do_PUT = do_HEAD = _handle  # noqa: N815 -- the names http.server looks for

    def finish(self) -> None:
        with suppress(OSError, ValueError):  # the connection may be closed already
            super().finish()

    def log_message(self, *_: Any) -> None:
        return

"""An HTTP/1.1 server on loopback that stops at once: the ground under the AWS endpoint and the Runtime API."""

import logging
import socket
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_log = logging.getLogger(__name__)
_CHUNK = 65_536
_MAX_LINE = 1024
HOST = "127.0.0.1"


class LoopbackServer(ThreadingHTTPServer):
    """A threading HTTP server that waits without polling and, when it stops, ends the connections it kept alive."""

    request_queue_size = 128
    daemon_threads = True

    def __init__(self, handler: type[BaseHTTPRequestHandler], port: int = 0) -> None:
        super().__init__((HOST, port), handler)
        self._stopping = False
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._accept, name=f"loopback-{self.port}", daemon=True)

    @property
    def port(self) -> int:
        """The port in use, also when port 0 was asked for."""
        return int(self.server_address[1])

    def start(self) -> None:
        """Accept connections in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Refuse new connections and end the open ones; a second call does nothing."""
        if self._stopping:
            return
        self._stopping = True
        if self._thread.is_alive():
            socket.create_connection((HOST, self.port)).close()  # wakes the accepting thread, on Linux and macOS
            self._thread.join()
        self.server_close()
        with self._lock:
            for connection in self._open:
                _hang_up(connection)

    def _accept(self) -> None:
        while not self._stopping:
            self.handle_request()

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Refuse what comes after the stop, first of all the connection that woke us."""
        with self._lock:
            if not self._stopping:
                self._open.add(request)
        return not self._stopping

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection that has ended."""
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log instead of printing: a client that hangs up is not news."""
        _log.debug("a connection ended in an error", exc_info=True)


class LoopbackHandler(BaseHTTPRequestHandler):
    """One kept connection: reads bounded bodies, answers in one write, prints nothing."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave together

    def read_body(self, limit: int) -> bytes | None:
        """Read the body, chunked or not; one above `limit` bytes is read and forgotten, and the answer is None."""
        body, size = bytearray(), 0
        for part in self._parts():
            size += len(part)
            if size <= limit:
                body += part
        return bytes(body) if size <= limit else None

    def _parts(self) -> Iterator[bytes]:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            yield from self._part(int(self.headers.get("Content-Length") or 0))
            return
        while size := int(self.rfile.readline(_MAX_LINE).split(b";")[0], 16):
            yield from self._part(size)
            self.rfile.readline(_MAX_LINE)
        while self.rfile.readline(_MAX_LINE).strip():  # trailers
            pass

    def _part(self, size: int) -> Iterator[bytes]:
        while size > 0:
            piece = self.rfile.read(min(_CHUNK, size))
            if not piece:
                raise ConnectionError("the body ended early")
            size -= len(piece)
            yield piece

    def reply(self, status: int, headers: Mapping[str, str], body: bytes = b"") -> None:
        """Send one whole answer."""
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:  # No Content has no length either
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the signature is inherited
        """Say nothing: standard error belongs to whoever embeds us."""


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        _log.debug("a connection was already closed")

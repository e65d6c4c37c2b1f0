"""An HTTP server that takes whatever is posted to it and remembers it: stands where a backend would be."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from stack.children import LOOPBACK


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """One request; `signature` is its Authorization header."""

    path: str
    signature: str
    size: int


class Sink(ThreadingHTTPServer):
    """Answers 200 to every POST."""

    def __init__(self) -> None:
        super().__init__((LOOPBACK, 0), _Handler)
        self.posted: list[Posted] = []


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        """Remembers the request. X-Ray's clients want JSON, the others do not look."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        posted = Posted(
            path=self.path,
            signature=self.headers.get("Authorization", ""),
            size=len(body),
        )
        assert isinstance(self.server, Sink)
        self.server.posted.append(posted)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the name its base class gave it
        """Says nothing."""


@contextmanager
def listening() -> Generator[Sink]:
    """A sink while the block lasts."""
    with Sink() as sink:
        thread = threading.Thread(target=sink.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield sink
        finally:
            sink.shutdown()
            thread.join()

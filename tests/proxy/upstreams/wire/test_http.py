"""What an upstream over HTTP may answer besides a result, and by which proxy it is reached."""

import http.server
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest

from lambdascope_proxy.errors import UpstreamError, UpstreamGone, UpstreamNonsense, UpstreamRefused
from lambdascope_proxy.upstreams.spec import Upstream
from lambdascope_proxy.upstreams.wire.http import proxy_of
from lambdascope_proxy.upstreams.wire.link import open_link
from lambdascope_proxy.upstreams.wire.words import Words

pytestmark = pytest.mark.anyio


@contextmanager
def answering(status: int, body: bytes = b"", **headers: str) -> Generator[str]:
    """A server that answers everything like this: its URL."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=lambda: server.serve_forever(0.02), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/mcp"
        server.shutdown()
        thread.join()


async def refusal(url: str) -> UpstreamError:
    listener: Any = None
    with pytest.raises(ExceptionGroup) as refused:
        async with open_link(Upstream(name="up", url=url), listener, Words("up", str), most_bytes=1_000):
            pass
    error: Any = refused.value
    while isinstance(error, ExceptionGroup):
        (error,) = error.exceptions  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] -- of Any
    assert isinstance(error, UpstreamError)
    return error


@pytest.mark.parametrize(
    ("status", "body", "headers", "kind", "words"),
    [
        (401, b"", {}, UpstreamNonsense, "check the credentials in its headers"),
        (
            307,
            b"",
            {"Location": "https://other.example/mcp?key=hunter2"},
            UpstreamNonsense,
            "https://other.example/mcp;",
        ),
        (500, b"oops", {}, UpstreamNonsense, "it answered HTTP 500 without an error of JSON-RPC"),
        (200, b"<html>", {"Content_Type": "text/html"}, UpstreamNonsense, "it answered with text/html"),
        (200, b"{", {"Content_Type": "application/json"}, UpstreamNonsense, "what it sent is no JSON"),
        (200, b"", {"Content_Type": "text/event-stream"}, UpstreamGone, "its stream ended without an answer"),
        (
            400,
            b'{"jsonrpc": "2.0", "id": null, "error": {"code": -32000, "message": "Not you."}}',
            {"Content_Type": "application/json"},
            UpstreamRefused,
            "Not you.",
        ),
    ],
)
async def test_what_is_no_result_is_told_in_words_that_give_no_secret_away(
    status: int, body: bytes, headers: dict[str, str], kind: type[UpstreamError], words: str
) -> None:
    with answering(status, body, **headers) as url:
        error = await refusal(url)
    assert isinstance(error, kind)
    assert words in str(error)
    assert "hunter2" not in str(error)


async def test_a_proxy_of_the_environment_is_used_but_for_hosts_that_are_excepted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "127.0.0.1,inside.example")
    assert proxy_of("https://outside.example/mcp") == "http://proxy.example:3128"
    assert proxy_of("https://inside.example/mcp") is None
    assert proxy_of("http://outside.example/mcp") is None

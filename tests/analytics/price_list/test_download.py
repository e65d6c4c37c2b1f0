"""Files come over real HTTP: what may pass is tried again, what is too much is given up, and every error says where."""

import http.server
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from lambdascope_analytics.errors import PriceListError
from lambdascope_analytics.price_list.download import Download

Reply = tuple[int, bytes, dict[str, str]]


class Server(http.server.ThreadingHTTPServer):
    """Answers what it is told, in order; then the last of it again."""

    daemon_threads = True
    replies: Sequence[Reply] = ()
    asked: list[tuple[str, str | None]]

    def take(self, path: str, host: str | None) -> Reply:
        self.asked.append((path, host))
        return self.replies[min(len(self.asked), len(self.replies)) - 1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        status, body, headers = self.server.take(self.path, self.headers["Host"])
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the signature is inherited
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server(("127.0.0.1", 0), Handler)
    server.asked = []
    thread = threading.Thread(target=lambda: server.serve_forever(0.02), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def ok(body: bytes, **headers: str) -> Reply:
    return 200, body, headers


def test_a_document_is_read_below_the_base(server: Server) -> None:
    server.replies = [ok(b'{"a": 1}')]
    assert Download(f"{server.url}/mirror/").document("/offers/index.json") == {"a": 1}
    assert [path for path, _ in server.asked] == ["/mirror/offers/index.json"]


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_what_may_pass_is_tried_again_after_a_growing_pause(server: Server, status: int) -> None:
    server.replies = [(status, b"", {}), (status, b"", {}), ok(b"[]")]
    pauses: list[float] = []
    assert Download(server.url, sleep=pauses.append).document("/x.json") == []
    assert pauses == [0.5, 2.0]


def test_what_stays_is_told_after_three_tries(server: Server) -> None:
    server.replies = [(503, b"", {})]
    with pytest.raises(PriceListError, match=r"http://127.0.0.1:\d+/x.json cannot be read: the server answers 503"):
        Download(server.url, sleep=lambda _: None).document("/x.json")
    assert len(server.asked) == 3


@pytest.mark.parametrize("status", [301, 403, 404])
def test_what_will_not_change_is_asked_once(server: Server, status: int) -> None:
    # Nor is a redirect followed: it could lead to another host.
    server.replies = [(status, b"", {"Location": "http://127.0.0.1:9/"})]
    with pytest.raises(PriceListError, match=f"answers {status}"):
        Download(server.url, sleep=lambda _: None).document("/x.json")
    assert len(server.asked) == 1


def test_a_torn_answer_is_tried_again(server: Server) -> None:
    server.replies = [(200, b'{"a"', {"Content-Length": "8", "Connection": "close"}), ok(b'{"a": 1}')]
    assert Download(server.url, sleep=lambda _: None).document("/x.json") == {"a": 1}


def test_nobody_there_is_told_in_one_line_with_the_address(server: Server) -> None:
    with pytest.raises(PriceListError) as told:
        Download("http://127.0.0.1:9", sleep=lambda _: None).document("/x.json")
    assert str(told.value).startswith("http://127.0.0.1:9/x.json cannot be read: ")
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("body", [b"<html>sign in</html>", b"", b"\xff\xfe", b"[" * 100_000])
def test_what_is_not_json_is_told_and_not_asked_again(server: Server, body: bytes) -> None:
    server.replies = [ok(body)]
    with pytest.raises(PriceListError, match=r"x.json is not JSON"):
        Download(server.url).document("/x.json")
    assert len(server.asked) == 1


def test_a_file_too_large_to_be_a_price_list_is_given_up(server: Server) -> None:
    server.replies = [ok(b'"' + b"x" * 200_000 + b'"')]
    with pytest.raises(PriceListError, match="larger than 100,000 bytes"):
        Download(server.url, largest=100_000).document("/x.json")


def test_a_file_that_trickles_is_given_up(server: Server) -> None:
    server.replies = [ok(b'"' + b"x" * 200_000 + b'"')]
    times = iter(range(0, 10_000, 61))
    with pytest.raises(PriceListError, match="longer than 120 seconds"):
        Download(server.url, clock=lambda: next(times)).document("/x.json")


def test_a_file_of_which_a_byte_comes_now_and_then_is_given_up_before_it_is_whole(server: Server) -> None:
    """A limit that is looked at after each full chunk is none for who never fills one."""
    is_over, was_awaited = threading.Event(), threading.Event()

    class Dripping(Handler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "60000")
            self.end_headers()
            self.wfile.write(b" ")
            if not is_over.wait(2):
                was_awaited.set()

    server.RequestHandlerClass = Dripping
    times = iter([0.0, 121.0])
    try:
        with pytest.raises(PriceListError, match="longer than 120 seconds"):
            Download(server.url, clock=lambda: next(times)).document("/x.json")
        assert not was_awaited.is_set()
    finally:
        is_over.set()


def test_the_proxy_that_the_environment_names_is_used(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", server.url)
    server.replies = [ok(b"{}")]
    assert Download("http://prices.example").document("/x.json") == {}
    assert server.asked == [("http://prices.example/x.json", "prices.example")]

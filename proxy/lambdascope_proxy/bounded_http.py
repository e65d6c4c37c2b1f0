"""uvicorn's fast HTTP protocol with what it lacks: an end to what is read of a request before anybody can be asked."""

from asyncio import TimerHandle, Transport
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Common reverse proxies let less through; an access token alone may have 16 KB.
MOST_HEAD_BYTES: Final = 65_536
HEAD_S: Final = 10.0
_TOO_LARGE: Final = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class BoundedHttp(HttpToolsProtocol):
    """Ends connections whose line and headers are too large, or are not complete in time.

    The parser keeps a header until it is complete, however long that is; so what counts is what came in since it last
    had something to tell. That bounds trailers, too.
    """

    _untold = 0
    _waits_for_head = True
    _head_timer: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """A request has to follow soon."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Counts before the parser sees it, as its callbacks set the count back."""
        self._untold += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._untold > MOST_HEAD_BYTES:
            self._refuse()
        elif self._waits_for_head and self._untold and self._head_timer is None:
            self._await_head()

    def on_headers_complete(self) -> None:
        """The request can be answered, if only by a refusal."""
        self._untold, self._waits_for_head = 0, False
        self._stop_waiting()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """How much of it is taken is for the application to say."""
        self._untold = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """What comes now is another request's."""
        self._untold, self._waits_for_head = 0, True
        super().on_message_complete()

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_S, self._give_up)

    def _stop_waiting(self) -> None:
        if self._head_timer:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        self._head_timer = None
        self.transport.close()

    def _refuse(self) -> None:
        # In the middle of an answer it would be taken for a part of that.
        if not self.cycle or self.cycle.response_complete:
            self.transport.write(_TOO_LARGE)
        self.transport.close()

    def _unsupported_upgrade_warning(self) -> None:
        """Says nothing: strangers must not fill the log, and the request is answered like any other."""

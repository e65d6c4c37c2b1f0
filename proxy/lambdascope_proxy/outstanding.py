"""Which JSON-RPC requests of a stdio client are still to be answered, so that a stopping server can wait for them."""

from types import TracebackType
from typing import Any

import anyio
from mcp.shared.message import SessionMessage

# Answered only when the client goes away.
ENDLESS = frozenset({"subscriptions/listen"})


class Outstanding:
    """Told of every message in and out."""

    def __init__(self) -> None:
        self._ids: set[str | int] = set()
        self._changed = anyio.Event()

    def note_inbound(self, message: SessionMessage | Exception) -> None:
        """A request is now to be answered; a cancelled one never will be."""
        if isinstance(message, Exception):
            return
        wire = message.message
        method = getattr(wire, "method", None)
        if method == "notifications/cancelled":
            params: Any = getattr(wire, "params", None)
            self._forget(params.get("requestId") if params else None)
        elif method and method not in ENDLESS and isinstance(request_id := getattr(wire, "id", None), str | int):
            self._ids.add(request_id)

    def note_outbound(self, message: SessionMessage) -> None:
        """An answer left."""
        if getattr(message.message, "method", None) is None:
            self._forget(getattr(message.message, "id", None))

    async def wait_none(self, at_most_s: float) -> None:
        """Waits until every request is answered or time runs out."""
        with anyio.move_on_after(at_most_s):
            while self._ids:
                self._changed = anyio.Event()
                await self._changed.wait()

    def _forget(self, request_id: Any) -> None:
        if isinstance(request_id, str | int):  # a client may write anything into a cancellation
            self._ids.discard(request_id)
        self._changed.set()


class TrackedStream:
    """A write stream that notes each answer once the wire has taken it."""

    def __init__(self, wire: Any, outstanding: Outstanding) -> None:
        self._wire = wire
        self._outstanding = outstanding

    async def send(self, item: SessionMessage) -> None:
        """Sends, then notes."""
        await self._wire.send(item)
        self._outstanding.note_outbound(item)

    async def aclose(self) -> None:
        """Closes the wire."""
        await self._wire.aclose()

    async def __aenter__(self) -> "TrackedStream":
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc_val: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        await self.aclose()

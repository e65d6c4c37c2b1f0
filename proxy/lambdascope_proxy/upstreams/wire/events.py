"""Reads the events of a `text/event-stream`. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from lambdascope_proxy.errors import ResultTooLarge
from lambdascope_proxy.upstreams.wire.lines import Lines, TooLong


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event: its data, and where given the id to resume from and the pause the server asks for, in s."""

    data: bytes
    id: str | None = None
    retry_s: float | None = None


class Events:
    """Fed with chunks, gives whole events. Raises ResultTooLarge for one with more than `most_bytes`."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._lines = Lines(most_bytes)
        self._begin()

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """The events that end in this chunk."""
        for line in self._lines.feed(chunk):
            if isinstance(line, TooLong):
                raise ResultTooLarge(line.bytes, self._most_bytes)
            if event := self._take(line.removesuffix(b"\r")):
                yield event
        if self._lines.size > self._most_bytes:
            raise ResultTooLarge(None, self._most_bytes)

    def _begin(self) -> None:
        self._data: list[bytes] = []
        self._size = 0
        self._id: str | None = None
        self._retry_s: float | None = None

    def _take(self, line: bytes) -> Event | None:
        if not line:
            event = Event(data=b"\n".join(self._data), id=self._id, retry_s=self._retry_s)
            self._begin()
            return event if event.data or event.id or event.retry_s is not None else None
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._add(value)
        elif name == b"id":
            self._id = value.decode(errors="replace")
        elif name == b"retry" and value.isdigit() and len(value) < 8:  # three hours are the longest
            self._retry_s = int(value) / 1000
        return None

    def _add(self, value: bytes) -> None:
        self._data.append(value)
        self._size += len(value)
        if self._size > self._most_bytes:
            raise ResultTooLarge(None, self._most_bytes)

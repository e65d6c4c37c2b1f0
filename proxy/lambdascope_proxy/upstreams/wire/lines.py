"""Cuts what a process writes into lines, and keeps none that is longer than may be kept. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

ENDS_BYTES: Final = 256
_ID: Final = rb'"id"\s*:\s*(-?\d+|"[^"\\]{1,100}")'
# Of an answer too long to be kept: Python and Go write the id at its beginning, TypeScript at its end.
_ID_FIRST: Final = re.compile(rb'^\s*\{\s*(?:"jsonrpc"\s*:\s*"2.0"\s*,\s*)?' + _ID)
_ID_LAST: Final = re.compile(_ID + rb'\s*(?:,\s*"jsonrpc"\s*:\s*"2.0"\s*)?\}\s*$')


@dataclass(frozen=True, slots=True, kw_only=True)
class TooLong:
    """A line that was let go: how long it was, and the id of the request it answered, where its ends show that."""

    bytes: int
    request_id: str | int | None


class Lines:
    """Fed with chunks, gives whole lines; of one longer than `most_bytes` it keeps only the ends."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._parts: list[bytes] = []
        self._size = 0
        self._head = b""

    @property
    def size(self) -> int:
        """How many bytes the unfinished line has so far."""
        return self._size

    def feed(self, chunk: bytes) -> Iterator[bytes | TooLong]:
        """The lines that end in this chunk, without their newline."""
        start = 0
        while (end := chunk.find(b"\n", start)) >= 0:
            yield self._finish(chunk[start:end])
            start = end + 1
        self._keep(chunk[start:])

    def _keep(self, part: bytes) -> None:
        if not part:
            return
        self._parts.append(part)
        self._size += len(part)
        if self._size > self._most_bytes:
            kept = b"".join(self._parts)
            self._head = self._head or kept[:ENDS_BYTES]
            self._parts = [kept[-ENDS_BYTES:]]

    def _finish(self, part: bytes) -> bytes | TooLong:
        self._keep(part)
        size, head, line = self._size, self._head, b"".join(self._parts)
        self._parts, self._size, self._head = [], 0, b""
        return TooLong(bytes=size, request_id=_answered(head, line)) if head else line


def _answered(head: bytes, tail: bytes) -> str | int | None:
    found = _ID_FIRST.search(head) or _ID_LAST.search(tail)
    if found is None:
        return None
    written = found.group(1).decode(errors="replace")
    return written[1:-1] if written.startswith('"') else int(written)

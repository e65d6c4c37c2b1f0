"""Payloads on their way into the history: the caller only takes their beginnings, the writer does the work."""

import json
import threading
from collections.abc import Mapping
from typing import Final

from lambdascope_analytics.privacy.scrubber import Scrubber

# Column of the payload -> column that says how long it was.
PAYLOADS: Final = {"request_payload": "request_bytes", "response_payload": "response_bytes"}
# What is scrubbed beyond what is kept, so that a secret of up to this size is never kept by half.
MARGIN_BYTES: Final = 2048
NO_ROOM: Final = json.dumps("[not kept: too many payloads waited to be written]")
_ROOM_BYTES: Final = 32_000_000


class PayloadKeeper:
    """Keeps at most `limit` bytes of each payload, masked by `scrubber`, or as it is where there is none.

    Beginnings that wait for the writer take at most `room_bytes` of memory.
    """

    def __init__(self, *, limit: int, scrubber: Scrubber | None, room_bytes: int = _ROOM_BYTES) -> None:
        self._limit = limit
        self._scrubber = scrubber
        self._room_bytes = room_bytes
        self._waiting = 0
        self._lock = threading.Lock()

    def take(self, request: bytes, response: bytes) -> dict[str, bytes | str]:
        """Return the columns of one call for `keep` to finish; an empty payload has none."""
        payloads = zip(PAYLOADS, (request, response), strict=True)
        heads = {column: payload[: self._limit + MARGIN_BYTES] for column, payload in payloads if payload}
        size = sum(map(len, heads.values()))
        with self._lock:
            if self._waiting + size > self._room_bytes:
                return dict.fromkeys(heads, NO_ROOM)
            self._waiting += size
        return {**heads}

    def release(self, row: Mapping[str, object]) -> None:
        """Count what `take` gave as gone: it was written, or will not be."""
        with self._lock:
            self._waiting -= sum(len(head) for column in PAYLOADS if isinstance(head := row.get(column), bytes))

    def keep(self, row: Mapping[str, object]) -> dict[str, str]:
        """Return the payload columns of `row` as they are written."""
        self.release(row)
        return {
            column: self._kept(head, row.get(sizes)) for column, sizes in PAYLOADS.items() if (head := row.get(column))
        }

    def _kept(self, head: object, whole_bytes: object) -> str:
        if not isinstance(head, bytes):
            return str(head)
        # Its patterns are compiled when they are first needed, not at every start.
        from lambdascope_analytics.privacy.payload import kept_payload

        whole = whole_bytes if isinstance(whole_bytes, int) else len(head)
        return kept_payload(head, whole_bytes=whole, limit=self._limit, margin=MARGIN_BYTES, scrubber=self._scrubber)

"""Keeps answers as bytes for a time: bounded in memory, those unused for longest go first."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

# Of the key and of what Python needs to keep an answer.
OVERHEAD_BYTES: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An answer, what gave it and when, by the clock of the cache."""

    body: bytes
    target: str
    kept_at: float


class ResponseCache:
    """Answers by key, at most `capacity_bytes` in all, none older than `ttl_s`."""

    def __init__(self, capacity_bytes: int, ttl_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._capacity_bytes = capacity_bytes
        self._ttl_s = ttl_s
        self._clock = clock
        self._kept: OrderedDict[bytes, Kept] = OrderedDict()
        self.size_bytes = 0
        self.emptied = 0

    def read(self, key: bytes) -> tuple[bytes, float] | None:
        """The answer and its age in seconds; None when it was never kept, is too old or had to go."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        age_s = self._clock() - kept.kept_at
        if age_s >= self._ttl_s:
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        return kept.body, age_s

    def keep(self, key: bytes, body: bytes, target: str, *, asked_when: int) -> None:
        """Keeps an answer, unless it is larger than all there is or something was forgotten since it was asked for.

        `asked_when` is what `emptied` was then: an answer from before a change must not outlive it.
        """
        if len(body) + OVERHEAD_BYTES > self._capacity_bytes or asked_when != self.emptied:
            return
        self._drop(key)
        self._kept[key] = Kept(body=body, target=target, kept_at=self._clock())
        self.size_bytes += len(body) + OVERHEAD_BYTES
        while self.size_bytes > self._capacity_bytes:
            self._drop(next(iter(self._kept)))

    def forget_upstreams(self) -> None:
        """Forgets all that other servers answered."""
        self.emptied += 1
        for key in [key for key, kept in self._kept.items() if kept.target.startswith("upstream:")]:
            self._drop(key)

    def _drop(self, key: bytes) -> None:
        if kept := self._kept.pop(key, None):
            self.size_bytes -= len(kept.body) + OVERHEAD_BYTES

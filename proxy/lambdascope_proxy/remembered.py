"""Keeps what was read from AWS for a while, so that neither its absence nor its slowness is paid for by every call."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.errors import CallFailed

Key = TypeVar("Key", bound=tuple[str, ...])
Value = TypeVar("Value")

WAIT_S = 5.0
FAILURE_STANDS_S = 60.0


class Remembered(Generic[Key, Value]):
    """Reads by key, one read at a time for each; values stand for `ttl_s`, failures for a minute at most.

    A slow answer holds a call up for `WAIT_S` at most and is kept when it comes.
    """

    def __init__(
        self,
        read: Callable[[Key], Awaitable[Value | CallFailed]],
        *,
        ttl_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = read
        self._ttl_s = ttl_s
        self._clock = clock
        self._kept: dict[Key, tuple[float, Value | CallFailed]] = {}
        self._reading: dict[Key, asyncio.Task[Value | CallFailed]] = {}

    async def get(self, key: Key) -> Value:
        """The value. Raises CallFailed when it cannot be read, or not in time."""
        found = self._fresh(key)
        if found is None:
            found = await self._wait(key)
        if isinstance(found, CallFailed):
            raise found.with_traceback(None)
        return found

    async def _wait(self, key: Key) -> Value | CallFailed:
        if key not in self._reading:
            self._reading[key] = asyncio.create_task(self._read_and_keep(key))
        done, _ = await asyncio.wait({self._reading[key]}, timeout=WAIT_S)
        if done:
            return done.pop().result()
        message = f"AWS did not tell about {' '.join(key)} within {WAIT_S:.0f} s."
        slow = CallFailed(OutcomeKind.TRANSPORT_ERROR, "SlowControlPlane", message, "Try again in a minute.")
        self._kept[key] = (self._clock(), slow)
        return slow

    async def _read_and_keep(self, key: Key) -> Value | CallFailed:
        try:
            found = await self._read(key)
            self._kept[key] = (self._clock(), found)
            return found
        finally:
            del self._reading[key]

    def _fresh(self, key: Key) -> Value | CallFailed | None:
        read_at, found = self._kept.get(key, (float("-inf"), None))
        stands_s = min(FAILURE_STANDS_S, self._ttl_s) if isinstance(found, CallFailed) else self._ttl_s
        return found if self._clock() - read_at < stands_s else None

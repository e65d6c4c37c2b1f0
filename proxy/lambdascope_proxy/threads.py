"""Runs blocking AWS calls in threads of their own limit, so that the event loop never waits for one."""

from collections.abc import Callable
from typing import TypeVar

import anyio
import anyio.to_thread

R = TypeVar("R")


class Threads:
    """At most `limit` blocking calls at once; further ones wait their turn without blocking the loop."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._limiter: anyio.CapacityLimiter | None = None

    async def run(self, function: Callable[[], R]) -> R:
        """Runs it in a thread. A cancelled caller stops waiting; the thread goes on to its end."""
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(self._limit)
        return await anyio.to_thread.run_sync(function, limiter=self._limiter, abandon_on_cancel=True)

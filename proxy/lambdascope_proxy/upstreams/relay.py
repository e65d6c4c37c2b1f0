"""Hands an upstream's progress on to the client of a call: in order, bounded, and all of it before the answer."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from lambdascope_proxy.call import Client

MOST_WAITING: Final = 64
FLUSH_S: Final = 1.0


class Relay:
    """Hears without waiting; of more than can be handed on, the oldest are let go."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._waiting: deque[tuple[float, float | None, str | None]] = deque(maxlen=MOST_WAITING)
        self._heard = asyncio.Event()
        self._turn = asyncio.Lock()

    def hear(self, progress: float, total: float | None, message: str | None) -> None:
        """Takes one word of progress."""
        self._waiting.append((progress, total, message))
        self._heard.set()

    async def run(self) -> None:
        """Hands on until cancelled."""
        while True:
            await self._heard.wait()
            self._heard.clear()
            await self.flush()

    async def flush(self) -> None:
        """Hands on what waits."""
        # One at a time: who flushes last must not overtake a word that is just on its way.
        async with self._turn:
            while self._waiting:
                await self._client.report_progress(*self._waiting.popleft())


@asynccontextmanager
async def relaying(client: Client | None) -> AsyncGenerator[Relay | None]:
    """A relay while the block runs, for a client that asked for progress."""
    if client is None or client.meta.get("progressToken") is None:
        yield None
        return
    relay = Relay(client)
    running = asyncio.create_task(relay.run())
    try:
        yield relay
        async with asyncio.timeout(FLUSH_S):
            await relay.flush()
    except TimeoutError:
        # A client that does not read its progress gets its answer all the same.
        return
    finally:
        running.cancel()

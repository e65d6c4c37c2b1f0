"""Standard input, line by line, read by a thread that the end of the process need not wait for."""

import asyncio
import os
import threading
from itertools import chain
from typing import Self


class StdinLines:
    """Iterates over lines of text. Whoever else reads descriptor 0 from now on finds it empty and takes no request.

    The SDK's own reader waits in a thread that cannot be left behind: a signal would end nothing until the next line.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._lines: asyncio.Queue[bytes] = asyncio.Queue()
        self._room = threading.Semaphore(1)
        threading.Thread(target=self._read, args=(_claim_stdin(),), name="stdin", daemon=True).start()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        line = await self._lines.get()
        self._room.release()
        if not line:
            raise StopAsyncIteration
        return line.decode(errors="replace")

    def _read(self, descriptor: int) -> None:
        for line in chain(os.fdopen(descriptor, "rb", closefd=False), [b""]):
            self._room.acquire()
            try:
                self._loop.call_soon_threadsafe(self._lines.put_nowait, line)
            except RuntimeError:
                # The loop is closed: nobody takes lines any more.
                return


class NoLines:
    """What the SDK is given to read in place of standard input: nothing."""

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        raise StopAsyncIteration


def _claim_stdin() -> int:
    private = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return private

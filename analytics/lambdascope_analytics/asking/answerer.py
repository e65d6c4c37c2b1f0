"""One process that answers questions to the history, seen from the one that asks."""

import asyncio
import itertools
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Self

from lambdascope_analytics.asking.messages import decode, encode

# -P: a module that lies in the working directory must not take the place of one of ours.
_COMMAND: Final = (sys.executable, "-P", "-m", "lambdascope_analytics.asking.child")
# What leads an interpreter to its own files, and nothing that leads to an account.
# HOME and XDG_DATA_HOME lead to refreshed price tables.
_KEPT_VARIABLES: Final = ("PYTHONHOME", "PYTHONPATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "HOME", "XDG_DATA_HOME")
# An answer is one line; the process itself refuses to send longer ones than this.
_LONGEST_LINE: Final = 65 << 20
_END_S: Final = 2.0


class AnswererEndedError(Exception):
    """The process is gone, with the answers it owed."""


class Answerer:
    """Asks one process; several may ask at once and are answered in their order."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._numbers = itertools.count()
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._is_over = False
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, directory: Path) -> Self:
        """Start a process for the history in `directory`, an absolute path."""
        environment = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
        process = await asyncio.create_subprocess_exec(
            *_COMMAND,
            str(directory),
            stdin=PIPE,
            stdout=PIPE,
            env=environment,
            cwd="/",
            limit=_LONGEST_LINE,
            start_new_session=True,  # Ctrl-C in the terminal is for us
        )
        return cls(process)

    @property
    def pid(self) -> int:
        """The process's own id."""
        return self._process.pid

    @property
    def is_over(self) -> bool:
        """Whether nothing may be asked here any more."""
        return self._is_over

    @property
    def is_idle(self) -> bool:
        """Whether nobody waits for an answer."""
        return not self._waiting

    async def ask(self, question: Mapping[str, object]) -> dict[str, Any]:
        """Return the answer to one question: a `statement` or an `analysis` by name, and its `parameters`.

        Raises:
            AnswererEndedError: the process ended first.
        """
        assert self._process.stdin is not None
        number = next(self._numbers)
        line = encode({"id": number, **question})
        if self._is_over:
            raise AnswererEndedError
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            self._process.stdin.write(line)
            with suppress(ConnectionError):  # then the reading ends too, and that is told there
                await self._process.stdin.drain()
            return await answer
        finally:
            del self._waiting[number]

    def kill(self) -> None:
        """End the process at once."""
        self._is_over = True
        if self._process.returncode is None:
            # Not Process.kill: that also asks for the exit status, which asyncio is waiting for in its own thread.
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)

    async def close(self) -> None:
        """End the process, in its own way if it does so in time."""
        assert self._process.stdin is not None
        self._is_over = True
        self._process.stdin.close()
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(_END_S):
                    await self._process.wait()
        finally:
            self.kill()
        await self._process.wait()
        await self._reading

    async def _read(self) -> None:
        assert self._process.stdout is not None
        # A line that is too long or no message is a ValueError: whatever else it says is not to be trusted.
        with suppress(ValueError, ConnectionError):
            while line := await self._process.stdout.readline():
                self._deliver(decode(line))
        self.kill()
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(AnswererEndedError())

    def _deliver(self, reply: dict[str, Any]) -> None:
        answer = self._waiting.get(reply["id"])
        if answer is not None and not answer.done():
            answer.set_result(reply)

"""Orders to the process that runs plain boto3."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator

from bench.child import PATIENCE_S, Child, running
from bench.errors import NotRunningError, WrongAnswerError
from bench.load import fresh_numbers
from bench.stage import Stage


class Boto3Worker:
    """Plain boto3 in a process of its own."""

    def __init__(self, stage: Stage, child: Child) -> None:
        self._stage = stage
        self._child = child

    async def load(self, function: str, calls: int, threads: int) -> dict[str, float]:
        """Make checked calls from so many threads; return wall, CPU and median seconds and the most in flight."""
        await self._stage.reset_counts()
        order = {"function": function, "calls": calls, "threads": threads, "first": fresh_numbers(calls)[0]}
        self._child.stdin.write(json.dumps(order).encode() + b"\n")
        async with asyncio.timeout(PATIENCE_S):
            line = await self._child.stdout.readline()
        if not line:
            raise NotRunningError(self._child.last_words())
        counted = await self._stage.counts(function)
        if counted["invokes"] != calls:
            raise WrongAnswerError(f"{calls} calls made {counted['invokes']} invocations")
        return json.loads(line) | {"max_in_flight": float(counted["max_in_flight"])}


@contextlib.asynccontextmanager
async def boto3_worker(stage: Stage) -> AsyncGenerator[Boto3Worker, None]:
    """Run plain boto3 while the block lasts, with a client that has made its first call."""
    argv, environment = stage.lineup.bare_boto3()
    async with running(argv, stage.folder / "boto3.log", environment) as child:
        worker = Boto3Worker(stage, child)
        await worker.load("bench-0ms", 64, 32)
        yield worker

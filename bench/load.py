"""A load: so many calls from so many callers, every one checked, and what it took."""

import asyncio
import itertools
import statistics
import time
from collections.abc import Iterator, Sequence
from typing import Protocol

from bench.child import Child
from bench.history.quantiles import quantile
from bench.messages import Question

PATIENCE_S = 120.0


class Channel(Protocol):
    """What carries one caller's requests."""

    async def exchange(self, asked: Question) -> bytes: ...


class Session(Protocol):
    """An open session with a server."""

    child: Child
    revision: str

    async def channels(self, count: int) -> Sequence[Channel]: ...

    async def close(self) -> None: ...


_numbers = itertools.count(1)


def fresh_numbers(count: int) -> range:
    """Return numbers no call of this run has carried yet."""
    first = next(_numbers)
    for _ in range(count - 1):
        next(_numbers)
    return range(first, first + count)


async def drive(session: Session, questions: Sequence[Question], callers: int) -> dict[str, float]:
    """Ask every question from so many callers that start together; return wall seconds, and percentiles of the calls'.

    Answers are checked after the timing, so that checking is in nobody's figure.
    """
    channels = await session.channels(callers)
    starting = asyncio.Event()
    answers: list[tuple[Question, bytes]] = []
    latencies: list[float] = []
    queue = iter(questions)
    workers = [asyncio.create_task(_work(channel, queue, starting, answers, latencies)) for channel in channels]
    await asyncio.sleep(0)  # every worker reaches the barrier
    began = time.perf_counter()
    starting.set()
    try:
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*workers)
    finally:
        for worker in workers:
            worker.cancel()
    wall_s = time.perf_counter() - began
    for asked, answer in answers:
        asked.check(answer)
    return {
        "wall_s": wall_s,
        "p50_s": statistics.median(latencies),
        "p95_s": quantile(latencies, 0.95),
        "p99_s": quantile(latencies, 0.99),
    }


async def _work(
    channel: Channel,
    queue: Iterator[Question],
    starting: asyncio.Event,
    answers: list[tuple[Question, bytes]],
    latencies: list[float],
) -> None:
    await starting.wait()
    for asked in queue:
        began = time.perf_counter()
        answer = await channel.exchange(asked)
        latencies.append(time.perf_counter() - began)
        answers.append((asked, answer))

"""Keeps answers for a while and has identical questions in flight asked once, since AWS charges for each."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from dataclasses import dataclass
from typing import Any, Final, TypeVar, cast

T = TypeVar("T")

MOST_KEPT: Final = 256


@dataclass(slots=True, kw_only=True)
class _Question:
    """A question in flight: who waits for it, and whether one of them was told that it was asked."""

    task: "asyncio.Task[Any]"
    waiting: int = 0
    is_told: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    until: float
    answer: Any


def _any(_: object) -> bool:
    return True


class Asked:
    """Answers by key; at most `MOST_KEPT` are kept, the oldest go first. Failures are not kept."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[Hashable, _Kept] = {}
        self._in_flight: dict[Hashable, _Question] = {}
        # The event loop itself holds tasks only weakly.
        self._tasks: set[asyncio.Task[Any]] = set()

    async def get(
        self, key: Hashable, ttl_s: float, ask: Callable[[], Awaitable[T]], *, is_whole: Callable[[T], bool] = _any
    ) -> tuple[T, bool]:
        """The answer, and whether it cost nothing more: it was kept, or somebody else's question was joined.

        An answer that is not `is_whole` goes to who waits for it and is not kept: asked again, AWS may tell the rest.

        Of those who share a question exactly one is told False, so that its cost is counted once. A caller who is
        cancelled leaves the others waiting; when nobody waits any longer the question itself is cancelled. `ask` runs
        in the context (span, progress) of who came first.
        """
        self._evict()
        if kept := self._kept.get(key):
            return cast("T", kept.answer), True
        question = self._in_flight.get(key) or self._begin(key, self._ask(key, ttl_s, ask, is_whole))
        question.waiting += 1
        try:
            answer = await asyncio.shield(question.task)
        finally:
            question.waiting -= 1
            if not question.waiting and not question.task.done():
                self._cancel(key, question)
        is_cached, question.is_told = question.is_told, True
        return cast("T", answer), is_cached

    def _evict(self) -> None:
        now = self._clock()
        self._kept = {key: kept for key, kept in self._kept.items() if kept.until > now}

    def _begin(self, key: Hashable, asking: Coroutine[Any, Any, Any]) -> _Question:
        task = asyncio.create_task(asking)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        self._in_flight[key] = _Question(task=task)
        return self._in_flight[key]

    async def _ask(
        self, key: Hashable, ttl_s: float, ask: Callable[[], Awaitable[T]], is_whole: Callable[[T], bool]
    ) -> T:
        try:
            answer = await ask()
            if is_whole(answer):
                self._keep(key, _Kept(until=self._clock() + ttl_s, answer=answer))
            return answer
        finally:
            self._forget(key, asyncio.current_task())

    def _keep(self, key: Hashable, kept: _Kept) -> None:
        self._evict()
        self._kept.pop(key, None)
        self._kept[key] = kept
        if len(self._kept) > MOST_KEPT:
            del self._kept[next(iter(self._kept))]

    def _cancel(self, key: Hashable, question: _Question) -> None:
        # Who asks from now on must not join a question that is being given up.
        self._forget(key, question.task)
        question.task.cancel()

    def _forget(self, key: Hashable, task: "asyncio.Task[Any] | None") -> None:
        if (current := self._in_flight.get(key)) and current.task is task:
            del self._in_flight[key]

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # everybody who waited has heard it, or nobody waits: asyncio need not complain

"""Asks several sources at once and keeps apart what each said: the answers of the others stand when one fails."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import anyio

from lambdascope_proxy.cloudwatch.bill import Bill
from lambdascope_proxy.errors import CallFailed

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced(Generic[T]):
    """What CloudWatch answered, what that cost, what is missing in words, and whether it was answered before.

    Without `is_whole` AWS may tell more when it is asked again.
    """

    value: T
    bill: Bill
    partial: tuple[str, ...] = ()
    is_whole: bool = True
    is_cached: bool = False

    def as_cached(self) -> "Priced[T]":
        """The same once more, which costs nothing."""
        return replace(self, bill=Bill(region=self.bill.region), is_cached=True)


class Attempt(Generic[T]):
    """One source: asked when run, it has a value or a failure; without `ask` neither, as it is not wanted.

    `bill` is what AWS charged for a failure.
    """

    def __init__(self, name: str, ask: Callable[[], Awaitable[T]] | None) -> None:
        self.name = name
        self.is_wanted = ask is not None
        self.value: T | None = None
        self.failure: CallFailed | None = None
        self.bill: Bill | None = None
        self._ask = ask

    async def run(self) -> None:
        """Asks. What is no CallFailed is a defect and ends everything."""
        if self._ask is None:
            return
        try:
            self.value = await self._ask()
        except CallFailed as failed:
            self.failure, self.bill = failed, failed.take_bill()


async def run_together(attempts: Sequence[Attempt[Any]]) -> None:
    """Runs them concurrently, until the last has ended."""
    try:
        async with anyio.create_task_group() as group:
            for attempt in attempts:
                group.start_soon(attempt.run)
    except BaseExceptionGroup as several:
        # A defect of ours goes out as itself: the step that tells of it names its kind.
        raise several.exceptions[0] from several

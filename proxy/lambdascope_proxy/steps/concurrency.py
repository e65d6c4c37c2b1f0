"""Lets only so many calls of a principal, and of a tool or function, be on their way at once."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final, Literal

from lambdascope_proxy import names
from lambdascope_proxy.call import Call, Next, Outcome, OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.guard_keys import principal_of, tool_of
from lambdascope_proxy.telemetry import metric_table as m
from lambdascope_proxy.telemetry.meters import Labels, Meters

Scope = Literal["principal", "tool"]
KEY_OF: dict[Scope, Callable[[Call], str]] = {"principal": principal_of, "tool": tool_of}
# Agents send their calls in bursts; what waits holds memory.
WAITING_PER_PLACE: Final = 8


class Places:
    """The places of one principal or tool, and how many calls have or want one."""

    def __init__(self, most: int) -> None:
        self.free = asyncio.Semaphore(most)
        self.wanted = 0


class Limit:
    """So many places for each key; keys that nobody uses are forgotten."""

    def __init__(self, scope: Scope, most: int) -> None:
        self.scope: Scope = scope
        self._most = most
        self._of: dict[str, Places] = {}

    @property
    def waiting(self) -> int:
        """How many calls wait for a place."""
        return sum(max(0, places.wanted - self._most) for places in self._of.values())

    @asynccontextmanager
    async def place(self, call: Call, wait_s: float) -> AsyncGenerator[None]:
        """A place for as long as the block lasts. Raises CallFailed when none comes free in time."""
        key = KEY_OF[self.scope](call)
        places = self._of.setdefault(key, Places(self._most))
        if places.wanted >= self._most * (1 + (WAITING_PER_PLACE if wait_s > 0 else 0)):
            raise self._refusal(call, places, 0)
        places.wanted += 1
        try:
            try:
                async with asyncio.timeout(wait_s):
                    await places.free.acquire()
            except TimeoutError:
                raise self._refusal(call, places, wait_s) from None
            try:
                yield
            finally:
                places.free.release()
        finally:
            places.wanted -= 1
            if not places.wanted:
                self._of.pop(key, None)

    def _refusal(self, call: Call, places: Places, waited_s: float) -> CallFailed:
        whose = tool_of(call) if self.scope == "tool" else f"this {self.scope}"
        others = places.wanted - self._most - (1 if waited_s else 0)
        calls = f"1 call of {whose} is" if self._most == 1 else f"{self._most} calls of {whose} are"
        message = f"{calls} under way, as many as may be at once"
        message += f", and {others} wait" if others > 0 else ""
        message += f"; in {round(waited_s, 1):g} s no place came free." if waited_s else "."
        setting = f"LAMBDASCOPE_CONCURRENT_{self.scope.upper()}"
        hint = f"Call again when some of them have ended, with fewer at once; {setting} sets the limit."
        return CallFailed(OutcomeKind.REFUSED, "TooManyAtOnce", message, hint)


@dataclass(frozen=True, slots=True)
class ConcurrencyStep:
    """A call waits a while for its places, first come, first served, and is refused when that was in vain.

    A short wait evens out the bursts of agents, for which each refusal costs a turn of the model; a long one would only
    hide that there are too many calls.
    """

    limits: Sequence[Limit]
    wait_s: float

    async def __call__(self, call: Call, call_next: Next) -> Outcome:
        """Raises CallFailed(refused) with the limit."""
        until = time.monotonic() + self.wait_s
        async with AsyncExitStack() as held:
            for limit in self.limits:
                left_s = max(0.0, until - time.monotonic()) if self.wait_s else 0.0
                await held.enter_async_context(limit.place(call, left_s))
            return await call_next(call)

    def watch(self, meters: Meters) -> None:
        """Has the number of waiting calls exported."""
        meters.watch(m.CALLS_WAITING, self._read_waiting)

    def _read_waiting(self) -> list[tuple[float, Labels]]:
        return [(limit.waiting, {names.REASON: limit.scope}) for limit in self.limits]

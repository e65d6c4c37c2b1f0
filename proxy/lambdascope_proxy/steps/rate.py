"""Refuses calls beyond so many in a time: of a principal, in a session, of a tool or function."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from limits import RateLimitItem, parse_many
from limits.strategies import MovingWindowRateLimiter

from lambdascope_proxy.call import Call, Next, Outcome, OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.guard_keys import principal_of, session_of, tool_of
from lambdascope_proxy.moving_windows import MovingWindows

Scope = Literal["principal", "session", "tool"]
SCOPES: tuple[Scope, ...] = ("principal", "session", "tool")
KEY_OF: dict[Scope, Callable[[Call], str]] = {"principal": principal_of, "session": session_of, "tool": tool_of}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One limit: so many calls in a moving window, of each principal, session or tool."""

    scope: Scope
    item: RateLimitItem
    limiter: MovingWindowRateLimiter

    def is_used_up(self, call: Call) -> bool:
        """Whether this call would be one too many."""
        return not self.limiter.test(self.item, KEY_OF[self.scope](call))

    def count(self, call: Call) -> None:
        """Counts this call."""
        self.limiter.hit(self.item, KEY_OF[self.scope](call))

    def ends_at(self, call: Call) -> float:
        """When the next call fits, by the clock of the windows."""
        return self.limiter.get_window_stats(self.item, KEY_OF[self.scope](call)).reset_time


class RateStep:
    """A call counts against each of its limits, or against none when one of them refuses it."""

    def __init__(self, limits: Sequence[tuple[Scope, str]], clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._rates = [rate for scope, text in limits for rate in _rates(scope, text, clock)]

    async def __call__(self, call: Call, call_next: Next) -> Outcome:
        """Raises CallFailed(refused) with the limit and when the next call fits."""
        if used_up := [rate for rate in self._rates if rate.is_used_up(call)]:
            raise self._refusal(call, max(used_up, key=lambda rate: rate.ends_at(call)))
        for rate in self._rates:
            rate.count(call)
        return await call_next(call)

    def _refusal(self, call: Call, rate: Rate) -> CallFailed:
        whose = tool_of(call) if rate.scope == "tool" else f"this {rate.scope}"
        # Rounded up: a call at the time we say must not be refused again.
        wait_s = max(0.1, math.ceil(10 * (rate.ends_at(call) - self._clock())) / 10)
        return CallFailed(
            OutcomeKind.REFUSED,
            "RateLimited",
            f"The rate limit of {said(rate.item)} for {whose} is used up.",
            f"Try again in {wait_s:g} s; LAMBDASCOPE_RATE_LIMIT_{rate.scope.upper()} sets the limit.",
        )


def said(item: RateLimitItem) -> str:
    """A limit in words: `100 calls per minute`, `5 calls per 10 seconds`."""
    calls, unit = "call" if item.amount == 1 else "calls", item.GRANULARITY.name
    return f"{item.amount} {calls} per {unit if item.multiples == 1 else f'{item.multiples} {unit}s'}"


def _rates(scope: Scope, text: str, clock: Callable[[], float]) -> list[Rate]:
    # Each scope has memory of its own: a flood of sessions must not make us forget what principals did.
    limiter = MovingWindowRateLimiter(MovingWindows(clock))
    # A limit that is given twice would count every call twice.
    items = {item.key_for(): item for item in parse_many(text)}.values()
    return [Rate(scope=scope, item=item, limiter=limiter) for item in items]

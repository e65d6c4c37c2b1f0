"""Bounded waiting for what other processes do."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

T = TypeVar("T")
LIMIT_S = 30.0


async def eventually(look: Callable[[], T], *, within_s: float = LIMIT_S) -> T:
    """What `look` finds, as soon as that is something; fails when it never is."""
    found = look()
    with anyio.move_on_after(within_s):
        while not found:
            await anyio.sleep(0.05)
            found = look()
    assert found, f"nothing came within {within_s:.0f} s"
    return found


async def asked_until(ask: Callable[[], Awaitable[T]], is_it: Callable[[T], bool]) -> T:
    """The first answer that is what is waited for; fails when none is."""
    with anyio.fail_after(LIMIT_S):
        while True:
            answer = await ask()
            if is_it(answer):
                return answer
            await anyio.sleep(0.1)

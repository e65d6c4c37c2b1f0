"""Remembers when calls were let through, for `limits`: bounded in memory, by a clock that never goes back.

The memory storage that comes with `limits` keeps every key it ever saw for as long as its window lasts, whatever their
number, starts a thread to forget them, and reads the time of day.
"""

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from itertools import repeat
from typing import Any, Final

from limits.storage import MovingWindowSupport, Storage

# A client chooses its session's id: more of them than these must not take the memory of the proxy.
MOST_KEYS: Final = 10_000
# 32 bytes each.
MOST_TIMES: Final = 1_000_000


class MovingWindows(Storage, MovingWindowSupport):
    """Times by key, of the last window each; the keys unused for longest are forgotten first."""

    STORAGE_SCHEME = None

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        *,
        most_keys: int = MOST_KEYS,
        most_times: int = MOST_TIMES,
    ) -> None:
        super().__init__()
        self._clock = clock
        self._most_keys = most_keys
        self._most_times = most_times
        self._times: OrderedDict[str, deque[float]] = OrderedDict()
        self._remembered = 0

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Whether `amount` more fit into the window of `expiry` seconds, which then holds them."""
        if amount > limit - len(self._window(key, expiry)):
            return False
        self._times.setdefault(key, deque()).extend(repeat(self._clock(), amount))
        self._times.move_to_end(key)
        self._remembered += amount
        while len(self._times) > 1 and (len(self._times) > self._most_keys or self._remembered > self._most_times):
            self._remembered -= len(self._times.popitem(last=False)[1])
        return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """When the oldest call in the window was let through (now, if there is none), and how many there are."""
        times = self._window(key, expiry)
        return (times[0] if times else self._clock()), len(times)

    def _window(self, key: str, expiry: int) -> deque[float]:
        times, ended = self._times.get(key, deque[float]()), self._clock() - expiry
        while times and times[0] <= ended:
            times.popleft()
            self._remembered -= 1
        return times

    @property
    def base_exceptions(self) -> type[Exception]:
        """Nothing here fails as a network would."""
        return ValueError

    def check(self) -> bool:
        """Memory is always there."""
        return True

    def clear(self, key: str) -> None:
        """Forgets a key."""
        self._remembered -= len(self._times.pop(key, ()))

    def reset(self) -> int:
        """Forgets all of them; how many there were."""
        count = len(self._times)
        self._times.clear()
        self._remembered = 0
        return count

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Belongs to fixed windows, which are not used."""
        raise NotImplementedError

    get: Any = incr
    get_expiry: Any = incr

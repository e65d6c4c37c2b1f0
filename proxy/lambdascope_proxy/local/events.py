"""Event invocations: queued, tried again after a function error, and never heard of by the caller."""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from lambdascope_proxy.local.errors import AwsError, ThrottledError

_log = logging.getLogger(__name__)
MAX_QUEUED = 10_000
_THROTTLED_DELAY_S = 1.0
_WORKERS = 16


@dataclass(order=True, slots=True)
class _Entry:
    due_s: float
    number: int
    attempt: Callable[[], bool] = field(compare=False)
    failures: int = field(compare=False, default=0)


class EventQueue:
    """Runs attempts in threads of its own; an attempt says whether the function succeeded."""

    def __init__(self, retry_delays_s: Sequence[float]) -> None:
        self._retry_delays_s = retry_delays_s
        self._numbers = itertools.count()
        self._entries: list[_Entry] = []
        self._changed = threading.Condition()
        self._closed = False
        self._workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="lambda-event")
        self._dispatcher = threading.Thread(target=self._dispatch, name="lambda-event-queue", daemon=True)
        self._dispatcher.start()

    def put(self, attempt: Callable[[], bool]) -> None:
        """Accept an invocation. Raises: ThrottledError, when too many are waiting."""
        if len(self._entries) >= MAX_QUEUED:
            raise ThrottledError("CallerRateLimitExceeded")
        self._push(_Entry(time.monotonic(), next(self._numbers), attempt))

    def close(self) -> None:
        """Forget what waits; what runs must be ended by who owns it."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._dispatcher.join()
        self._workers.shutdown(wait=True, cancel_futures=True)

    def _push(self, entry: _Entry) -> None:
        with self._changed:
            heapq.heappush(self._entries, entry)
            self._changed.notify()

    def _dispatch(self) -> None:
        with self._changed:
            while not self._closed:
                left_s = self._entries[0].due_s - time.monotonic() if self._entries else None
                if left_s is not None and left_s <= 0:
                    self._workers.submit(self._attempt, heapq.heappop(self._entries))
                else:
                    self._changed.wait(left_s)

    def _attempt(self, entry: _Entry) -> None:
        try:
            if entry.attempt() or entry.failures >= len(self._retry_delays_s):
                return
            delay_s = self._retry_delays_s[entry.failures]
            entry.failures += 1
        except ThrottledError:  # no attempt was made: the event goes back to the queue
            delay_s = _THROTTLED_DELAY_S
        except AwsError as error:
            _log.info("an Event invocation was given up: %s", error)
            return
        except Exception:
            _log.exception("an Event invocation was lost")
            return
        entry.due_s = time.monotonic() + delay_s
        self._push(entry)

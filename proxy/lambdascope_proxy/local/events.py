"""Event invocations: queued, tried again after a function error, and never heard of by the caller."""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from lambdascope_proxy.local.activity import Activity, EventRecord
from lambdascope_proxy.local.errors import AwsError, ThrottledError

_log = logging.getLogger(__name__)
MAX_QUEUED = 10_000
MAX_AGE_S = 6 * 3600
_THROTTLED_DELAY_S = 1.0
_WORKERS = 16


@dataclass(order=True, slots=True)
class _Entry:
    due_s: float
    number: int
    attempt: Callable[[], bool] = field(compare=False)
    function_name: str = field(compare=False)
    qualifier: str | None = field(compare=False)
    queued_s: float = field(compare=False)
    retry_delays_s: Iterator[float] = field(compare=False)

    @property
    def age_s(self) -> float:
        return time.monotonic() - self.queued_s


class EventQueue:
    """Runs attempts in threads of its own; an attempt says whether the function succeeded."""

    def __init__(self, retry_delays_s: Sequence[float], activity: Activity) -> None:
        self._retry_delays_s = retry_delays_s
        self._activity = activity
        self._numbers = itertools.count()
        self._entries: list[_Entry] = []
        self._changed = threading.Condition()
        self._closed = False
        self._workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="lambda-event")
        self._dispatcher = threading.Thread(target=self._dispatch, name="lambda-event-queue", daemon=True)
        self._dispatcher.start()

    def put(self, attempt: Callable[[], bool], function_name: str, qualifier: str | None = None) -> None:
        """Accept an invocation. Raises: ThrottledError, when too many are waiting."""
        if len(self._entries) >= MAX_QUEUED:
            raise ThrottledError("CallerRateLimitExceeded")
        now_s = time.monotonic()
        delays_s = iter(self._retry_delays_s)
        entry = _Entry(now_s, next(self._numbers), attempt, function_name, qualifier, now_s, delays_s)
        self._note(entry, "received", _now_ms(), 0.0)
        self._push(entry)

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
            if self._succeeds(entry):
                return
            delay_s = next(entry.retry_delays_s, None)
        except ThrottledError:  # no attempt was made: the event goes back to the queue
            delay_s = _THROTTLED_DELAY_S if entry.age_s < MAX_AGE_S else None
        except AwsError as error:
            _log.info("an Event invocation was given up: %s", error)
            delay_s = None
        except Exception:
            _log.exception("an Event invocation was lost")
            delay_s = None
        if delay_s is None:
            self._note(entry, "dropped", _now_ms(), entry.age_s)
            return
        entry.due_s = time.monotonic() + delay_s
        self._push(entry)

    def _succeeds(self, entry: _Entry) -> bool:
        started_ms, age_s = _now_ms(), entry.age_s
        succeeds = entry.attempt()
        self._note(entry, "started", started_ms, age_s)
        return succeeds

    def _note(self, entry: _Entry, step: str, at_ms: int, age_s: float) -> None:
        self._activity.add_event(
            EventRecord(
                at_ms=at_ms,
                function_name=entry.function_name,
                qualifier=entry.qualifier,
                step=step,
                age_ms=round(age_s * 1000, 3),
            )
        )


def _now_ms() -> int:
    return time.time_ns() // 1_000_000

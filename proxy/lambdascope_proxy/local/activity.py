"""What the log cannot tell of the past: how many environments were busy, and what became of Event invocations."""

import threading
from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcurrencyRecord:
    """How many environments were busy right after an invocation of this function and qualifier began or ended."""

    at_ms: int
    function_name: str
    qualifier: str | None
    of_account: int
    of_unreserved: int  # functions without reserved concurrency
    of_function: int
    of_qualifier: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRecord:
    """One step in the life of an Event invocation; its age is the time since it was queued."""

    at_ms: int
    function_name: str
    qualifier: str | None
    step: str  # received | started | dropped
    age_ms: float = 0.0


class Activity:
    """The newest of both, within a fixed bound."""

    def __init__(self, max_records: int) -> None:
        self._lock = threading.Lock()
        self._concurrency: deque[ConcurrencyRecord] = deque(maxlen=max_records)
        self._events: deque[EventRecord] = deque(maxlen=max_records)

    def add_concurrency(self, record: ConcurrencyRecord) -> None:
        """Keep a record; they must come in the order in which it was so."""
        with self._lock:
            self._concurrency.append(record)

    def add_event(self, record: EventRecord) -> None:
        """Keep a record."""
        with self._lock:
            self._events.append(record)

    def concurrency(self) -> list[ConcurrencyRecord]:
        """The records kept, oldest first."""
        with self._lock:
            return list(self._concurrency)

    def events(self) -> list[EventRecord]:
        """The records kept, oldest first."""
        with self._lock:
            return list(self._events)

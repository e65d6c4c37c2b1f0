"""The log of an execution environment: output in order, the tail of an execution, and the bounded journal of it all."""

import os
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass

from lambdascope_proxy.local.activity import Activity

TAIL_BYTES = 4096
MAX_EVENT_BYTES = 262_144
_CHUNK = 65_536
_DRAIN_LIMIT_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEvent:
    """One event as CloudWatch Logs would keep it; Lambda's messages end with a newline."""

    timestamp_ms: int
    group: str
    stream: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptEvent:
    """An event and its number, which no other event of the journal ever has."""

    number: int
    event: LogEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class InvocationRecord:
    """One attempt to run a function; a throttled one has no version, request or durations worth keeping."""

    started_ms: int
    function_name: str
    qualifier: str | None
    version: str
    request_id: str
    outcome: str  # success | error | failure | timeout | throttled
    error_type: str | None = None
    duration_ms: float = 0.0
    billed_ms: int = 0
    init_ms: float | None = None
    memory_mb: int = 0
    max_memory_mb: int = 0


class Journal:
    """What happened, for whoever reads it back: the newest log events and invocations, within fixed bounds."""

    def __init__(self, *, max_bytes: int = 64_000_000, max_invocations: int = 100_000) -> None:
        self.activity = Activity(2 * max_invocations)
        self._lock = threading.Lock()
        self._events: deque[LogEvent] = deque()
        self._gone = 0  # events that had to go
        self._groups: dict[str, int] = {}  # when the first event of each group was written
        self._bytes = 0
        self._max_bytes = max_bytes
        self._invocations: deque[InvocationRecord] = deque(maxlen=max_invocations)
        self._executions: Counter[str] = Counter()

    def add_event(self, event: LogEvent) -> None:
        """Keep an event, and let the oldest ones go when there are too many bytes."""
        with self._lock:
            self._events.append(event)
            self._groups.setdefault(event.group, event.timestamp_ms)
            self._bytes += _cost(event)
            while self._bytes > self._max_bytes:
                self._bytes -= _cost(self._events.popleft())
                self._gone += 1

    def add_invocation(self, record: InvocationRecord) -> None:
        """Keep the record of an invocation."""
        with self._lock:
            self._invocations.append(record)

    def count_execution(self, name: str) -> None:
        """Note that an event was handed to the function's code."""
        with self._lock:
            self._executions[name] += 1

    def executions(self, name: str) -> int:
        """How many times the function's code was given an event."""
        with self._lock:
            return self._executions[name]

    def events(self, group: str | None = None) -> list[LogEvent]:
        """The events kept, in the order they were written, of one log group or of all."""
        with self._lock:
            return [event for event in self._events if group in {None, event.group}]

    def kept(self, group: str) -> list[KeptEvent]:
        """The events of one log group with their numbers, in the order they were written."""
        with self._lock:
            numbered = enumerate(self._events, self._gone)
            return [KeptEvent(number=number, event=event) for number, event in numbered if event.group == group]

    def groups(self) -> dict[str, int]:
        """The log groups ever written to, with the time of their first event; they outlive their events."""
        with self._lock:
            return dict(self._groups)

    def invocations(self) -> list[InvocationRecord]:
        """The invocations kept, oldest first."""
        with self._lock:
            return list(self._invocations)


def _cost(event: LogEvent) -> int:
    return 200 + len(event.message)


class LogStream:
    """One log stream: every event goes to the journal, the last 4 KB of the current execution stay at hand."""

    def __init__(self, journal: Journal, group: str, name: str) -> None:
        self.group = group
        self.name = name
        self._journal = journal
        self._tail = bytearray()
        self._lock = threading.Lock()

    def write(self, line: bytes | str) -> None:
        """Add one event; text is given without its newline."""
        raw = (line.encode() if isinstance(line, str) else line) + b"\n"
        now_ms = time.time_ns() // 1_000_000
        with self._lock:
            self._tail = (self._tail + raw)[-TAIL_BYTES:]
            message = raw.decode(errors="replace")
            self._journal.add_event(LogEvent(timestamp_ms=now_ms, group=self.group, stream=self.name, message=message))

    def take_tail(self) -> bytes:
        """The last 4 KB since this was asked before."""
        with self._lock:
            tail, self._tail = bytes(self._tail), bytearray()
        return tail


class LogPipe:
    """The pipe that is the child's standard output and error.

    The supervisor keeps the writing end too: what the child wrote before it answered lies in the pipe before the marker
    that `drain` writes, so no output is missed and no sleep is needed, whatever the runtime in the child. The marker is
    random, so that a function cannot print it.
    """

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write
        self._read_fd, self.write_fd = os.pipe()
        self._marker = b"\0" + os.urandom(16).hex().encode()
        self._drained = threading.Event()
        self._closing = False
        self._buffer = b""
        self._thread = threading.Thread(target=self._read, name="lambda-log", daemon=True)
        self._thread.start()

    def drain(self) -> None:
        """Return when everything written so far is in the log. Raises: TimeoutError, if that takes a minute."""
        self._drained.clear()
        os.write(self.write_fd, self._marker + b"\n")
        if not self._drained.wait(_DRAIN_LIMIT_S):
            raise TimeoutError("the log of an execution environment does not drain")

    def close(self) -> None:
        """Drain and close; nobody may write afterwards."""
        self._drained.clear()  # first, or the reader could take an older drain for the last one
        self._closing = True
        self.drain()
        self._thread.join(_DRAIN_LIMIT_S)
        os.close(self.write_fd)

    def _read(self) -> None:
        # Not until end of file: a process the function left behind may hold the pipe open.
        while not (self._closing and self._drained.is_set()):
            chunk = os.read(self._read_fd, _CHUNK)
            *lines, self._buffer = (self._buffer + chunk).split(b"\n")
            for line in lines:
                self._take(line)
            self._split_long_line()
        os.close(self._read_fd)

    def _take(self, line: bytes) -> None:
        if line.endswith(self._marker):
            if rest := line.removesuffix(self._marker):
                self._emit(rest)
            self._drained.set()
        else:
            self._emit(line)

    def _split_long_line(self) -> None:
        while len(self._buffer) > MAX_EVENT_BYTES + len(self._marker):
            self._emit(self._buffer[:MAX_EVENT_BYTES])
            self._buffer = self._buffer[MAX_EVENT_BYTES:]

    def _emit(self, line: bytes) -> None:
        self._write(line.rstrip(b"\r").replace(b"\r", b"\n"))

"""The hot end of the history: rows go on a bounded queue, and one daemon thread appends them to a spool file.

Compaction is not here. Rows that were appended are in the file within about 50 ms; a killed process loses at most
those still queued.
"""

import itertools
import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from lambdascope_analytics.errors import UnfitRowError
from lambdascope_analytics.store.directories import SPOOL
from lambdascope_analytics.store.drops import DropLedger, DroppedRows, dropped_rows
from lambdascope_analytics.store.line import encode_row
from lambdascope_analytics.store.spool_file import SpoolFile, new_writer_name

__all__ = ["DroppedRows", "SpoolWriter", "dropped_rows"]

Gate = Callable[[Mapping[str, object]], Mapping[str, object]]

_log: Final = logging.getLogger(__name__)

QUEUE_FULL: Final = "queue_full"
UNFIT: Final = "unfit"
UNWRITTEN: Final = "unwritten"
CLOSED: Final = "closed"

_LINGER_S: Final = 0.02  # lets a burst become one write, and keeps the writer off the GIL while a call is answered
_LOOKS: Final = 5
_BATCH_BYTES: Final = 1 << 20
_RETRY_S: Final = (0.1, 5.0)
_HURRIED_RETRY_S: Final = 0.05
_LEDGER_INTERVAL_S: Final = 1.0


class SpoolWriter:
    """Appends rows of the history to `<directory>/spool/<host>-<pid>-<boot id>-<number>.jsonl`.

    With `sync_s` what was written is on the disk, safe from a power cut, at most so many seconds later (0: at once).

    `append` neither blocks nor raises. While the disk refuses, rows wait on the queue and the write is retried; what
    no longer fits is dropped, counted by reason in `drops`, and the counts are kept for `dropped_rows`.

    `gate` turns each row into what may be written, in the writer's thread.
    """

    def __init__(
        self, directory: Path, *, capacity: int = 10_000, sync_s: float | None = None, gate: Gate = dict
    ) -> None:
        self.writer: Final = new_writer_name()
        self._file = SpoolFile(directory / SPOOL, self.writer, sync_s=sync_s)
        self._ledger = DropLedger(directory, self.writer)
        self._capacity = capacity
        self._gate = gate
        self._queue: queue.SimpleQueue[Mapping[str, object] | None] = queue.SimpleQueue()
        # Reentrant, so that a signal handler which appends cannot wait for the very thread it interrupted.
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._tickets = itertools.count(1)
        self._accepted = 0
        self._settled = 0
        self._taken = 0
        self._drops: Counter[str] = Counter()
        self._hurried = 0
        self._give_up_at: float | None = None
        self._thread: threading.Thread | None = None
        self._outage = False
        self._ledger_failed = False
        self._recorded = 0
        self._record_at = 0.0

    @property
    def path(self) -> Path:
        """The spool file written now or next; it exists from the first write on."""
        return self._file.path

    @property
    def drops(self) -> dict[str, int]:
        """Rows dropped so far, by reason."""
        with self._lock:
            return dict(self._drops)

    @property
    def accepted(self) -> int:
        """Rows taken so far, those included that were dropped later."""
        with self._lock:
            return self._accepted

    @property
    def waiting(self) -> int:
        """Rows that are neither in the file nor dropped yet."""
        with self._lock:
            return self._accepted - self._settled

    @property
    def capacity(self) -> int:
        """Rows that may wait; further ones are dropped."""
        return self._capacity

    def append(self, row: Mapping[str, object]) -> bool:
        """Queue `row` (a copy of it); False if it was dropped instead."""
        try:
            kept = dict(row)
        except Exception:  # a row of any shape must not break the call it observes
            return self._refuse(UNFIT)
        with self._lock:
            if self._give_up_at is not None:
                return self._refuse(CLOSED)
            if self._accepted - self._settled >= self._capacity or not (self._thread or self._start()):
                return self._refuse(QUEUE_FULL)
            self._accepted = next(self._tickets)
            self._queue.put(kept)
        return True

    def flush(self, timeout_s: float) -> bool:
        """Wait until every row appended so far is in the file or dropped; False when `timeout_s` is over first."""
        with self._changed:
            target = self._accepted
            self._hurried += 1
            self._changed.notify_all()
            try:
                return self._changed.wait_for(lambda: self._settled >= target, timeout_s)
            finally:
                self._hurried -= 1

    def close(self, timeout_s: float) -> bool:
        """Write what is queued, release the file and stop; True if no accepted row was lost for want of a disk.

        After `timeout_s` rows that cannot be written are dropped and counted.
        """
        with self._changed:
            if self._give_up_at is None:
                self._give_up_at = time.monotonic() + timeout_s
            thread = self._thread
            self._changed.notify_all()
        if thread is None:
            return True
        self._queue.put(None)
        # The thread needs a moment of its own after the deadline, to count what it gave up.
        thread.join(timeout_s + 1)
        return not thread.is_alive() and not self._drops[UNWRITTEN]

    def _refuse(self, reason: str) -> bool:
        with self._lock:
            self._drops[reason] += 1
            # The writer keeps the counts: wake it if nothing else will.
            if reason == UNFIT and self._queue.empty() and (self._thread or self._start()):
                self._queue.put(None)
        return False

    def _start(self) -> bool:
        # Set before it starts: a signal handler that appends meanwhile must not start a second one.
        self._thread = threading.Thread(target=self._run, name="lambdascope-spool", daemon=True)
        try:
            self._thread.start()
        except RuntimeError as error:
            _log.warning("the history writer cannot start: %s", error)
            self._thread = None
        return self._thread is not None

    def _run(self) -> None:
        while self._give_up_at is None or not self._queue.empty():
            try:
                self._deliver(self._collect())
            except Exception:
                _log.exception("the history writer met an error it does not expect; what it held is dropped")
                self._file.abandon()
                self._count(UNWRITTEN, self._taken)
            self._settle()
            self._record_drops(at_once=False)
        with suppress(OSError):  # the last bytes could not be brought to the disk, and nobody is left to wait
            self._file.close()
        self._record_drops(at_once=True)

    def _collect(self) -> bytes:
        lines: list[bytes] = []
        size = 0
        row = self._next_row()
        while True:
            if row is not None:
                self._taken += 1
                lines.append(self._encode(row))
                size += len(lines[-1])
            if size >= _BATCH_BYTES or self._queue.empty():
                return b"".join(lines)
            row = self._queue.get()

    def _next_row(self) -> Mapping[str, object] | None:
        # A thread that sleeps on the queue is woken by the row's own caller, who pays for it. While calls come, look.
        for _ in range(_LOOKS):
            if not self._queue.empty() or self._give_up_at is not None:
                break
            self._pause(_LINGER_S)
        if not self._queue.empty():
            return self._queue.get()
        row = self._awaited_row()
        self._pause(_LINGER_S)
        return row

    def _awaited_row(self) -> Mapping[str, object] | None:
        unrecorded = sum(self.drops.values()) != self._recorded
        waits = [_LEDGER_INTERVAL_S] if unrecorded else []
        if self._file.attention_at is not None:
            waits.append(max(0.0, self._file.attention_at - time.monotonic()))
        try:
            return self._queue.get(timeout=min(waits, default=None))
        except queue.Empty:
            self._tend()
            return None

    def _tend(self) -> None:
        try:
            self._file.tend()
        except OSError as error:
            _log.warning("%s may not survive a power cut: %s", self.path, error)

    def _encode(self, row: Mapping[str, object]) -> bytes:
        try:
            return encode_row(self._gate(row))
        except Exception as error:  # values of any type may come, and raise anything when looked at
            if not self._drops[UNFIT]:
                reason = error if isinstance(error, UnfitRowError) else type(error).__name__
                _log.warning(
                    "a row does not fit the history and is dropped (others like it are only counted): %s", reason
                )
            self._count(UNFIT, 1)
            return b""

    def _deliver(self, lines: bytes) -> None:
        if not lines:
            return
        self._file.load(lines)
        delay_s, longest_s = _RETRY_S
        while not self._sent():
            if self._give_up_at is not None and time.monotonic() >= self._give_up_at:
                self._count(UNWRITTEN, self._file.abandon())
                return
            self._record_drops(at_once=False)
            self._pause(delay_s, at_least_s=_HURRIED_RETRY_S)
            delay_s = min(2 * delay_s, longest_s)

    def _sent(self) -> bool:
        try:
            self._file.send()
        except OSError as error:
            if not self._outage:
                _log.warning("history rows cannot be written to %s: %s; they wait and are retried", self.path, error)
            self._outage = True
            return False
        if self._outage:
            _log.warning("history rows are written to %s again; dropped so far: %s", self.path, self.drops or "none")
        self._outage = False
        return True

    def _pause(self, seconds: float, *, at_least_s: float = 0.0) -> None:
        with self._changed:
            hurry = self._changed.wait_for(lambda: self._hurried or self._give_up_at is not None, seconds)
        if hurry and at_least_s:
            time.sleep(at_least_s)

    def _count(self, reason: str, rows: int) -> None:
        if rows:
            with self._lock:
                self._drops[reason] += rows

    def _settle(self) -> None:
        with self._changed:
            self._settled += self._taken
            self._taken = 0
            self._changed.notify_all()

    def _record_drops(self, *, at_once: bool) -> None:
        drops = self.drops
        now = time.monotonic()
        if sum(drops.values()) == self._recorded or (now < self._record_at and not at_once):
            return
        self._record_at = now + _LEDGER_INTERVAL_S
        try:
            self._ledger.record(drops, at=datetime.now(UTC))
        except OSError as error:
            if not self._ledger_failed:
                _log.warning("the count of dropped history rows cannot be kept: %s", error)
            self._ledger_failed = True
        else:
            self._recorded = sum(drops.values())
            self._ledger_failed = False

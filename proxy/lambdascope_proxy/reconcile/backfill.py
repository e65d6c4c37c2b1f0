"""Takes past executions of a function, which never came through a proxy, from the logs into the history."""

import math
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from lambdascope_analytics.asking.questions import Questions
from lambdascope_analytics.errors import HistoryError
from lambdascope_analytics.pricing import load_rates
from lambdascope_analytics.store.directories import make_private
from lambdascope_analytics.store.locks import exclusive
from lambdascope_analytics.store.spool import SpoolWriter
from lambdascope_proxy.cloudwatch.insights import LogAnswer, LogQuery
from lambdascope_proxy.cloudwatch.log_groups import estimated_scan_bytes
from lambdascope_proxy.cloudwatch.log_scope import group_of
from lambdascope_proxy.cloudwatch.window import Window
from lambdascope_proxy.reconcile.attempts import Attempt, Line, attempts_in, lines_of, unfinished
from lambdascope_proxy.reconcile.imported import row_of
from lambdascope_proxy.reconcile.log_access import LogAccess
from lambdascope_proxy.reconcile.pending import EVENT_REACH, MOST_ATTEMPTS
from lambdascope_proxy.reconcile.queries import reports_query
from lambdascope_proxy.reconcile.tally import Bills, Work, rows_of
from lambdascope_proxy.selection import Function

LOCK: Final = "backfill.lock"
ROWS: Final = 10_000
# Executions are not spread evenly: parts are made so small that few of them are too large again.
_FILLED: Final = 0.6
_SHORTEST: Final = timedelta(seconds=2)
_INIT_S: Final = 20
_FLUSH_S: Final = 60.0
_WRITTEN_AT_ONCE: Final = 1_000


@dataclass(slots=True, kw_only=True)
class Backfilled:
    """What a backfill came to, in executions; `reasons` says what could not be read."""

    found: int = 0
    known: int = 0
    imported: int = 0
    estimated_bytes: int = 0
    reasons: list[str] = field(default_factory=list[str])
    bills: Bills = field(default_factory=Bills)


class Backfill:
    """Imports executions; one process at a time for a history, so that none is imported twice."""

    def __init__(
        self,
        directory: Path,
        questions: Questions,
        writer: SpoolWriter,
        logs: LogAccess,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._directory = directory
        self._questions = questions
        self._writer = writer
        self._logs = logs
        self._clock = clock

    async def run(self, function_name: str, window: Window, region: str | None = None) -> Backfilled:
        """Import the executions that ended in the window and are not in the history yet.

        Raises: CallFailed when the function or its logs cannot be read, HistoryError when the history cannot, or when
        another process is at it.
        """
        function = await self._logs.catalogs.find(function_name, region)
        now = self._clock()
        group = await self._logs.check(function.place, group_of(function), window, now)
        found = Backfilled(estimated_bytes=estimated_scan_bytes(group, window, now))
        make_private(self._directory)
        try:
            # Held until all rows are in the history: who comes next finds them there.
            with exclusive(self._directory / LOCK, wait_s=0):
                await self._import(function, window, found)
        except BlockingIOError:
            raise HistoryError(f"another backfill of the history in {self._directory} is at work") from None
        return found

    async def _import(self, function: Function, window: Window, found: Backfilled) -> None:
        work = Work(name="backfill", transport="cli", started_at=self._clock())
        try:
            known = await self._known(function, window)
            # What ran when the window began may have failed before.
            lead = timedelta(seconds=function.timeout_s + _INIT_S)
            reading = _Reading(function, window, Window(start=window.start - lead, end=window.end))
            while (part := reading.next_part()) is not None:
                answer = await self._ask(function, part, found)
                for attempt in reading.take(part, answer):
                    self._write(attempt, function, known, found)
            found.reasons += reading.reasons
        finally:
            for row in rows_of(found.bills.by_region.values(), work):
                self._writer.append(row)
            self._flush()

    async def _known(self, function: Function, window: Window) -> Mapping[str, list[str] | None]:
        # A call begins before its report, an event that waited for a free environment long before.
        asked = {
            "function_name": function.name,
            "region": function.region,
            "started_after": window.start - EVENT_REACH - timedelta(seconds=MOST_ATTEMPTS * function.timeout_s),
            "started_before": window.end,
        }
        rows = await self._questions.ask("monitoring/known_requests", asked)
        return {row["request_id"]: row["imported_ids"] for row in rows}

    async def _ask(self, function: Function, window: Window, found: Backfilled) -> LogAnswer:
        text = reports_query([function])
        query = LogQuery(groups=(group_of(function),), text=text, window=window, limit=ROWS)
        return await self._logs.ask(function.place, query, found.bills)

    def _write(
        self, attempt: Attempt, function: Function, known: Mapping[str, list[str] | None], found: Backfilled
    ) -> None:
        found.found += 1
        row = row_of(attempt, function, load_rates())
        if _is_known(attempt, row, known):
            found.known += 1
            return
        if not self._writer.append(row):
            raise HistoryError(f"rows cannot be written to the history in {self._directory}: {self._writer.drops}")
        found.imported += 1
        if found.imported % _WRITTEN_AT_ONCE == 0:
            self._flush()

    def _flush(self) -> None:
        if not self._writer.flush(_FLUSH_S):
            raise HistoryError(f"rows could not be written to the history in {self._directory} in time")


class _Reading:
    """Reads the logs of a function part by part, in the order of time, each as small as its answer must be."""

    def __init__(self, function: Function, window: Window, asked: Window) -> None:
        self.reasons: list[str] = []
        self._window = window
        self._reach = timedelta(seconds=function.timeout_s + _INIT_S)
        self._parts = deque([asked])
        self._carried: list[Line] = []
        self._seen: set[tuple[str, datetime, str]] = set()

    def next_part(self) -> Window | None:
        """The part to ask for next; None when all has been read."""
        return self._parts.popleft() if self._parts else None

    def take(self, part: Window, answer: LogAnswer) -> list[Attempt]:
        """The attempts of a part that were not seen before; none if it must be asked for in smaller parts."""
        if not answer.is_complete:
            self.reasons.append(f"{_span(part)}: the query did not complete; run the same backfill again")
            return []
        if answer.more and part.end - part.start > _SHORTEST:
            self._parts.extendleft(reversed(parts_of(part, answer.matched)))
            return []
        if answer.more:
            self.reasons.append(f"{_span(part)}: of more than {ROWS:,} lines only the first were read")
        # An error may stand in one part, and the report that tells whose it is in the next.
        lines = sorted({*self._carried, *lines_of(answer.rows)}, key=lambda line: line.at)
        self._carried = [line for line in unfinished(lines) if line.at >= part.end - self._reach]
        return [attempt for attempts in attempts_in(lines).values() for attempt in attempts if self._is_new(attempt)]

    def _is_new(self, attempt: Attempt) -> bool:
        """Whether it ended in the window and in no part before: parts overlap where they meet within a second."""
        key = (attempt.report.request_id, attempt.at, attempt.stream)
        if key in self._seen or not self._window.start <= attempt.at < self._window.end:
            return False
        self._seen.add(key)
        return True


def parts_of(window: Window, matched: int) -> list[Window]:
    """Cut a window in which there are so many lines into parts of whole seconds, of which few should hold too many."""
    count = max(2, math.ceil(matched / (ROWS * _FILLED)))
    length = max(_SHORTEST, timedelta(seconds=math.ceil(window.seconds / count)))
    starts = [window.start]
    while starts[-1] + length < window.end:
        starts.append(starts[-1] + length)
    return [Window(start=start, end=min(start + length, window.end)) for start in starts]


def _is_known(attempt: Attempt, row: Mapping[str, Any], known: Mapping[str, list[str] | None]) -> bool:
    request_id = attempt.report.request_id
    if request_id not in known:
        return False
    imported = known[request_id]
    return imported is None or row["call_id"] in imported


def _span(window: Window) -> str:
    return f"{window.start:%Y-%m-%d %H:%M:%S} to {window.end:%Y-%m-%d %H:%M:%S} UTC"

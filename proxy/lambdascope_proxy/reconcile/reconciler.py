"""Completes rows of the history from the logs: asynchronous calls, and calls whose log tail held no report."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from opentelemetry.trace import Tracer

from lambdascope_analytics.asking.questions import Questions
from lambdascope_analytics.errors import HistoryError
from lambdascope_analytics.store.directories import make_private
from lambdascope_analytics.store.locks import exclusive
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.reconcile.ledger import Ledger
from lambdascope_proxy.reconcile.log_access import LogAccess
from lambdascope_proxy.reconcile.look import Look
from lambdascope_proxy.reconcile.pending import Member, Pending
from lambdascope_proxy.reconcile.tally import Reconciled, Work, in_words, rows_of
from lambdascope_proxy.reconcile.thrift import Generous, Thrift
from lambdascope_proxy.selection import Function
from lambdascope_proxy.telemetry.id_tracer import IdTracer
from lambdascope_proxy.telemetry.meters import Meters

log = logging.getLogger(__name__)

LOCK: Final = "reconcile.lock"
# After three days a row is settled for good; what comes in the last hour would race with that.
OLDEST: Final = timedelta(days=3) - timedelta(hours=1)
# Logs are not there at once.
YOUNGEST: Final = timedelta(seconds=30)
FIRST_S: Final = 60.0
MOST_AT_ONCE: Final = 5_000
# Those that are never found must not hide the others.
MOST_PENDING: Final = 50_000
# So many rows are read within some 10 ms, for which the event loop stands still.
PAGE: Final = 1_000
_NO_ID: Final = "00000000-0000-0000-0000-000000000000"

Row = Mapping[str, Any]


class Reconciler:
    """Looks for what is pending and completes it; of several processes that share a history one is at it at a time.

    `append` takes a row for the history that says what a run cost; `gate` masks secrets in what is written.
    """

    def __init__(
        self,
        directory: Path,
        questions: Questions,
        logs: LogAccess,
        *,
        append: Callable[[Row], object],
        gate: Callable[[Row], Row] = dict,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        tracer: Tracer | None = None,
        meters: Meters | None = None,
    ) -> None:
        self._meters = meters
        self._tracer = tracer or IdTracer()
        self._directory = directory
        self._questions = questions
        self._logs = logs
        self._append = append
        self._gate = gate
        self._clock = clock

    async def run_for_ever(self, interval_s: float) -> None:
        """Run again and again, for the background of a server; what fails is logged once and tried again later."""
        said = ""
        # Not at once: a server that has just started has better things to do.
        await asyncio.sleep(min(interval_s, FIRST_S))
        while True:
            problem = await self._turn()
            if problem and problem != said:
                log.warning("not all calls could be completed from the logs, which is tried again: %s", problem)
            # A turn that had nothing to do does not tell that what went wrong is over.
            said = said if problem is None else problem
            await asyncio.sleep(interval_s)

    async def _turn(self) -> str | None:
        """One run in the background: what went wrong, or None if nothing was to be done."""
        try:
            found = await self.run(is_patient=True)
        except (CallFailed, HistoryError, OSError) as error:
            return str(error)
        except Exception as error:
            log.debug("completing calls from the logs failed inside lambdascope", exc_info=True)
            return f"a defect of lambdascope, {type(error).__name__}: {error}"
        return "; ".join(found.reasons) if found.looked else None

    async def run(self, *, is_patient: bool = False, transport: str | None = None) -> Reconciled:
        """Look for everything that is pending; a patient run leaves out what has just begun or was not found just now.

        Raises: HistoryError when the history cannot be read, OSError when it cannot be written.
        """
        make_private(self._directory)
        try:
            with exclusive(self._directory / LOCK, wait_s=0):
                return await self._run(is_patient=is_patient, transport=transport)
        except BlockingIOError:
            return Reconciled(is_busy=True)

    async def _run(self, *, is_patient: bool, transport: str | None) -> Reconciled:
        now = self._clock()
        work = Work(name="reconcile", transport=transport, started_at=now)
        thrift = await self._thrift(now) if is_patient else Generous(now)
        due = await self._due(now - YOUNGEST if is_patient else now, thrift)
        found = Reconciled(looked=len(due))
        if not due:
            return found
        try:
            members = await self._with_functions(due, found)
            look = Look(
                self._directory, self._logs, thrift, found, self._gate, tracer=self._tracer, meters=self._meters
            )
            await look.complete(members)
        finally:
            # Also when it was cancelled: what was asked is charged.
            for row in rows_of(found.bills.by_region.values(), work):
                self._append(row)
        return found

    async def _thrift(self, now: datetime) -> Thrift:
        ledger = await asyncio.to_thread(Ledger.read, self._directory)
        return Thrift(ledger, self._directory, self._logs.max_scan_gb, now)

    async def _due(self, started_before: datetime, thrift: Generous) -> list[Pending]:
        """The latest calls that are to be looked for. They are read page by page, for there may be very many."""
        due: list[Pending] = []
        page = {"started_after": thrift.now - OLDEST, "started_before": started_before, "before_id": _NO_ID}
        for _ in range(0, MOST_PENDING, PAGE):
            rows = [Pending.of(row) for row in await self._questions.ask("monitoring/pending", {**page, "limit": PAGE})]
            due += [pending for pending in rows if thrift.is_due(pending)]
            if len(rows) < PAGE or len(due) >= MOST_AT_ONCE:
                break
            page |= {"started_before": rows[-1].started_at, "before_id": rows[-1].call_id}
        return due[:MOST_AT_ONCE]

    async def _with_functions(self, due: Sequence[Pending], found: Reconciled) -> list[Member]:
        members: list[Member] = []
        known: dict[tuple[str, str, str | None], Function | CallFailed] = {}
        for pending in due:
            key = (pending.function_name, pending.region, pending.account_id)
            if key not in known:
                known[key] = await self._function(*key)
            function = known[key]
            if isinstance(function, CallFailed):
                found.skipped += 1
            else:
                members.append((pending, function))
        found.reasons += [in_words(key[0], each) for key, each in known.items() if isinstance(each, CallFailed)]
        return members

    async def _function(self, name: str, region: str, account_id: str | None) -> Function | CallFailed:
        try:
            return await self._logs.catalogs.find(name, region, account_id=account_id)
        except CallFailed as failed:
            return failed

"""Completes rows of the history from the logs: asynchronous calls, and calls whose log tail held no report."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from lambdascope_analytics.asking.questions import Questions
from lambdascope_analytics.errors import HistoryError
from lambdascope_analytics.pricing import load_rates
from lambdascope_analytics.store.amendments import amend
from lambdascope_analytics.store.directories import make_private
from lambdascope_analytics.store.locks import exclusive
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.cloudwatch.insights import LogAnswer, LogQuery
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.reconcile.attempts import Attempt, attempts_in, lines_of
from lambdascope_proxy.reconcile.log_access import LogAccess
from lambdascope_proxy.reconcile.patience import Patience
from lambdascope_proxy.reconcile.pending import (
    EVENT_REACH,
    REACH,
    Batch,
    Pending,
    batches_of,
    may_have_run_later,
    split,
)
from lambdascope_proxy.reconcile.queries import reports_query, requests_query
from lambdascope_proxy.reconcile.settling import amendment_of, is_settled
from lambdascope_proxy.reconcile.tally import Bills, Work, in_words, rows_of
from lambdascope_proxy.selection import Function

log = logging.getLogger(__name__)

LOCK: Final = "reconcile.lock"
# After three days a row is settled for good; what comes in the last hour would race with that.
OLDEST: Final = timedelta(days=3) - timedelta(hours=1)
# Logs are not there at once.
YOUNGEST: Final = timedelta(seconds=30)
FIRST_S: Final = 60.0
SILENT_AFTER: Final = timedelta(minutes=10)
MOST_AT_ONCE: Final = 5_000
# Those that are never found must not hide the others.
MOST_PENDING: Final = 50_000
ROWS: Final = 50_000

Row = Mapping[str, Any]
Member = tuple[Pending, Function]


@dataclass(slots=True, kw_only=True)
class Reconciled:
    """What one run came to, in calls: looked = completed + still_pending + not_found + skipped.

    `not_found` are those of which the logs do not tell, `skipped` those that could not be looked for; `reasons` says
    why. `is_busy`: another process is at it, nothing was done.
    """

    looked: int = 0
    completed: int = 0
    still_pending: int = 0
    not_found: int = 0
    skipped: int = 0
    reasons: list[str] = field(default_factory=list[str])
    bills: Bills = field(default_factory=Bills)
    is_busy: bool = False


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
    ) -> None:
        self._directory = directory
        self._questions = questions
        self._logs = logs
        self._append = append
        self._gate = gate
        self._clock = clock
        self._patience = Patience()
        self._silence = Patience()

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
        pending = await self._pending(now, now - YOUNGEST if is_patient else now)
        self._patience.forget_others(each.call_id for each in pending)
        due = [each for each in pending if not is_patient or self._is_due(each, now)][-MOST_AT_ONCE:]
        for each in due:
            self._patience.note(each.call_id, now)
        found = Reconciled(looked=len(due))
        try:
            await self._look(due, now, found)
        finally:
            # Also when it was cancelled: what was asked is charged.
            for row in rows_of(found.bills.by_region.values(), work):
                self._append(row)
        return found

    def _is_due(self, pending: Pending, now: datetime) -> bool:
        hears = pending.is_event or self._silence.is_due(_key(pending), now)
        return hears and self._patience.is_due(pending.call_id, now)

    async def _pending(self, now: datetime, started_before: datetime) -> list[Pending]:
        window = {"started_after": now - OLDEST, "started_before": started_before}
        rows = await self._questions.ask("monitoring/pending", {**window, "limit": MOST_PENDING})
        return [Pending.of(row) for row in rows]

    async def _look(self, due: Sequence[Pending], now: datetime, found: Reconciled) -> None:
        members = await self._with_functions(due, found)
        left = await self._complete(batches_of(members, now), now, found)
        # An event that was throttled may have run hours later; all of that time is read only where it must be.
        late = [member for member in left if may_have_run_later(*member, now)]
        early = [member for member in left if not may_have_run_later(*member, now)]
        left = early + await self._complete(batches_of(late, now, reach=EVENT_REACH), now, found, EVENT_REACH)
        self._note_silent(left, now)
        events = sum(pending.is_event for pending, _ in left)
        found.still_pending, found.not_found = events, len(left) - events

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

    async def _complete(
        self, batches: Iterable[Batch], now: datetime, found: Reconciled, reach: timedelta = REACH
    ) -> list[Member]:
        """Complete what is settled; return what is not. A batch that cannot be asked for is skipped and named."""
        left: list[Member] = []
        waiting = deque(batches)
        while waiting:
            batch = waiting.popleft()
            try:
                attempts = await self._attempts(batch, now, found)
            except CallFailed as failed:
                found.skipped += len(batch.members)
                found.reasons.append(in_words(batch.group, failed))
                continue
            if attempts is None:
                waiting.extendleft(reversed(split(batch, now, reach=reach)))
            else:
                left += await self._settle(batch, attempts, found)
        return left

    async def _settle(self, batch: Batch, attempts: Mapping[str, Sequence[Attempt]], found: Reconciled) -> list[Member]:
        left: list[Member] = []
        amendments: list[Row] = []
        for pending, function in batch.members:
            those = attempts.get(pending.request_id, ())
            if is_settled(pending, function, those, batch.window.end):
                amendments.append(self._gate(amendment_of(pending, function, those, load_rates())))
                self._silence.forget(_key(pending))
            else:
                left.append((pending, function))
        found.completed += await asyncio.to_thread(amend, self._directory, amendments)
        return left

    async def _attempts(self, batch: Batch, now: datetime, found: Reconciled) -> dict[str, list[Attempt]] | None:
        """The attempts by request; None if there are too many to be asked for at once.

        Scanning is what costs: many requests of the same time are found among all reports of that time, in one scan.
        """
        await self._logs.check(batch.place, batch.group, batch.window, now)
        ids = [pending.request_id for pending, _ in batch.members]
        text = requests_query(ids, with_errors=batch.has_events) if batch.is_small else reports_query()
        query = LogQuery(groups=(batch.group,), text=text, window=batch.window, limit=ROWS)
        answer = await self._logs.ask(batch.place, query, found.bills)
        if answer.more and not batch.is_small:
            return None
        if answer.more or not answer.is_complete:
            # With lines missing, a failure could pass for a success.
            raise _partial(batch, answer)
        return await asyncio.to_thread(lambda: attempts_in(lines_of(answer.rows)))

    def _note_silent(self, left: Sequence[Member], now: datetime) -> None:
        """A function that writes no reports, as its log level can say, is not asked for at each of its calls."""
        for pending, _ in left:
            if not pending.is_event and now - pending.started_at >= SILENT_AFTER:
                self._silence.note(_key(pending), now)


def _key(pending: Pending) -> str:
    return f"{pending.account_id}:{pending.region}:{pending.function_name}"


def _partial(batch: Batch, answer: LogAnswer) -> CallFailed:
    told = f"there are more than {ROWS} lines" if answer.more else "the query did not complete"
    return CallFailed(OutcomeKind.AWS_ERROR, "PartialLogs", f"{told} about {len(batch.members)} calls.")

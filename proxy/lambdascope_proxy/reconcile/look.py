"""One run's look into the logs: batch by batch it asks, completes what is settled, and tells what is left and why."""

import asyncio
from collections import deque
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from opentelemetry.trace import Span, StatusCode, Tracer, get_current_span

from lambdascope_analytics.pricing import load_rates
from lambdascope_analytics.store.amendments import amend
from lambdascope_proxy import names
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.cloudwatch.insights import LogAnswer, LogQuery
from lambdascope_proxy.cloudwatch.log_groups import estimated_scan_bytes
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.guard import guarded
from lambdascope_proxy.reconcile.attempts import Attempt, attempts_in, lines_of
from lambdascope_proxy.reconcile.links import links_to
from lambdascope_proxy.reconcile.log_access import LogAccess
from lambdascope_proxy.reconcile.pending import EVENT_REACH, REACH, Batch, Member, batches_of, halves, split
from lambdascope_proxy.reconcile.queries import reports_query, requests_query
from lambdascope_proxy.reconcile.settled import Settled, describe, settled_of
from lambdascope_proxy.reconcile.settled_meter import meter_settled
from lambdascope_proxy.reconcile.settling import amendment_of, is_settled
from lambdascope_proxy.reconcile.tally import Reconciled, in_words
from lambdascope_proxy.reconcile.thrift import Generous
from lambdascope_proxy.telemetry.meters import Meters

ROWS: Final = 50_000

Row = Mapping[str, Any]


class _TooManyError(Exception):
    """There are more lines than an answer holds."""


class Look:
    """Looks once. `thrift` says what may be asked, `found` is told what came of it, `gate` masks what is written.

    Each question to the logs has a span, which is linked to the calls that it is about.
    """

    def __init__(
        self,
        directory: Path,
        logs: LogAccess,
        thrift: Generous,
        found: Reconciled,
        gate: Callable[[Row], Row],
        *,
        tracer: Tracer,
        meters: Meters | None = None,
    ) -> None:
        self._meters = meters
        self._tracer = tracer
        self._directory = directory
        self._logs = logs
        self._thrift = thrift
        self._found = found
        self._gate = gate
        self._now = thrift.now

    async def complete(self, members: Sequence[Member]) -> None:
        """Look for these calls: where most attempts are; for events that may have waited in all of their time."""
        far, near = _parted(members, self._thrift.is_near_done)
        left = await self._ask_all(batches_of(near, self._now), REACH)
        more, left = _parted(left, self._thrift.is_far_due)
        left += await self._ask_all(batches_of([*far, *more], self._now, reach=EVENT_REACH), EVENT_REACH)
        events = sum(pending.is_event for pending, _ in left)
        self._found.still_pending += events
        self._found.not_found += len(left) - events
        await self._thrift.close()

    async def _ask_all(self, batches: Iterable[Batch], reach: timedelta) -> list[Member]:
        """Complete what is settled; return what was looked for and is not."""
        left: list[Member] = []
        waiting = deque(batches)
        while waiting:
            batch = waiting.popleft()
            heard, silent = _parted(batch.members, lambda member: self._thrift.is_heard(member[0]))
            self._found.postponed += len(silent)
            if not heard:
                continue
            batch = batch.only(heard, self._now, reach)
            try:
                with self._span(batch, reach):
                    left += await self._ask(batch, reach)
            except _TooManyError:
                waiting.extendleft(split(batch, self._now, reach=reach))
            except CallFailed as failed:
                if _can_be_halved(failed, batch, reach):
                    waiting.extendleft(halves(batch, self._now, reach=reach))
                    continue
                self._found.skipped += len(batch.members)
                self._found.reasons.append(in_words(batch.group, failed))
        return left

    @contextmanager
    def _span(self, batch: Batch, reach: timedelta) -> Generator[Span]:
        """Red, without a text, unless it went well or the batch is asked about again in parts."""
        with self._tracer.start_as_current_span(
            "reconcile",
            links=links_to(pending for pending, _ in batch.members),
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield span
            except _TooManyError:
                raise
            except Exception as error:
                if not _can_be_halved(error, batch, reach):
                    failure = error.failure.error_type if isinstance(error, CallFailed) else type(error).__name__
                    span.set_attribute(names.ERROR_TYPE, failure)
                    span.set_status(StatusCode.ERROR)
                raise

    async def _ask(self, batch: Batch, reach: timedelta) -> list[Member]:
        """One batch. Raises: CallFailed, _TooManyError."""
        group = await self._logs.check(batch.place, batch.group, batch.window, self._now)
        estimated_bytes = estimated_scan_bytes(group, batch.window, self._now)
        if not await self._thrift.pay(batch, reach, estimated_bytes):
            self._found.postponed += len(batch.members)
            return []
        answer = await self._answer(batch)
        self._thrift.correct(batch, answer.scanned_bytes - estimated_bytes)
        if answer.more and not batch.is_small:
            raise _TooManyError
        if answer.more or not answer.is_complete:
            # With lines missing, a failure could pass for a success.
            raise _partial(batch, answer)
        attempts = await asyncio.to_thread(lambda: attempts_in(lines_of(answer.rows)))
        self._thrift.hear(batch, attempts.keys())
        return await self._settle(batch, attempts)

    async def _answer(self, batch: Batch) -> LogAnswer:
        # Scanning is what costs: many requests of one time are found among all reports of that time, in one scan.
        ids = [pending.request_id for pending, _ in batch.members]
        functions = list({function.name: function for _, function in batch.members}.values())
        by_name = batch.is_small and requests_query(functions, ids, with_errors=batch.has_events)
        text = by_name or reports_query(functions)
        query = LogQuery(groups=(batch.group,), text=text, window=batch.window, limit=ROWS)
        return await self._logs.ask(batch.place, query, self._found.bills)

    async def _settle(self, batch: Batch, attempts: Mapping[str, Sequence[Attempt]]) -> list[Member]:
        left: list[Member] = []
        settled: list[Settled] = []
        amendments: list[Row] = []
        for pending, function in batch.members:
            those = attempts.get(pending.request_id, ())
            if is_settled(pending, function, those, batch.window.end):
                row = amendment_of(pending, function, those, load_rates())
                amendments.append(self._gate(row))
                settled.append(settled_of(pending, function, those, row))
                self._thrift.forget(pending)
            else:
                left.append((pending, function))
        self._found.completed += await asyncio.to_thread(amend, self._directory, amendments)
        guarded("describing a look", describe, get_current_span(), batch, settled)
        if self._meters:
            guarded("metering what was completed", meter_settled, self._meters, settled)
        return left


def _parted(members: Iterable[Member], test: Callable[[Member], bool]) -> tuple[list[Member], list[Member]]:
    """Those that pass the test, and the others."""
    passed: list[Member] = []
    others: list[Member] = []
    for member in members:
        (passed if test(member) else others).append(member)
    return passed, others


def _can_be_halved(error: Exception, batch: Batch, reach: timedelta) -> bool:
    return isinstance(error, CallFailed) and error.failure.error_type == "ScanTooLarge" and batch.span > reach


def _partial(batch: Batch, answer: LogAnswer) -> CallFailed:
    told = f"there are more than {ROWS} lines" if answer.more else "the query did not complete"
    return CallFailed(OutcomeKind.AWS_ERROR, "PartialLogs", f"{told} about {len(batch.members)} calls.")

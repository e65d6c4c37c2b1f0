"""What a run may ask: by hand everything that is due, in the background what the ledger allows."""

import asyncio
from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from lambdascope_proxy.reconcile.ledger import Ledger
from lambdascope_proxy.reconcile.pending import LATE, Batch, Member, Pending, last_end, may_have_run_later, next_look

# Of a call so old the logs tell, if they tell of its function at all.
_SILENT_AFTER: Final = timedelta(minutes=10)


class Generous:
    """By hand: whatever is due is asked for, and nothing is noted."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def is_due(self, pending: Pending) -> bool:
        """Whether to look for the call at all."""
        return True

    def is_near_done(self, member: Member) -> bool:
        """Whether the call's first window was read before, and all of its time is to be read now."""
        return False

    def is_far_due(self, member: Member) -> bool:
        """Whether, not being settled by its first window, it is to be looked for in all of its time."""
        return may_have_run_later(*member, self.now)

    def is_heard(self, pending: Pending) -> bool:
        """Whether the call's function writes reports, as far as is known."""
        return True

    async def pay(self, batch: Batch, reach: timedelta, scanned_bytes: int) -> bool:
        """Charge a query that is estimated to scan so much; whether it may be asked."""
        return True

    def correct(self, batch: Batch, more_bytes: int) -> None:
        """Charge what the query scanned beyond its estimate; negative if that was less."""

    def hear(self, batch: Batch, request_ids: Collection[str]) -> None:
        """Of the batch, the logs told of these requests."""

    def forget(self, pending: Pending) -> None:
        """The call is completed."""

    async def close(self) -> None:
        """The run has ended."""


class Thrift(Generous):
    """In the background: a few looks for each call, ever fewer for silent functions, none beyond the allowances."""

    def __init__(self, ledger: Ledger, directory: Path, max_scan_gb: float, now: datetime) -> None:
        super().__init__(now)
        self._ledger = ledger
        self._directory = directory
        self._max_scan_gb = max_scan_gb

    def is_due(self, pending: Pending) -> bool:
        return self._ledger.is_due(pending.call_id, self.now) and self.is_heard(pending)

    def is_near_done(self, member: Member) -> bool:
        return self._ledger.was_looked_for(member[0].call_id) and self.is_far_due(member)

    def is_far_due(self, member: Member) -> bool:
        # Once, when nothing can come any more: six hours of the log are not read for a part of them.
        return member[0].is_event and last_end(*member) + LATE <= self.now

    def is_heard(self, pending: Pending) -> bool:
        return self._ledger.silence.is_due(_key(pending), self.now)

    async def pay(self, batch: Batch, reach: timedelta, scanned_bytes: int) -> bool:
        if not self._ledger.allows(_log_of(batch), batch.window.seconds, self._max_scan_gb, self.now):
            return False
        self._ledger.charge(_log_of(batch), batch.window.seconds, scanned_bytes, self._max_scan_gb, self.now)
        self._ledger.note_looks(
            (pending.call_id, pending.started_at, next_look(pending, function, self.now, reach))
            for pending, function in batch.members
        )
        # Before the answer: whatever becomes of it, and of this process, it is paid for.
        await self.close()
        return True

    def correct(self, batch: Batch, more_bytes: int) -> None:
        self._ledger.charge(_log_of(batch), 0, more_bytes, self._max_scan_gb, self.now)

    def hear(self, batch: Batch, request_ids: Collection[str]) -> None:
        those = [pending for pending, _ in batch.members]
        heard = {_key(pending) for pending in those if pending.request_id in request_ids}
        old = {_key(pending) for pending in those if self.now - pending.started_at >= _SILENT_AFTER}
        for key in heard:
            self._ledger.silence.forget(key)
        for key in old - heard:
            self._ledger.silence.note(key, self.now)

    def forget(self, pending: Pending) -> None:
        self._ledger.next_looks.pop(pending.call_id, None)

    async def close(self) -> None:
        await asyncio.to_thread(self._ledger.write, self._directory, self.now)


def _key(pending: Pending) -> str:
    return f"{pending.account_id}:{pending.region}:{pending.function_name}"


def _log_of(batch: Batch) -> str:
    return f"{batch.place.account_id}:{batch.place.region}:{batch.group}"

"""What was spent outside this process's own count: before it began, by other processes, and what became known later.

A child process reads that from the history, now and then and without any call waiting, but for the first one.
"""

import asyncio
import logging
import os
import socket
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from lambdascope_analytics.errors import HistoryError
from lambdascope_proxy.budgets.budget import Scope
from lambdascope_proxy.budgets.purse import Purse, day_of, purse_of
from lambdascope_proxy.budgets.spending import NOTHING, Spent, seconds
from lambdascope_proxy.call import Caller

log = logging.getLogger(__name__)

STATEMENT: Final = "monitoring/spent"
FRESH: Final = timedelta(seconds=60)
# Calls wait for a look that is older: nobody called for so long, while other processes may have.
STALE: Final = timedelta(minutes=5)
# Days that are over change only when the logs tell what asynchronous calls cost.
EARLIER_FRESH: Final = timedelta(hours=1)
PATIENCE_S: Final = 10.0

Rows = Sequence[Mapping[str, Any]]
Ask = Callable[[str, Mapping[str, object]], Awaitable[Rows]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a look found: what was paid from each purse, and the rows of the month's earlier days for the next look."""

    at: datetime
    sums: Mapping[Purse, Spent]
    earlier: Rows
    earlier_at: datetime


@dataclass(slots=True, kw_only=True)
class Elsewhere:
    """Knows the latest look. `began_at` is when this process began to count its own calls."""

    ask: Ask
    began_at: datetime
    looks_at_month: bool
    patience_s: float = PATIENCE_S
    _looked: Looked | None = None
    _failed_at: datetime | None = None
    _looking: "asyncio.Task[None] | None" = field(default=None, repr=False)

    @property
    def is_known(self) -> bool:
        """Whether there was a look that found something out."""
        return self._looked is not None

    def spent(self, purse: Purse) -> Spent:
        """What was spent there from this purse."""
        return self._looked.sums.get(purse, NOTHING) if self._looked else NOTHING

    async def catch_up(self, now: datetime) -> None:
        """Has the history looked at when the last look is old; waits for it only if very old, and not for ever."""
        if self._is_due(now):
            self._look(now)
        if self._looking is not None and self._must_wait(now):
            await asyncio.wait({self._looking}, timeout=self.patience_s)

    async def aclose(self) -> None:
        """Gives up a look under way."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait({self._looking})

    def _is_due(self, now: datetime) -> bool:
        if self._looking is not None:
            return False
        last = max((at for at in (self._failed_at, self._looked and self._looked.at) if at), default=None)
        has_day_begun = self._looked is not None and day_of(self._looked.at) != day_of(now)
        return last is None or now - last >= FRESH or (has_day_begun and self._failed_at is None)

    def _must_wait(self, now: datetime) -> bool:
        if self._looked is None:
            return self._failed_at is None
        return now - self._looked.at >= STALE or day_of(self._looked.at) != day_of(now)

    def _look(self, now: datetime) -> None:
        self._looking = asyncio.create_task(self._looks(now))

    async def _looks(self, now: datetime) -> None:
        try:
            self._looked = await self._found(now)
            self._failed_at = None
        except (HistoryError, OSError) as error:
            if self._failed_at is None:
                log.warning("budgets count only what this process spent since the last look at the history: %s", error)
            self._failed_at = now
        finally:
            self._looking = None

    async def _found(self, now: datetime) -> Looked:
        day, last = day_of(now), self._looked
        if last is not None and day_of(last.at) == day and now - last.earlier_at < EARLIER_FRESH:
            earlier, earlier_at = last.earlier, last.earlier_at
        else:
            earlier, earlier_at = await self._rows(day.replace(day=1), day) if self.looks_at_month else (), now
        today = await self._rows(day, day + timedelta(days=1))
        return Looked(at=now, sums=sums_of(today, earlier, now), earlier=earlier, earlier_at=earlier_at)

    async def _rows(self, after: datetime, before: datetime) -> Rows:
        if after == before:
            return ()
        asked = {
            "started_after": after,
            "started_before": before,
            "own_host": socket.gethostname(),
            "own_pid": os.getpid(),
            "own_since": self.began_at,
        }
        return await self.ask(STATEMENT, asked)


def sums_of(today: Rows, earlier: Rows, now: datetime) -> dict[Purse, Spent]:
    """What each purse of today and of this month paid, by rows of today and of the month's earlier days."""
    sums: dict[Purse, Spent] = defaultdict(Spent)
    for row in today:
        caller = Caller(transport="http", principal=row["principal"])
        for scope in Scope:
            if scope is not Scope.SESSION or row["has_no_session"]:
                sums[purse_of(scope, caller, now)] += _spent(row)
    for row in earlier:
        sums[purse_of(Scope.MONTH, Caller(transport="http"), now)] += _spent(row)
    return dict(sums)


def _spent(row: Mapping[str, Any]) -> Spent:
    return Spent(
        usd=row["cost_usd"] or Decimal(0), seconds=seconds(row["invoke_ms"]), unpriced=int(row["unpriced_calls"] or 0)
    )

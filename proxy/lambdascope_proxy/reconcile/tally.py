"""What a run that asked the logs did, and what AWS charges for it."""

import os
import socket
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lambdascope_analytics.store.row import SCHEMA_VERSION
from lambdascope_proxy.call import OutcomeKind, call_ids
from lambdascope_proxy.cloudwatch.bill import Bill
from lambdascope_proxy.errors import CallFailed


@dataclass(slots=True, kw_only=True)
class Bills:
    """What was asked of CloudWatch, by region."""

    by_region: dict[str, Bill] = field(default_factory=dict[str, Bill])

    def add(self, bill: Bill | None) -> None:
        """Add a bill, if there is one."""
        if bill is not None:
            known = self.by_region.get(bill.region)
            self.by_region[bill.region] = known + bill if known else bill

    def as_data(self) -> list[Mapping[str, Any]]:
        """For a report: one bill for each region."""
        return [{"region": region, **bill.as_data()} for region, bill in sorted(self.by_region.items())]


@dataclass(slots=True, kw_only=True)
class Reconciled:
    """What one run came to, in calls: looked = completed + still_pending + not_found + skipped + postponed.

    `not_found` are those of which the logs do not tell, `skipped` those that could not be looked for; `reasons` says
    why. `postponed` waits in the background until enough of the log may be read again, or its function is heard of.
    `is_busy`: another process is at it, nothing was done.
    """

    looked: int = 0
    completed: int = 0
    still_pending: int = 0
    not_found: int = 0
    skipped: int = 0
    postponed: int = 0
    reasons: list[str] = field(default_factory=list[str])
    bills: Bills = field(default_factory=Bills)
    is_busy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A run by its name in the history: since when, and on whose behalf (`transport`, None in the background)."""

    name: str
    transport: str | None
    started_at: datetime
    began_ns: int = field(default_factory=time.perf_counter_ns)


def rows_of(bills: Iterable[Bill], work: Work) -> list[dict[str, Any]]:
    """The rows by which the history knows what a run without a tool call cost: one for each region."""
    usual: dict[str, Any] = {
        "started_at": work.started_at,
        "transport": work.transport,
        "tool_name": work.name,
        "target": "cloudwatch",
        "outcome": OutcomeKind.OK.value,
        "total_ms": round((time.perf_counter_ns() - work.began_ns) / 1e6, 3),
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "schema_version": SCHEMA_VERSION,
    }
    return [{"call_id": call_ids.next(), **usual, **_price(bill)} for bill in bills]


def in_words(what: str, failed: CallFailed) -> str:
    """Why something was left out."""
    return f"{what}: {failed} {failed.failure.hint}".strip()


def _price(bill: Bill) -> dict[str, Any]:
    cost_usd = bill.cost_usd
    if cost_usd is None:
        return {"region": bill.region, "cost_source": "none"}
    return {
        "region": bill.region,
        "cost_usd": cost_usd,
        "cost_source": "estimated",
        "rates_version": bill.rates_version,
    }

"""Writes one history row per call, whatever its end."""

import asyncio
import os
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lambdascope_analytics.fingerprint import fingerprint
from lambdascope_analytics.privacy.keeping import PayloadKeeper
from lambdascope_analytics.store.row import SCHEMA_VERSION
from lambdascope_proxy.call import Call, Failure, Next, Outcome, cancelled_outcome
from lambdascope_proxy.facts import facts_of
from lambdascope_proxy.guard import guarded

HOST = socket.gethostname()


@dataclass(frozen=True, slots=True)
class RecordStep:
    """Hands the row to `append`, which never waits and never raises; payloads only where there is a keeper.

    The row still holds secrets: the gate before the disk masks them.
    """

    append: Callable[[Mapping[str, Any]], object]
    keeper: PayloadKeeper | None = None

    async def __call__(self, call: Call, call_next: Next) -> Outcome:
        """Records the outcome, or that the caller went away."""
        try:
            outcome = await call_next(call)
        except asyncio.CancelledError as cancelled:
            guarded("recording a call", self._record, call, cancelled_outcome(cancelled, call.progress.bill))
            raise
        guarded("recording a call", self._record, call, outcome)
        return outcome

    def _record(self, call: Call, outcome: Outcome) -> None:
        total_ms = round((time.perf_counter_ns() - call.arrived_ns) / 1e6, 3)
        row = row_of(call, outcome, total_ms)
        if self.keeper is None or not outcome.invocation:
            self.append(row)
            return
        row |= self.keeper.take(outcome.invocation.sent, outcome.invocation.received)
        if not self.append(row):
            self.keeper.release(row)


def row_of(call: Call, outcome: Outcome, total_ms: float) -> dict[str, Any]:
    """The history row of a call that took `total_ms` from arrival to answer."""
    invoke_ms = outcome.invocation.invoke_ms if outcome.invocation else None
    return {
        **facts_of(call, outcome),
        **_failure(outcome.failure),
        "total_ms": total_ms,
        "proxy_ms": None if invoke_ms is None else round(max(0.0, total_ms - call.progress.waited_ms - invoke_ms), 3),
        "host": HOST,
        "pid": os.getpid(),
        "schema_version": SCHEMA_VERSION,
    }


def _failure(failure: Failure | None) -> dict[str, Any]:
    if failure is None:
        return {}
    message = failure.recorded or failure.message
    return {
        "error_message": message,
        "error_fingerprint": fingerprint(failure.error_type, message, failure.stack),
    }

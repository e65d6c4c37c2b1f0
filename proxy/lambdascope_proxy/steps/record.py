"""Writes one history row per call, whatever its end."""

import asyncio
import os
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lambdascope_analytics.store.row import SCHEMA_VERSION
from lambdascope_proxy.call import Call, Next, Outcome, cancelled_outcome
from lambdascope_proxy.facts import facts_of
from lambdascope_proxy.guard import guarded

HOST = socket.gethostname()


@dataclass(frozen=True, slots=True)
class RecordStep:
    """Hands the row to `append`, which never waits and never raises."""

    append: Callable[[Mapping[str, Any]], object]

    async def __call__(self, call: Call, call_next: Next) -> Outcome:
        """Records the outcome, or that the caller went away."""
        try:
            outcome = await call_next(call)
        except asyncio.CancelledError as cancelled:
            guarded("recording a call", self._record, call, cancelled_outcome(cancelled))
            raise
        guarded("recording a call", self._record, call, outcome)
        return outcome

    def _record(self, call: Call, outcome: Outcome) -> None:
        total_ms = round((time.perf_counter_ns() - call.arrived_ns) / 1e6, 3)
        self.append(row_of(call, outcome, total_ms))


def row_of(call: Call, outcome: Outcome, total_ms: float) -> dict[str, Any]:
    """The history row of a call that took `total_ms` from arrival to answer."""
    invoke_ms = outcome.invocation.invoke_ms if outcome.invocation else None
    return {
        **facts_of(call, outcome),
        "total_ms": total_ms,
        "proxy_ms": None if invoke_ms is None else round(max(0.0, total_ms - invoke_ms), 3),
        "host": HOST,
        "pid": os.getpid(),
        "schema_version": SCHEMA_VERSION,
    }

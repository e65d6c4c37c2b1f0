"""The history row of an execution that only the logs know: it never came through a proxy. Pure."""

import hashlib
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from lambdascope_analytics.pricing import RateTable
from lambdascope_analytics.store.row import SCHEMA_VERSION
from lambdascope_proxy.reconcile.attempts import Attempt
from lambdascope_proxy.reconcile.settling import ending_of, price_of
from lambdascope_proxy.selection import Function

TRANSPORT: Final = "backfill"
_EPOCH: Final = datetime.fromisoformat("1970-01-01T00:00:00Z")


def row_of(attempt: Attempt, function: Function, rates: RateTable) -> dict[str, Any]:
    """The row of one attempt: no tool, no caller, and of the three clocks only Lambda's own."""
    report = attempt.report
    return {
        "call_id": str(import_id(attempt, function)),
        "started_at": attempt.began_at,
        "transport": TRANSPORT,
        "target": "lambda",
        "function_name": function.name,
        "executed_version": attempt.executed_version,
        "region": function.region,
        "account_id": function.account_id,
        "architecture": function.architecture,
        "runtime": function.runtime,
        **ending_of(attempt, function),
        "duration_ms": report.duration_ms,
        "billed_ms": attempt.billed_ms,
        "init_ms": report.init_ms,
        "restore_ms": report.restore_ms,
        "cold_start": report.is_cold,
        "memory_mb": report.memory_mb,
        "max_memory_mb": report.max_memory_mb,
        "request_id": report.request_id,
        "xray_trace_id": report.xray_trace_id,
        **price_of([attempt], function, rates),
        "schema_version": SCHEMA_VERSION,
    }


def import_id(attempt: Attempt, function: Function) -> UUID:
    """The call id of an imported attempt: the same whenever and wherever it is imported.

    Laid out as a UUIDv7 (RFC 9562, section 5.7), with the beginning of the execution as its time and a hash of what it
    is (account, region, function, request, end of the attempt) in place of randomness.
    """
    ended_us = (attempt.at - _EPOCH) // timedelta(microseconds=1)
    what = (function.account_id, function.region, function.name, attempt.report.request_id, str(ended_us))
    bits = int.from_bytes(hashlib.sha256("\0".join(what).encode()).digest()[:10], "big")
    milliseconds = (attempt.began_at - _EPOCH) // timedelta(milliseconds=1)
    return UUID(
        int=(milliseconds << 80) | (0x7 << 76) | ((bits >> 62 & 0xFFF) << 64) | (0b10 << 62) | (bits & (1 << 62) - 1)
    )

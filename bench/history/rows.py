"""Rows as the proxy makes them: a few hundred kinds of call, each row with ids and times of its own."""

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from lambdascope_analytics.store.row import COLUMN_NAMES, SCHEMA_VERSION

Row = Mapping[str, Any]

KINDS = 500
FUNCTIONS = 20
USD_PER_MB_MS = Decimal("0.000000000013")
USD_PER_REQUEST = Decimal("0.0000002")
_IN_EVERY_ROW: dict[str, Any] = dict.fromkeys(COLUMN_NAMES) | {
    "client_name": "claude-code",
    "client_version": "2.1.0",
    "transport": "stdio",
    "protocol_version": "2026-07-28",
    "tool_name": "invoke_function",
    "target": "lambda",
    "executed_version": "$LATEST",
    "region": "eu-central-1",
    "account_id": "123456789012",
    "architecture": "arm64",
    "runtime": "python3.13",
    "invocation_type": "RequestResponse",
    "attempts": 1,
    "cost_source": "measured",
    "rates_version": "2026-09-19",
    "host": "ip-10-0-0-12",
    "pid": 4000,
    "schema_version": SCHEMA_VERSION,
}


class RowSource:
    """Makes rows; equal seeds make equal rows but for their times."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._kinds = [_kind(self._random) for _ in range(KINDS)]

    def rows(self, count: int, at_s: float) -> Iterator[dict[str, Any]]:
        """Yield rows of calls that arrived at a time (Unix seconds)."""
        at = datetime.fromtimestamp(at_s, UTC)
        bits = self._random.getrandbits
        version_7 = int(at_s * 1000) << 80 | 7 << 76 | 2 << 62
        for _ in range(count):
            row = dict(self._kinds[bits(24) % KINDS])
            row["call_id"] = _hyphenated(f"{version_7 | bits(12) << 64 | bits(62):032x}")
            row["started_at"] = at + timedelta(microseconds=bits(14))
            row["trace_id"] = f"{bits(128):032x}"
            row["span_id"] = f"{bits(64):016x}"
            row["request_id"] = _hyphenated(f"{bits(128):032x}")
            row["request_bytes"] = bits(10)
            row["response_bytes"] = bits(13)
            _time(row, bits)
            yield row


def _time(row: dict[str, Any], bits: Callable[[int], int]) -> None:
    """Fill in times that differ from row to row, as measured ones do, and what they cost."""
    duration_ms = round(row["duration_ms"] * (1 + bits(12) / 4096), 2)
    handled_ms = duration_ms + (row["init_ms"] or 0.0)
    overhead_ms, proxy_ms = bits(13) / 1000, (1500 + bits(10)) / 1000
    row["duration_ms"] = duration_ms
    row["overhead_ms"], row["proxy_ms"] = overhead_ms, proxy_ms
    row["invoke_ms"] = round(handled_ms + overhead_ms, 3)
    row["total_ms"] = round(handled_ms + overhead_ms + proxy_ms, 3)
    row["billed_ms"] = int(handled_ms) + 1
    row["cost_usd"] = USD_PER_REQUEST + row["billed_ms"] * row["memory_mb"] * USD_PER_MB_MS


def numbered(source: RowSource, numbers: range, at_s: float) -> list[dict[str, Any]]:
    """Return rows that say which they are, in two columns: a row mixed up from two would contradict itself."""
    rows = list(source.rows(len(numbers), at_s))
    for row, number in zip(rows, numbers, strict=True):
        row["call_id"] = call_id_of(number)
        row["request_bytes"] = number
    return rows


def call_id_of(number: int) -> str:
    """Return the call id of a numbered row."""
    return _hyphenated(f"{0x7000_8000 << 64 | number:032x}")


def _hyphenated(digits: str) -> str:
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _kind(draw: random.Random) -> dict[str, Any]:
    function = draw.randrange(FUNCTIONS)
    memory_mb = 128 * (1 + function % 4)
    is_cold, fails = draw.random() < 0.02, draw.random() < 0.03
    return _IN_EVERY_ROW | {
        "session_id": f"sess-{draw.getrandbits(64):016x}",
        "function_name": f"team-prod-function-{function}",
        "outcome": "function_error" if fails else "ok",
        "error_type": "KeyError" if fails else None,
        "error_message": f"missing key order_{draw.randrange(1000)}" if fails else None,
        "error_fingerprint": f"a1b2c3d4e5f6{function:02d}" if fails else None,
        "duration_ms": 2.718 ** (1 + 5 * draw.random()),
        "init_ms": round(draw.uniform(200, 500), 2) if is_cold else None,
        "cold_start": is_cold,
        "memory_mb": memory_mb,
        "max_memory_mb": int(memory_mb * 0.4) + draw.randrange(37),
    }

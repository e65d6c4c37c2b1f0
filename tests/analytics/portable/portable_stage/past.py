"""Twenty days of calls of every kind: cold, failed, retried, unpriced, from the logs, in three regions."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

START = datetime(2026, 10, 20, tzinfo=UTC)
DAYS = 20
END = START + timedelta(days=DAYS)
FUNCTIONS = ("orders", "quotes", "export", "stock")
FAILURES = {"function_error": "KeyError", "function_timeout": "Sandbox.Timedout", "throttled": "TooManyRequests"}


def rows(count: int = 2_000) -> Iterator[dict[str, object]]:
    """Yield them in the order of their times; always the same ones."""
    draw = random.Random(5)
    for number in range(count):
        yield _row(draw, number, START + timedelta(days=DAYS) * (number / count))


def _row(draw: random.Random, number: int, at: datetime) -> dict[str, object]:
    function = draw.choice(FUNCTIONS)
    row: dict[str, object] = {
        "call_id": UUID(int=0x01935A2B7C0070008000 << 48 | number),
        # With a fraction of a second: engines differ in what they keep of it.
        "started_at": at + timedelta(microseconds=draw.randrange(1_000_000)),
        "trace_id": f"{draw.getrandbits(128):032x}",
        "session_id": f"session-{draw.randrange(40)}" if draw.random() < 0.9 else None,
        "client_name": draw.choice(("claude-code", "cursor", None)),
        "principal": draw.choice(("ada", None)),
        "transport": "backfill" if draw.random() < 0.1 else "http",
        "tool_name": "invoke_function",
        "target": "lambda",
        "function_name": function,
        "executed_version": "2" if at > START + timedelta(days=12) else "1",
        "region": draw.choice(("us-east-1", "us-east-1", "eu-central-1", "cn-north-1")),
        "account_id": "123456789012",
        "architecture": "arm64" if function == "orders" else "x86_64",
        "runtime": "java21" if function == "export" else "python3.13",
        "invocation_type": "RequestResponse",
        "attempts": draw.choice((1, 1, 1, 2)),
        "request_bytes": draw.randrange(10_000),
        "response_bytes": draw.randrange(100_000),
        "host": "one",
        "pid": 7,
        "schema_version": 2,
    }
    return row | _ended(draw, row)


def _ended(draw: random.Random, row: dict[str, object]) -> dict[str, object]:
    chance = draw.random()
    if chance < 0.04:
        return {"target": "cloudwatch", "tool_name": "monitor_executions", "outcome": "ok", "total_ms": 300.0} | {
            "function_name": None,
            "cost_usd": Decimal("0.00021"),
            "cost_source": "estimated",
        }
    if chance < 0.055:
        of_functions = ("function_name", "executed_version", "region", "account_id", "architecture", "runtime")
        there: dict[str, object] = {
            "target": "upstream:shop",
            "tool_name": "shop__buy",
            "outcome": "ok",
            "total_ms": 40.5,
        }
        there |= {"cost_usd": Decimal("0.25"), "cost_source": "configured"}
        return {**dict.fromkeys(of_functions), **there}
    if chance < 0.07:
        return {"outcome": "refused", "error_type": "FunctionNotAllowed", "total_ms": 1.5, "cost_source": "none"}
    if chance < 0.10:
        return {"outcome": "accepted", "invocation_type": "Event", "total_ms": 20.25, "invoke_ms": 18.5}
    return _measured(draw, row)


def _measured(draw: random.Random, row: dict[str, object]) -> dict[str, object]:
    init_ms = round(draw.uniform(150, 900), 2) if draw.random() < 0.08 else None
    duration_ms = round(draw.lognormvariate(4, 1), 2)
    overhead_ms, proxy_ms = round(draw.uniform(2, 30), 3), round(draw.uniform(1, 4), 3)
    invoke_ms = duration_ms + (init_ms or 0.0) + overhead_ms
    billed_ms, memory_mb = int(duration_ms + (init_ms or 0.0)) + 1, draw.choice((128, 512, 1024))
    outcome = draw.choice(tuple(FAILURES)) if draw.random() < 0.07 else "ok"
    fails = outcome != "ok"
    is_priced = row["region"] != "cn-north-1"
    return {
        "outcome": outcome,
        "error_type": FAILURES.get(outcome),
        "error_message": f"order {draw.randrange(9)} went wrong" if fails else None,
        "error_fingerprint": f"{outcome}-{draw.randrange(3)}" if fails and draw.random() < 0.8 else None,
        "duration_ms": duration_ms,
        "billed_ms": billed_ms,
        "init_ms": init_ms,
        "cold_start": init_ms is not None,
        "overhead_ms": overhead_ms,
        "invoke_ms": invoke_ms,
        "proxy_ms": proxy_ms,
        "total_ms": invoke_ms + proxy_ms,
        "memory_mb": memory_mb,
        "max_memory_mb": int(memory_mb * draw.uniform(0.2, 0.95)),
        "request_id": f"request-{row['call_id']}",
        "cost_usd": Decimal(billed_ms * memory_mb) * Decimal("0.000000000016") if is_priced else None,
        "cost_source": draw.choice(("measured", "measured", "logs")) if is_priced else "none",
        "rates_version": "2026-09-19",
    }

"""Events that never change, and a short way to ask about them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from lambdascope_proxy.local.insights.evaluation import Event, evaluate

START_MS = int(datetime(2026, 11, 22, 9, 20, tzinfo=UTC).timestamp() * 1000)

Rows = list[dict[str, str]]


def report(request_id: str, *fields: str) -> str:
    return "\t".join([f"REPORT RequestId: {request_id}", *fields, ""])


MESSAGES: list[tuple[int, str, str, str]] = [  # ms after the start, log, stream, message without its newline
    (0, "f", "s1", "START RequestId: r1 Version: $LATEST"),
    (1000, "f", "s1", "[INFO]\t2026-11-22T09:20:01.000Z\tr1\tuser=ann, method:GET, latency := 12"),
    (2000, "f", "s1", "END RequestId: r1"),
    (
        2001,
        "f",
        "s1",
        report(
            "r1",
            "Duration: 212.40 ms",
            "Billed Duration: 601 ms",
            "Memory Size: 256 MB",
            "Max Memory Used: 94 MB",
            "Init Duration: 388.15 ms",
        ),
    ),
    (
        60_000,
        "f",
        "s1",
        report("r2", "Duration: 41.37 ms", "Billed Duration: 42 ms", "Memory Size: 256 MB", "Max Memory Used: 91 MB")
        + "\nXRAY TraceId: 1-6921a7c4-0f3b9d5e7a1c2b4d6e8f0a12\tSegmentId: 3c9e1f7a5b2d4860\tSampled: true\t",
    ),
    (
        61_500,
        "f",
        "s2",
        report(
            "r3",
            "Duration: 3000.00 ms",
            "Billed Duration: 3000 ms",
            "Memory Size: 128 MB",
            "Max Memory Used: 64 MB",
            "Status: timeout",
        ),
    ),
    (
        120_000,
        "j",
        "s3",
        json.dumps(
            {
                "time": "2026-11-22T09:22:00.000Z",
                "type": "platform.report",
                "record": {
                    "requestId": "r4",
                    "metrics": {
                        "durationMs": 10.5,
                        "billedDurationMs": 11,
                        "memorySizeMB": 512,
                        "maxMemoryUsedMB": 100,
                    },
                    "status": "success",
                },
            }
        ),
    ),
    (
        180_000,
        "j",
        "s3",
        json.dumps(
            {
                "level": "ERROR",
                "message": 'bad {"a": 1}',
                "user": {"name": "Bob", "age": 41, "tags": ["x", "y"]},
                "ok": True,
                "none": None,
                "@id": "z",
                "n": "10",
                "empty": "",
                "blank": " \t ",
                "padded": "  mid dle  ",
            }
        ),
    ),
    (
        240_000,
        "j",
        "s3",
        '{"level": "WARN", "user": {"name": "Ann", "age": 7}, "ok": false, "n": "9", "odd-key": "v", "big": 1.50}',
    ),
    (300_000, "f", "s2", "  file10.txt"),
]

EVENTS = [
    Event(
        timestamp_ms=START_MS + after_ms,
        ingested_ms=START_MS + after_ms + 5,
        message=message + "\n",
        log=f"123456789012:/aws/lambda/{log}",
        stream=stream,
        pointer=f"p{number}",
    )
    for number, (after_ms, log, stream, message) in enumerate(MESSAGES)
]


@pytest.fixture(scope="session")
def events() -> list[Event]:
    """The events."""
    return EVENTS


@pytest.fixture(scope="session")
def ask() -> Callable[..., Rows]:
    """The rows of a query over the fixed events, without @ptr."""

    def rows(query: str, **more: Any) -> Rows:
        found = evaluate(query, EVENTS, **more).rows
        return [{name: value for name, value in row if name != "@ptr"} for row in found]

    return rows

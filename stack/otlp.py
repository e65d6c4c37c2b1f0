"""OTLP documents made by hand, for what must be checked without the proxy."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

SCOPE = {"name": "stack"}


def span(
    number: int,
    name: str,
    *,
    attributes: Mapping[str, Any] | None = None,
    status: Mapping[str, int] | None = None,
    lasts_s: float = 0.01,
) -> dict[str, Any]:
    """A CLIENT span that begins now, in a trace of its own."""
    started = time.time_ns()
    return {
        "traceId": f"{number:032x}",
        "spanId": f"{number:016x}",
        "name": name,
        "kind": 3,
        "startTimeUnixNano": str(started),
        "endTimeUnixNano": str(started + int(lasts_s * 1e9)),
        "attributes": [{"key": key, "value": _typed(value)} for key, value in (attributes or {}).items()],
        "status": status or {},
    }


def traces(spans: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What is posted to /v1/traces."""
    return {"resourceSpans": [{"resource": {}, "scopeSpans": [{"scope": SCOPE, "spans": spans}]}]}


def counter(name: str) -> dict[str, Any]:
    """What is posted to /v1/metrics: a counter that stands at one."""
    point = {"timeUnixNano": str(time.time_ns()), "asInt": "1"}
    total = {"dataPoints": [point], "aggregationTemporality": 2, "isMonotonic": True}
    metrics = [{"name": name, "sum": total}]
    return {"resourceMetrics": [{"resource": {}, "scopeMetrics": [{"scope": SCOPE, "metrics": metrics}]}]}


def log_record(body: str) -> dict[str, Any]:
    """What is posted to /v1/logs."""
    record = {"timeUnixNano": str(time.time_ns()), "body": {"stringValue": body}}
    return {"resourceLogs": [{"resource": {}, "scopeLogs": [{"scope": SCOPE, "logRecords": [record]}]}]}


def _typed(value: bool | str) -> dict[str, bool | str]:
    return {"boolValue": value} if isinstance(value, bool) else {"stringValue": value}

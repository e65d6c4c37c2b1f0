from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from lambdascope_analytics.latency import FunctionLatency, latency_by_function

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def call(name: str, total_ms: float, duration_ms: float | None, **more: object) -> dict[str, object]:
    return {
        "started_at": NOON,
        "target": "lambda",
        "function_name": name,
        "region": "us-east-1",
        "outcome": "ok",
        "total_ms": total_ms,
        "invoke_ms": total_ms,
        "duration_ms": duration_ms,
        "cold_start": False,
    } | more


def test_percentiles_are_exact_and_interpolated(history_of: Callable[..., Any]) -> None:
    """1..101 has its quantile q at 1 + 100 q; a sketch or a nearest rank gives other values."""
    calls = [call("f", float(n), n / 4, cold_start=n <= 7) for n in range(1, 102)]
    assert latency_by_function(history_of(calls)) == [
        FunctionLatency(
            function_name="f",
            region="us-east-1",
            n=101,
            cold=7,
            total_p50_ms=51.0,
            total_p95_ms=96.0,
            total_p99_ms=100.0,
            total_max_ms=101.0,
            measured=101,
            duration_p50_ms=12.75,
            duration_p95_ms=24.0,
            duration_p99_ms=25.0,
            duration_max_ms=25.25,
        )
    ]


def test_unmeasured_durations_are_left_out_and_the_slowest_function_comes_first(
    history_of: Callable[..., Any],
) -> None:
    quick, slow = call("quick", 1.0, None, cold_start=None), call("slow", 9.0, 5.0)
    found = latency_by_function(history_of([quick, slow, slow | {"duration_ms": None}]))
    assert [(row.function_name, row.n, row.measured, row.duration_p50_ms) for row in found] == [
        ("slow", 2, 1, 5.0),
        ("quick", 1, 0, None),
    ]


def test_calls_that_nobody_waited_for_or_that_invoked_nothing_have_no_latency(
    history_of: Callable[..., Any],
) -> None:
    """A refusal in 0.1 ms would make a slow function look fast."""
    history = history_of(
        [
            call("f", 0.1, None, outcome="refused", invoke_ms=None),
            call("f", 0.1, None, outcome="accepted"),
            call("f", 0.1, None, outcome="dry_run"),
            call("f", 0.1, None, target="self"),
            call("f", 8.0, 7.0, outcome="function_error"),
        ]
    )
    (found,) = latency_by_function(history)
    assert (found.n, found.total_p50_ms) == (1, 8.0)


def test_a_window_includes_its_start_and_not_its_end(history_of: Callable[..., Any]) -> None:
    history = history_of([call("f", float(n), None, started_at=NOON + timedelta(hours=n)) for n in range(3)])
    (found,) = latency_by_function(history, started_after=NOON, started_before=NOON + timedelta(hours=2))
    assert (found.n, found.total_max_ms) == (2, 1.0)

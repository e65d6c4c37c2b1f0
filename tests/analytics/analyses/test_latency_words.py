"""What an answer about latency says: one sentence with units, notes only where there is something, one next step."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from lambdascope_analytics.analyses.latency_answer import Cause, Clock, LatencyFigures, SlowCall, Tail
from lambdascope_analytics.analyses.latency_figures import Measured, named_percentile
from lambdascope_analytics.analyses.latency_words import next_step_of, notes_of, summary_of

FIGURES = LatencyFigures(
    calls=1_000,
    failures=0,
    percentiles_ms={"p50": 72.4, "p99": 12_345.0},
    apdex=0.9,
    cold_calls=20,
    cold_share=0.02,
    cold_p50_ms=460.0,
    cold_p95_ms=900.0,
    warm_p50_ms=70.0,
    warm_p95_ms=600.0,
    cold_adds_ms=390.0,
    measured_calls=1_000,
    clocks={"proxy": Clock(mean_ms=2.0, share=0.02), "handler": Clock(mean_ms=98.0, share=0.98)},
)
CAUSE = Cause(
    feature="cold_start", value="cold", text="82% of ...", share_of_slowest=0.8, share_of_all=0.1, lift=8, p=0
)
TAIL = Tail(from_ms=12_345.0, calls=10, causes=(CAUSE,))
NO_CAUSE = replace(TAIL, causes=())
SLOW = SlowCall(
    call_id="0193-a",
    trace_id=None,
    started_at=datetime(2026, 11, 22, tzinfo=UTC),
    function_name="orders",
    outcome="ok",
    total_ms=12_345.0,
    cold_start=True,
)
FOUND = Measured(overall=FIGURES, groups=(), all_groups=1, contradictory_calls=0, p99_ms=12_345.0, buckets={})


def test_the_summary_has_percentiles_the_largest_clock_cold_starts_and_the_first_cause() -> None:
    assert summary_of(FIGURES, TAIL) == (
        "1,000 calls took p50 72.4 ms, p99 12.3 s; 98% of the time was spent in the handlers; "
        "2% were cold starts, at the median 390 ms slower than warm ones; 82% of ...."
    )


def test_the_summary_leaves_out_what_is_not_known() -> None:
    bare = replace(FIGURES, clocks={}, cold_calls=0, cold_share=None)
    assert summary_of(bare, NO_CAUSE) == "1,000 calls took p50 72.4 ms, p99 12.3 s."


def test_cold_starts_that_were_quicker_are_not_called_slower() -> None:
    assert "5.0 ms faster than warm ones" in summary_of(replace(FIGURES, cold_adds_ms=-5.0), NO_CAUSE)


def test_without_anything_to_know_there_are_no_notes() -> None:
    assert notes_of(FOUND, future_calls=0, has_clock_p95=True, most_for_clocks=9) == ()


@pytest.mark.parametrize(
    ("feature", "tool"),
    [
        ("cold_start", "recommend_settings(function_name"),
        ("memory", "recommend_settings(function_name"),
        ("outcome", "analyze_errors(function_name"),
        ("attempts", "analyze_errors(function_name"),
        ("client", "inspect_execution(call_id"),
    ],
)
def test_the_next_step_fits_what_the_slowest_share(feature: str, tool: str) -> None:
    assert next_step_of(replace(TAIL, causes=(replace(CAUSE, feature=feature),)), (SLOW,)).startswith(tool)


def test_without_a_cause_the_slowest_call_is_looked_at() -> None:
    assert next_step_of(NO_CAUSE, (SLOW,)).startswith('inspect_execution(call_id="0193-a")')


def test_percentiles_are_called_as_they_were_asked_for() -> None:
    asked = [50, 99.9, 99.99999, 99.999999999, 33.3]
    assert [named_percentile(percentile / 100) for percentile in asked] == [f"p{percentile}" for percentile in asked]

"""What an answer about latency says: one sentence with units, notes only where there is something, one next step."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lambdascope_analytics.analyses.known_functions import KnownFunctions
from lambdascope_analytics.analyses.latency_answer import Cause, Clock, LatencyFigures, SlowCall, Tail
from lambdascope_analytics.analyses.latency_figures import Measured, named_percentile
from lambdascope_analytics.analyses.latency_words import empty_step, next_step_of, notes_of, summary_of
from lambdascope_analytics.analyses.period import Period

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
FOUND = Measured(
    overall=FIGURES,
    groups=(),
    all_groups=1,
    contradictory_calls=0,
    asynchronous_calls=0,
    p99_ms=12_345.0,
    buckets={},
)
NOW = datetime(2026, 11, 22, tzinfo=UTC)
PERIOD = Period(start=NOW - timedelta(days=14), end=NOW)
ASKED: dict[str, object] = {"function_name": None, "group_by": None}


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


def test_calls_that_nobody_waited_for_are_counted_in_a_note() -> None:
    notes = notes_of(replace(FOUND, asynchronous_calls=1_200), future_calls=0, has_clock_p95=True, most_for_clocks=9)
    assert notes == ("Left out: 1,200 asynchronous calls, for which nobody waited.",)


@pytest.mark.parametrize(
    ("feature", "call"),
    [
        ("cold_start", 'recommend_settings(function_name="orders", time_range={"last": "14d"})'),
        ("memory", 'recommend_settings(function_name="orders", time_range={"last": "14d"})'),
        ("outcome", 'analyze_errors(function_name="orders", time_range={"last": "14d"})'),
        ("attempts", 'analyze_errors(function_name="orders", time_range={"last": "14d"})'),
        ("client", 'inspect_execution(call_id="0193-a")'),
    ],
)
def test_the_next_step_fits_what_the_slowest_share_and_keeps_the_period(feature: str, call: str) -> None:
    tail = replace(TAIL, causes=(replace(CAUSE, feature=feature),))
    assert next_step_of(tail, (SLOW,), asked=ASKED, period=PERIOD, now=NOW).startswith(call)


def test_the_next_step_is_about_the_function_and_the_group_that_were_asked_about() -> None:
    asked = {"function_name": "us-east-1:quotes", "group_by": "tool"}
    tail = replace(TAIL, causes=(replace(CAUSE, feature="outcome"),))
    assert next_step_of(tail, (SLOW,), asked=asked, period=PERIOD, now=NOW).startswith(
        'analyze_errors(function_name="us-east-1:quotes", group_by="tool", time_range='
    )


def test_without_a_cause_the_slowest_call_is_looked_at() -> None:
    step = next_step_of(NO_CAUSE, (SLOW,), asked=ASKED, period=PERIOD, now=NOW)
    assert step.startswith('inspect_execution(call_id="0193-a")')


def test_where_nothing_can_be_told_the_next_step_is_one_that_can_and_none_where_there_is_none() -> None:
    """A longer period alone would lead nowhere: what is proposed ends with a call that there was."""

    def step(last_at: datetime | None, known: KnownFunctions, length: timedelta = timedelta(days=1)) -> str | None:
        asked = {"function_name": "orders", "group_by": "day"}
        return empty_step(last_at, known, asked=asked, period=Period(start=NOW - length, end=NOW), now=NOW)

    at, orders = datetime(2026, 9, 10, 12, tzinfo=UTC), KnownFunctions(names=("orders",), count=1)
    again = 'analyze_latency(function_name="orders", group_by="day", time_range={"start": "'
    assert (
        step(at, orders) == again + '2026-09-09T12:00:01Z", "end": "2026-09-10T12:00:01Z"}) looks at the latest calls.'
    )
    assert '{"start": "2026-08-11T12:00:01Z"' in str(step(at, orders, timedelta(days=36_000))), "a month at most"
    assert step(None, orders) is None, "nobody ever waited for it"
    assert "invoke_function" in str(step(None, KnownFunctions()))


def test_percentiles_are_called_as_they_were_asked_for() -> None:
    asked = [50, 99.9, 99.99999, 99.999999999, 33.3]
    assert [named_percentile(percentile / 100) for percentile in asked] == [f"p{percentile}" for percentile in asked]

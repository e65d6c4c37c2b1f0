"""Latency of a history's calls: every figure equals what pandas computes from the same rows."""

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambdascope_analytics.analyses import latency
from lambdascope_analytics.analyses.grouping import GROUPS
from lambdascope_analytics.analyses.latency import analyse_latency
from lambdascope_analytics.analyses.latency_answer import LatencyAnswer, LatencyFigures
from lambdascope_analytics.errors import QuestionError
from lambdascope_analytics.history import History

START = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
END = START + timedelta(days=2)
NOW = END + timedelta(hours=1)
SUMS = {"proxy": "proxy_ms", "network_and_platform": "overhead_ms", "init": "init_all_ms", "handler": "duration_ms"}
COLUMNS = {
    "function": "function_name",
    "tool": "tool_name",
    "client": "client_name",
    "session": "session_id",
    "principal": "principal",
    "outcome": "outcome",
    "region": "region",
}


def row_of(draw: random.Random, number: int) -> dict[str, object]:
    """A call: cold or warm or not known, failed, without report, with clocks that contradict each other, not timed."""
    kind = draw.random()
    cold = None if kind < 0.05 else draw.random() < 0.1
    function = draw.choice(("orders", "orders", "quotes", "stock"))
    duration, init = round(draw.lognormvariate(4, 1), 3), round(draw.uniform(100, 900), 3) if cold else None
    proxy, overhead = round(draw.uniform(0.1, 3), 3), round(draw.uniform(1, 9), 3) if kind > 0.08 else -3.0
    invoke = round(duration + (init or 0) + overhead, 3)
    row: dict[str, object] = {
        "call_id": UUID(int=0x01935A2B7C0070008000 << 48 | number),
        "trace_id": f"{number:032x}",
        "started_at": START + (END - START) * draw.random(),
        "target": "lambda",
        "transport": "http",
        "tool_name": draw.choice(("invoke_function", function)),
        "client_name": draw.choice(("claude-code", "cursor", None)),
        "session_id": f"s{draw.randrange(9)}",
        "principal": draw.choice(("ada", None)),
        "function_name": function,
        "executed_version": draw.choice(("1", "2", None)),
        "region": "us-east-1" if function != "quotes" else draw.choice(("us-east-1", "eu-west-1")),
        "account_id": "123456789012",
        "outcome": draw.choice(("ok", "ok", "ok", "function_error")),
        "total_ms": round(invoke + proxy, 3),
        "invoke_ms": invoke,
        "proxy_ms": proxy,
        "cold_start": cold,
        "attempts": draw.choice((1, 1, 2)),
        "memory_mb": 128,
        "max_memory_mb": draw.choice((60, 120)),
        "request_bytes": draw.choice((100, 50_000)),
        "response_bytes": 100,
    }
    if cold is not None:
        row |= {"duration_ms": duration, "init_ms": init, "overhead_ms": overhead}
    return row | _not_timed(draw.random())


def _not_timed(kind: float) -> dict[str, object]:
    """What makes one call in ten or so none whose latency can be told."""
    if kind < 0.03:
        return {"outcome": "refused", "invoke_ms": None, "proxy_ms": None}
    if kind < 0.06:
        return {"outcome": "accepted"}
    if kind < 0.08:
        return {"target": "self"}
    # An asynchronous call that has been completed from the logs: nobody waited for it all the same.
    if 0.9 < kind < 0.93:
        return {"invocation_type": "Event", "outcome": "ok"}
    return {"transport": "backfill", "total_ms": None, "proxy_ms": None} if kind < 0.1 else {}


def rows() -> list[dict[str, object]]:
    draw = random.Random(7)
    made = [row_of(draw, number) for number in range(1_200)]
    # A tie on the edge of the tail, and a value on a bucket's edge.
    made[0] |= {"total_ms": 100.0}
    made[1] |= {"total_ms": 100.0}
    return made


@pytest.fixture(scope="module")
def past(past_of: Callable[..., History]) -> History:
    return past_of(rows())


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """The calls whose latency can be told, as pandas sees them."""
    known = pd.DataFrame(rows())
    known = known[(known["target"] == "lambda") & known["proxy_ms"].notna() & known["total_ms"].notna()]
    known = known[(known["outcome"] != "accepted") & (known["invocation_type"] != "Event")]
    return known.assign(
        init_all_ms=known["init_ms"].fillna(0),
        hour=known["started_at"].dt.strftime("%Y-%m-%dT%H:00Z"),
        day=known["started_at"].dt.strftime("%Y-%m-%d"),
    )


def key_of(frame: pd.DataFrame, group_by: str) -> "pd.Series[Any]":
    """What each call's group is called."""
    if group_by in {"hour", "day"}:
        return frame[group_by]
    if group_by == "version":
        version = frame["executed_version"]
        return frame["function_name"].where(version.isna(), frame["function_name"] + ":" + version.fillna(""))
    known = frame[COLUMNS[group_by]].fillna("(unknown)")
    if group_by == "function":
        both = frame["function_name"] == "quotes"
        return known.where(~both, frame["region"] + ":" + known)
    return known


def same(found: LatencyFigures, calls: pd.DataFrame, percentiles: Sequence[float], apdex_ms: float) -> None:
    """Compare figures with those pandas has."""
    total = calls["total_ms"]
    assert found.calls == len(calls)
    assert found.failures == int((calls["outcome"] != "ok").sum())
    for percentile in percentiles:
        assert found.percentiles_ms[f"p{percentile:g}"] == pytest.approx(total.quantile(percentile / 100), rel=1e-9)
    good = calls[calls["outcome"] == "ok"]["total_ms"]
    satisfied, tolerating = (good <= apdex_ms).sum(), ((good > apdex_ms) & (good <= 4 * apdex_ms)).sum()
    assert found.apdex == pytest.approx((satisfied + tolerating / 2) / len(calls))
    cold, warm = (total[calls["cold_start"].eq(is_cold).fillna(value=False)] for is_cold in (True, False))
    assert found.cold_calls == len(cold)
    for value, some, share in (
        (found.cold_p50_ms, cold, 0.5),
        (found.cold_p95_ms, cold, 0.95),
        (found.warm_p50_ms, warm, 0.5),
        (found.warm_p95_ms, warm, 0.95),
    ):
        assert value == (pytest.approx(some.quantile(share), rel=1e-9) if len(some) else None)
    measured = calls[(calls["overhead_ms"] >= 0) & (calls["proxy_ms"] >= 0)]
    assert found.measured_calls == len(measured)
    for name, column in SUMS.items() if len(measured) else ():
        assert found.clocks[name].mean_ms == pytest.approx(measured[column].mean(), rel=1e-9)
        assert found.clocks[name].share == pytest.approx(measured[column].sum() / measured["total_ms"].sum(), rel=1e-9)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_figures_are_those_of_pandas_for_any_question(data: st.DataObject, past: History, frame: pd.DataFrame) -> None:
    group_by = data.draw(st.sampled_from(GROUPS))
    percentiles = data.draw(st.lists(st.sampled_from((0.1, 25, 50, 90, 95, 99, 99.9)), min_size=1, max_size=7))
    function = data.draw(st.sampled_from((None, "orders", "quotes")))
    hours = data.draw(st.integers(1, 48))
    apdex_ms, top = data.draw(st.sampled_from((60.0, 500.0))), data.draw(st.integers(1, 12))
    begin = END - timedelta(hours=hours)
    answer = analyse_latency(
        past,
        start=begin,
        end=END,
        group_by=group_by,
        percentiles=percentiles,
        function_name=function,
        apdex_ms=apdex_ms,
        top=top,
        now=NOW,
    )
    calls = frame[frame["started_at"] >= begin]
    calls = calls[calls["function_name"] == function] if function else calls
    assert answer.calls == len(calls)
    same(answer.overall, calls, percentiles, apdex_ms)
    keys = key_of(calls, group_by)
    waited = calls["total_ms"].groupby(keys).sum().sort_values(ascending=False)
    if group_by != "function":
        names = sorted(waited.index)[-top:] if group_by in {"hour", "day"} else waited.index[:top]
        assert [group.group for group in answer.groups] == [str(name) for name in names]
        for group in answer.groups:
            same(group.figures, calls[keys == group.group], percentiles, apdex_ms)
            assert group.waited_share == pytest.approx(waited[group.group] / waited.sum())
    assert answer.not_listed.get("groups", 0) == max(0, len(waited) - top)
    _same_rest(answer, calls)


def _same_rest(answer: LatencyAnswer, calls: pd.DataFrame) -> None:
    total = calls["total_ms"]
    assert sum(each.calls for each in answer.histogram) == len(calls)
    slowest = total.sort_values(ascending=False)[:5]
    assert [call.total_ms for call in answer.slowest] == list(slowest)
    p99 = total.quantile(0.99)
    assert answer.tail.from_ms == pytest.approx(p99, rel=1e-9)
    # Interpolated, it may lie a rounding above the call it is.
    assert abs(answer.tail.calls - int((total >= p99).sum())) <= 1
    measured = calls[(calls["overhead_ms"] >= 0) & (calls["proxy_ms"] >= 0)]
    for name, column in SUMS.items():
        values = measured[measured["init_ms"].notna()]["init_ms"] if name == "init" else measured[column]
        if len(values):
            assert answer.clock_p95_ms[name] == pytest.approx(values.quantile(0.95), rel=1e-9)


def test_functions_of_the_same_name_in_two_regions_are_two_groups(past: History, frame: pd.DataFrame) -> None:
    answer = analyse_latency(past, start=START, end=END, now=NOW)
    keys = key_of(frame, "function")
    assert (
        {group.group for group in answer.groups}
        == set(keys)
        == {
            "orders",
            "stock",
            "us-east-1:quotes",
            "eu-west-1:quotes",
        }
    )
    for group in answer.groups:
        same(group.figures, frame[keys == group.group], (50, 90, 95, 99), 500.0)


@pytest.mark.parametrize("name", ["eu-west-1:quotes", "123456789012:eu-west-1:quotes"])
def test_a_function_is_found_by_the_name_that_a_group_of_it_has(past: History, frame: pd.DataFrame, name: str) -> None:
    answer = analyse_latency(past, start=START, end=END, function_name=name, now=NOW)
    calls = frame[(frame["function_name"] == "quotes") & (frame["region"] == "eu-west-1")]
    assert len(calls)
    same(answer.overall, calls, (50, 90, 95, 99), 500.0)
    _same_rest(answer, calls)


def test_a_function_of_that_name_elsewhere_is_not_meant(few_of: Callable[..., Any]) -> None:
    history = few_of([call(5.0, account_id="123456789012")])
    for name, calls in (("us-east-1:f", 1), ("eu-west-1:f", 0), ("210987654321:us-east-1:f", 0)):
        assert asked(history, function_name=name).calls == calls


def test_what_cannot_be_divided_into_clocks_is_counted_in_notes(past: History, frame: pd.DataFrame) -> None:
    answer = analyse_latency(past, start=START, end=END, now=NOW)
    contradictory = int((frame["overhead_ms"] < 0).sum())
    unknown = int(frame["overhead_ms"].isna().sum())
    assert contradictory
    assert unknown
    notes = " ".join(answer.notes)
    asynchronous = [
        row
        for row in rows()
        if (row["outcome"] == "accepted" or row.get("invocation_type") == "Event") and row["target"] == "lambda"
    ]
    assert f"Left out: {len(asynchronous)} asynchronous calls" in notes
    assert f"contradict each other in {contradictory} call" in notes
    assert f"No report was seen of {unknown} call" in notes


def call(total_ms: float, **more: object) -> dict[str, object]:
    return {
        "started_at": START,
        "target": "lambda",
        "function_name": "f",
        "region": "us-east-1",
        "outcome": "ok",
        "total_ms": total_ms,
        "invoke_ms": total_ms - 1,
        "proxy_ms": 1.0,
        "cold_start": False,
    } | more


def asked(history: History, **more: Any) -> LatencyAnswer:
    return analyse_latency(history, **{"start": START, "end": END, "now": NOW, **more})


def test_the_slowest_calls_share_what_was_planted(history_of: Callable[..., Any]) -> None:
    """Of 1,500 calls the slowest 15 are retried cold starts; a test that cannot see that sees nothing."""
    quick = [call(50 + n / 100, attempts=1) for n in range(1_485)]
    slow = [call(2_000.0 + n, cold_start=True, attempts=1) for n in range(15)]
    answer = asked(history_of([*quick, *slow]))
    (cause,) = answer.tail.causes
    assert (cause.feature, cause.share_of_slowest, cause.share_of_all) == ("cold_start", 1.0, 0.01)
    assert "100% of the slowest 1% (15 of 15) were cold starts, 1% of all calls" in answer.summary
    assert str(answer.next_step).startswith('recommend_settings(function_name="f", time_range=')


def test_retries_and_memory_near_its_limit_are_causes_where_the_slowest_have_them(
    few_of: Callable[..., Any],
) -> None:
    """115 of 128 MB are less than 90 %, 116 are more; what is not known is neither."""
    quick = [call(50 + n / 100, attempts=1, memory_mb=128, max_memory_mb=115 if n % 2 else None) for n in range(294)]
    more = [call(60.0, attempts=2, memory_mb=128, max_memory_mb=116) for _ in range(3)]
    slow = [call(2_000.0 + n, attempts=3, memory_mb=128, max_memory_mb=128) for n in range(3)]
    causes = {each.feature: each for each in asked(few_of([*quick, *more, *slow])).tail.causes}
    assert set(causes) == {"attempts", "memory"}
    assert {each.share_of_slowest for each in causes.values()} == {1.0}
    assert {each.share_of_all for each in causes.values()} == {0.02}


def test_an_hour_of_its_own_is_found(history_of: Callable[..., Any]) -> None:
    times = [START + timedelta(minutes=2 * n) for n in range(1_000)]
    rows = [call(900.0 if 300 <= n < 315 else 20.0 + n / 1000, started_at=time) for n, time in enumerate(times)]
    (cause,) = asked(history_of(rows)).tail.causes
    assert (cause.feature, cause.value) == ("hour", "2026-11-20T20:00Z")
    assert cause.share_of_all == 0.03


def test_an_empty_history_and_a_range_without_rows_say_so(few_of: Callable[..., Any]) -> None:
    answer = asked(few_of([call(5.0)]), start=START - timedelta(days=1), end=START)
    assert answer.calls == 0
    assert answer.summary == "The history has no call of a Lambda function in this period."
    assert (answer.overall.apdex, answer.tail.from_ms, answer.histogram, answer.slowest) == (None, None, (), ())
    assert answer.next_step == (
        'analyze_latency(time_range={"start": "2026-11-19T10:30:01Z", "end": "2026-11-20T10:30:01Z"}) '
        "looks at the latest calls."
    )
    unknown = asked(few_of([call(5.0)]), function_name="nope")
    assert (unknown.summary, unknown.next_step) == ("The history knows no function nope, but f.", None)
    assert asked(few_of([call(5.0)]), function_name="f", end=START + timedelta(days=3), start=NOW).summary == (
        "The history has no call of f in this period."
    )


def test_calls_that_nobody_waited_for_are_told_where_there_are_no_others(few_of: Callable[..., Any]) -> None:
    rows = [call(5.0, outcome="accepted"), call(5.0) | {"transport": "backfill", "total_ms": None, "proxy_ms": None}]
    answer = asked(few_of(rows))
    assert answer.summary.startswith("None of the 2 calls in this period has a latency: 1 taken from the logs")
    assert "1 asynchronous" in answer.summary
    assert answer.next_step is None


def test_one_call_is_every_percentile_and_is_called_few(few_of: Callable[..., Any]) -> None:
    answer = asked(few_of([call(12.5, outcome="function_error")]), percentiles=[50, 99.9])
    assert answer.overall.percentiles_ms == {"p50": 12.5, "p99.9": 12.5}
    assert (answer.overall.apdex, answer.overall.failures) == (0.0, 1)
    assert answer.overall.clocks == {}
    assert "Only 1 call" in answer.notes[0]


def test_a_time_without_end_is_left_out(few_of: Callable[..., Any]) -> None:
    answer = asked(few_of([call(5.0), call(float("inf")), call(1e300)]), percentiles=[50, 99])
    assert answer.calls == 2
    assert answer.slowest[0].total_ms == 1e300


def test_calls_of_the_future_are_told(few_of: Callable[..., Any]) -> None:
    answer = asked(few_of([call(5.0), call(6.0, started_at=NOW + timedelta(hours=1))]))
    assert answer.calls == 1
    assert "1 call began in the future: the clock of some machine is wrong." in answer.notes


def test_the_p95_of_clocks_is_left_out_and_said_where_values_would_fill_the_memory(
    few_of: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(latency, "MOST_FOR_CLOCKS", 1)
    answer = asked(few_of([call(5.0, duration_ms=3.0, overhead_ms=1.0)] * 2))
    assert answer.clock_p95_ms == {}
    assert any("p95 of each clock" in note for note in answer.notes)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"percentiles": [0]}, "percentiles"),
        ({"percentiles": [100]}, "percentiles"),
        ({"percentiles": []}, "percentiles"),
        ({"percentiles": list(range(1, 10))}, "percentiles"),
        ({"top": 0}, "top"),
        ({"apdex_ms": 0}, "apdex_ms"),
        ({"apdex_ms": float("nan")}, "apdex_ms"),
        ({"group_by": "colour"}, "group_by"),
        ({"end": START}, "start"),
    ],
)
def test_a_senseless_question_is_refused_by_name(past: History, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(QuestionError) as refused:
        asked(past, **wrong)
    assert refused.value.field == field

"""A notebook gets tables with the right types and figures, from the same analyses as everybody else."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import lambdascope_analytics
from lambdascope_analytics import HistoryFrames
from lambdascope_analytics.errors import HistoryError, QuestionError
from lambdascope_analytics.store.spool import SpoolWriter

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PRICE = Decimal("0.000000410000")


def call(number: int, **known: object) -> dict[str, object]:
    """One call an hour, back from now: every fifth failed, every seventh has no price."""
    failed = number % 5 == 0
    return {
        "call_id": f"01935a2b-7c00-7000-8000-{number:012d}",
        "started_at": NOW - number * HOUR - timedelta(minutes=30),
        "target": "lambda",
        "transport": "stdio",
        "tool_name": "invoke_function",
        "client_name": "desk",
        "session_id": f"session-{number // 10}",
        "function_name": "orders" if number % 3 else "quotes",
        "executed_version": "$LATEST",
        "region": "us-east-1",
        "account_id": "123456789012",
        "architecture": "x86_64",
        "outcome": "function_error" if failed else "ok",
        "error_type": "KeyError" if failed else None,
        "error_fingerprint": "a1b2" if failed else None,
        "error_message": "no such order" if failed else None,
        "total_ms": 20.0 + number,
        "invoke_ms": 18.0 + number,
        "duration_ms": 10.0 + number,
        "overhead_ms": 8.0,
        "proxy_ms": 2.0,
        "billed_ms": 11 + number,
        "memory_mb": 128,
        "max_memory_mb": 60 if number % 2 else None,
        "cold_start": False,
        "cost_usd": None if number % 7 == 0 else PRICE,
        "cost_source": "none" if number % 7 == 0 else "measured",
        "pid": number,
        **known,
    }


CALLS = [call(number) for number in range(24 * 6)]


def written(directory: Path, rows: list[dict[str, object]]) -> Path:
    writer = SpoolWriter(directory)
    for row in rows:
        assert writer.append(row)
    assert writer.close(30)
    return directory


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("frames") / "history", CALLS)


@pytest.fixture(scope="module")
def history(directory: Path) -> Iterator[HistoryFrames]:
    with lambdascope_analytics.open_history(directory, now=NOW) as opened:
        yield opened


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HistoryFrames]:
    """A history without calls."""
    with lambdascope_analytics.open_history(written(tmp_path_factory.mktemp("none"), []), now=NOW) as opened:
        yield opened


def types_of(frame: pd.DataFrame, *names: str) -> Mapping[str, str]:
    return {name: str(frame[name].dtype) for name in names}


def test_calls_are_rows_in_their_order_with_typed_columns(history: HistoryFrames) -> None:
    frame = history.calls()
    assert list(frame["pid"]) == list(range(len(CALLS)))[::-1]
    assert types_of(frame, "started_at", "pid", "max_memory_mb", "cold_start", "cost_usd", "outcome", "call_id") == {
        "started_at": "datetime64[us, UTC]",
        "pid": "Int32",
        "max_memory_mb": "Int32",
        "cold_start": "boolean",
        "cost_usd": "float64",
        "outcome": "str",
        "call_id": "str",
    }
    assert int(frame["max_memory_mb"].isna().sum()) == len(CALLS) // 2
    assert frame["started_at"].iloc[-1] == CALLS[0]["started_at"]


@pytest.mark.parametrize(
    ("time_range", "calls"),
    [
        ("6h", 6),
        (timedelta(hours=3), 3),
        ((NOW - 2 * HOUR, NOW), 2),
        (("2026-11-22T11:00", "2026-11-22T12:00Z"), 1),
        ("all", len(CALLS)),
    ],
)
def test_a_time_range_is_understood_in_every_form(history: HistoryFrames, time_range: Any, calls: int) -> None:
    assert len(history.calls(time_range)) == calls
    assert history.errors(time_range=time_range).attrs["calls"] == calls


def test_calls_of_one_function_are_only_those(history: HistoryFrames) -> None:
    assert set(history.calls("all", function_name="quotes")["function_name"]) == {"quotes"}


def test_sql_takes_parameters_by_name_and_gives_typed_columns(history: HistoryFrames) -> None:
    frame = history.sql(
        "SELECT function_name, count(*) AS calls, sum(pid) AS pids, max(max_memory_mb) AS mb FROM calls "
        "WHERE outcome = $outcome GROUP BY function_name ORDER BY function_name",
        outcome="ok",
    )
    assert list(frame["calls"]) == [
        sum(c["outcome"] == "ok" and c["function_name"] == f for c in CALLS) for f in ("orders", "quotes")
    ]
    assert types_of(frame, "calls", "mb") == {"calls": "Int64", "mb": "Int32"}
    with pytest.raises(HistoryError):
        history.sql("SELECT nonsense FROM calls")


def test_types_are_the_same_where_there_are_no_rows(history: HistoryFrames, nothing: HistoryFrames) -> None:
    # A notebook that runs on the first day must not break on the types of the second.
    for ask in (
        lambda opened: opened.calls("all"),
        lambda opened: opened.cost(),
        lambda opened: opened.cost(time_range="all"),
        lambda opened: opened.cost("day"),
        lambda opened: opened.errors("tool", part="groups"),
        lambda opened: opened.latency(),
        lambda opened: opened.compare("2d", part="groups"),
        lambda opened: opened.compare("2d", part="series"),
        lambda opened: opened.errors(),
    ):
        full, empty = ask(history), ask(nothing)
        assert (len(full) > 0, len(empty)) == (True, 0)
        assert full.dtypes.to_dict() == empty.dtypes.to_dict()


def test_cost_by_group_is_exact_money(history: HistoryFrames) -> None:
    frame = history.cost("function", "all").set_index("group")
    for name in ("orders", "quotes"):
        calls = [each for each in CALLS if each["function_name"] == name]
        costs = [each["cost_usd"] for each in calls if isinstance(each["cost_usd"], Decimal)]
        assert frame.loc[name, "cost_usd"] == sum(costs)
        assert (frame.loc[name, "calls"], frame.loc[name, "unpriced_calls"]) == (len(calls), len(calls) - len(costs))
    assert isinstance(frame["cost_usd"].sum(), Decimal)


def test_groups_of_time_are_times_in_their_order(history: HistoryFrames) -> None:
    days = history.cost("day", "all")
    assert str(days["group"].dtype) == "datetime64[us, UTC]"
    assert days["group"].is_monotonic_increasing
    assert int(days["calls"].sum()) == len(CALLS)


def test_any_part_of_an_answer_is_a_table(history: HistoryFrames) -> None:
    assert len(history.cost(part="waste")) == 1
    assert "failures_cost_usd" in history.cost(part="waste").columns
    with pytest.raises(QuestionError, match=r"part is 'wast': use one of .*groups"):
        history.cost(part="wast")


def test_errors_have_their_kind_and_when_they_were_seen(history: HistoryFrames) -> None:
    frame = history.errors(time_range="all")
    failed = [each["started_at"] for each in CALLS if each["outcome"] != "ok"]
    (row,) = frame.to_dict("records")
    assert (row["error_type"], row["calls"]) == ("KeyError", len(failed))
    assert (row["first_seen"], row["last_seen"]) == (min(failed), max(failed))


def test_latency_has_a_column_for_each_percentile_and_clock(history: HistoryFrames) -> None:
    frame = history.latency("function", "all", percentiles=(50, 99.9)).set_index("group")
    totals = [each["total_ms"] for each in CALLS if each["function_name"] == "quotes"]
    assert frame.loc["quotes", "p50_ms"] == pd.Series(totals).quantile(0.5)
    assert frame.loc["quotes", "p99.9_ms"] == pytest.approx(pd.Series(totals).quantile(0.999))
    assert frame.loc["quotes", "network_and_platform_mean_ms"] == 8.0
    assert history.latency(time_range="1d").attrs["calls"] == 24
    histogram = history.latency(time_range="all", part="histogram")
    assert int(histogram["calls"].sum()) == len(CALLS)


def test_a_comparison_is_a_row_for_each_measure(history: HistoryFrames) -> None:
    frame = history.compare("2d")
    assert {"measure", "before", "after", "low", "high", "verdict"} <= set(frame.columns)
    assert len(set(frame["measure"])) == len(frame) > 3
    # Each call takes 1 ms longer than the one after it, so that two days ago all took longer than now.
    slower = frame[frame["measure"].str.contains("p50")]
    assert set(slower["verdict"]) == {"lower"}
    groups = history.compare("2d", part="groups")
    assert set(groups["group"]) == {"orders", "quotes"}
    assert set(groups.columns) == {"group", *frame.columns}
    series = history.compare("2d", part="series")
    assert [*series.columns] == ["series", "start", "value"]
    rates = series[series["series"] == "calls_per_hour"]
    assert rates["start"].is_monotonic_increasing
    assert len(rates) == 96, "two periods of 48 hours"
    assert set(rates["value"]) == {1.0}, "one call an hour"


def test_advice_has_its_evidence_and_what_it_saves(history: HistoryFrames) -> None:
    frame = history.recommend("orders", "all")
    assert {"setting", "suggested", "why", "confidence"} <= set(frame.columns)
    assert "memory" in set(frame["setting"]) | set(history.recommend("orders", "all", part="refusals")["setting"])
    assert frame.attrs["calls"] == sum(each["function_name"] == "orders" for each in CALLS)


def test_a_forecast_is_the_course_of_its_month(history: HistoryFrames) -> None:
    frame = history.forecast()
    assert (len(frame), frame["day"].iloc[0]) == (30, datetime(2026, 11, 1, tzinfo=UTC))
    spent = sum(each["cost_usd"] for each in CALLS if isinstance(each["cost_usd"], Decimal))
    assert frame["spent_usd"].iloc[21] == pytest.approx(float(spent))
    assert frame["expected_usd"].iloc[-1] > float(spent)
    assert list(history.forecast(budget_usd=1, part="budget")["budget_usd"]) == [1]


def test_what_is_said_of_the_answer_goes_with_its_table(history: HistoryFrames, tmp_path: Path) -> None:
    frame = history.cost(time_range="1d")
    assert frame.attrs["calls"] == 24
    assert frame.attrs["summary"].startswith("24 calls cost")
    assert frame.attrs["period"] == {"start": "2026-11-21T12:00:00Z", "end": "2026-11-22T12:00:00Z"}
    assert frame.attrs["next_step"]
    # pandas writes attrs into files as JSON.
    json.dumps(frame.attrs)


def test_the_whole_answer_is_there_as_it_is(history: HistoryFrames) -> None:
    answer = history.answer("errors", time_range="all")
    assert (answer.calls, answer.failures) == (len(CALLS), sum(each["outcome"] != "ok" for each in CALLS))
    with pytest.raises(QuestionError, match="which is none of"):
        history.answer("weather")


def test_a_question_that_makes_no_sense_is_refused_by_its_name(history: HistoryFrames) -> None:
    for ask, words in (
        (lambda: history.cost("colour"), "group_by is 'colour'"),
        (lambda: history.cost(time_range="yesterday"), "time_range is 'yesterday'"),
        (lambda: history.errors(top=0), "top is 0"),
    ):
        with pytest.raises(QuestionError, match=words):
            ask()


def test_it_tells_where_it_is_and_how_much_it_holds(history: HistoryFrames, directory: Path) -> None:
    assert repr(history) == f"<history of 144 calls in {directory}>"


def test_a_history_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    # A mistyped path would look like a history without calls.
    with pytest.raises(HistoryError, match="there is no history in"):
        lambdascope_analytics.open_history(tmp_path / "histroy")
    assert [*tmp_path.iterdir()] == []


def test_the_package_itself_loads_neither_pandas_nor_duckdb() -> None:
    program = """
import sys, lambdascope_analytics
assert "lambdascope_analytics.frames" not in sys.modules
lambdascope_analytics.open_history
assert not {"pandas", "duckdb", "numpy"} & set(sys.modules), sorted(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = lambdascope_analytics.nonsense  # type: ignore[attr-defined]

"""Figures by day and function, with rollups and without, against pandas over the same rows."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import UUID

import pandas as pd
import pytest

from lambdascope_analytics.analyses.daily import analyse_daily, daily_cost, daily_latency
from lambdascope_analytics.analyses.daily_answer import DailyLatency
from lambdascope_analytics.analyses.plain import plain
from lambdascope_analytics.errors import QuestionError
from lambdascope_analytics.history import History, open_history
from lambdascope_analytics.store.compaction import compact
from lambdascope_analytics.store.due import UpkeepOptions
from lambdascope_analytics.store.spool import SpoolWriter

FIRST = datetime(2026, 11, 1, tzinfo=UTC)
END = FIRST + timedelta(days=4)


def call(number: int) -> dict[str, object]:
    """Call `number`: four days, two functions of which one is in two regions, some failed, unpriced, without clocks."""
    is_priced, place = number % 7 > 0, number % 3
    there = {"target": "upstream:shop", "function_name": None, "region": None, "billed_ms": None, "duration_ms": None}
    return {
        "call_id": UUID(int=number + 1),
        "started_at": FIRST + timedelta(minutes=number * 9),
        "target": "lambda" if number % 11 else "self",
        "function_name": ("orders", "orders", "quotes")[place],
        "region": ("eu-west-1", "us-east-1", "eu-west-1")[place],
        "transport": "stdio" if number % 13 else "backfill",
        "outcome": "ok" if number % 5 else "function_error",
        "cold_start": number % 17 == 0,
        "cost_usd": Decimal(number * number).scaleb(-12) if is_priced else None,
        "cost_source": "measured" if is_priced else "none",
        "billed_ms": number if is_priced else None,
        "total_ms": 3.0 + (number * 7919) % 1000 if number % 13 else None,
        "duration_ms": 1.0 + (number * 104729) % 900,
        # Now and then a tool of another MCP server, which stands beside the functions.
        **(there if number % 19 == 0 else {}),
    }


ROWS = [call(number) for number in range(600)]
LATE = [call(number) for number in range(600, 640)]
ASKED = [row for row in ROWS + LATE if row["target"] != "self"]


def stored(directory: Path, rows: list[dict[str, object]]) -> None:
    writer = SpoolWriter(directory)
    assert all(writer.append(row) for row in rows)
    assert writer.close(30)


@pytest.fixture(scope="module", params=["rollup", "exact"])
def history(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    """Rows in segments with rollups, or without; and in both cases some in a spool."""
    directory = tmp_path_factory.mktemp("history")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lambdascope_analytics.store.compactor._LEAST_BIND_S", 0.0)
        patch.setattr("lambdascope_analytics.store.publish.SPOOL_GRACE", timedelta())
        patch.setattr("lambdascope_analytics.store.rollups._WORTH_BYTES", 0 if request.param == "rollup" else 1 << 30)
        stored(directory, ROWS)
        compact(directory, UpkeepOptions(), everything=True)
    stored(directory, LATE)
    with open_history(directory) as opened:
        yield opened


def by_day_and_place() -> dict[tuple[date, str], "pd.DataFrame"]:
    frame = pd.DataFrame(ASKED)
    frame["day"] = frame["started_at"].dt.date
    names = {None: "upstream:shop", "quotes": "quotes"}
    frame["function"] = [names.get(row["function_name"], f"{row['region']}:orders") for row in ASKED]  # type: ignore[arg-type] -- the rows are of many types
    return dict(iter(frame.groupby(["day", "function"])))


def test_the_cost_of_each_day_and_function_is_that_of_its_calls_to_the_last_digit(
    history: History, request: pytest.FixtureRequest
) -> None:
    answer = daily_cost(history, start=FIRST, end=END)
    expected = by_day_and_place()
    assert len(answer.groups) == len(expected) == 16
    for group in answer.groups:
        rows = expected[group.day, group.function]
        costs = [cost for cost in rows["cost_usd"] if not pd.isna(cost)]
        assert group.cost_usd == sum(costs, Decimal())
        assert (group.calls, group.unpriced_calls) == (len(rows), len(rows) - len(costs))
        assert group.failures == (rows["outcome"] == "function_error").sum()
        assert group.cold_starts == rows["cold_start"].sum()
        assert (group.billed_ms or 0) == rows["billed_ms"].sum()
    assert answer.calls == len(ASKED)
    assert answer.cost_usd == sum((row["cost_usd"] for row in ASKED if row["cost_usd"] is not None), Decimal())  # type: ignore[misc] -- the rows are of many types
    assert [day for day, _ in groupby(group.day for group in answer.groups)] == sorted({day for day, _ in expected})
    assert any("have no cost" in note for note in answer.notes)
    assert any("taken in from the logs" in note for note in answer.notes)


@pytest.mark.parametrize("clock", ["total", "duration"])
def test_percentiles_are_exact_without_rollups_and_within_one_percent_with_them(history: History, clock: Any) -> None:
    answer = daily_latency(history, start=FIRST, end=END, clock=clock)
    expected = by_day_and_place()
    assert len(answer.groups) == len(expected)
    tolerance = 0.01 if answer.method == "rollup" else 1e-9
    for group in answer.groups:
        values = expected[group.day, group.function][f"{clock}_ms"].dropna()
        assert (group.calls, group.timed_calls) == (len(expected[group.day, group.function]), len(values))
        found = (group.p50_ms, group.p90_ms, group.p95_ms, group.p99_ms)
        if values.empty:  # another server reports no time of its own
            assert (group.function, found) == ("upstream:shop", (None,) * 4)
            continue
        assert found == pytest.approx(tuple(values.quantile([0.5, 0.9, 0.95, 0.99])), rel=tolerance)
    assert bool(answer.notes) == (answer.method == "rollup")


def test_the_method_says_where_the_figures_come_from(history: History, request: pytest.FixtureRequest) -> None:
    method = request.node.callspec.params["history"]
    assert daily_cost(history, start=FIRST, end=END).method == method
    assert daily_latency(history, start=FIRST, end=END).method == method
    assert daily_latency(history, start=FIRST, end=END, exact=True).method == "exact"


def test_a_range_and_a_function_leave_the_others_out(history: History) -> None:
    second: dict[str, Any] = {"start": FIRST + timedelta(days=1), "end": FIRST + timedelta(days=2)}
    for answer in (daily_cost, daily_latency):
        groups = answer(history, **second, function_name="quotes").groups
        assert [(group.day, group.function) for group in groups] == [(date(2026, 11, 2), "quotes")]
        there = answer(history, **second, function_name="upstream:shop").groups
        assert [(group.day, group.function) for group in there] == [(date(2026, 11, 2), "upstream:shop")]


def test_days_without_calls_say_so(history: History) -> None:
    cost = daily_cost(history, start=END + timedelta(days=1), end=END + timedelta(days=2))
    assert (cost.calls, cost.cost_usd, cost.groups) == (0, None, ())
    assert cost.summary == "There are no calls of Lambda functions from 2026-11-06 to 2026-11-06."
    latency = daily_latency(history, start=END + timedelta(days=1), end=END + timedelta(days=2))
    assert latency.summary == "There are no calls with total_ms from 2026-11-06 to 2026-11-06."


def test_one_call_is_told_in_the_singular_and_its_cost_to_its_digits(tmp_path: Path) -> None:
    paid = {**ROWS[2], "transport": "backfill", "cost_usd": Decimal("0.0000002084")}
    stored(tmp_path, [paid])
    with open_history(tmp_path) as history:
        answer = daily_cost(history, start=FIRST, end=END)
        latency = daily_latency(history, start=FIRST, end=END)
    days = "from 2026-11-01 to 2026-11-04"
    assert answer.summary == f"1 call of Lambda functions {days} cost $0.0000002084 at list price."
    assert answer.notes == ("1 call was taken in from the logs; it never came through the proxy.",)
    assert latency.summary.startswith(f"Of 1 call {days} those of quotes")


def test_calls_without_a_cost_say_so(tmp_path: Path) -> None:
    stored(tmp_path, [{**ROWS[2], "cost_usd": None}])
    with open_history(tmp_path) as history:
        answer = daily_cost(history, start=FIRST, end=END)
    assert answer.summary == "No cost is known of 1 call of Lambda functions from 2026-11-01 to 2026-11-04."
    assert answer.notes == ("1 call has no cost in USD and is not in the sums; analyze_cost says why.",)


def test_where_there_are_no_rollups_no_sketches_are_made(
    history: History, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch sketches of every call, of which nothing is used, which take longer than the answer."""
    asked: list[str] = []
    original = History.query

    def noting(self: History, sql: str, params: Any = None) -> list[dict[str, Any]]:
        asked.append(sql)
        return original(self, sql, params)

    monkeypatch.setattr(History, "query", noting)
    daily_latency(history, start=FIRST, end=END)
    is_rolled = request.node.callspec.params["history"] == "rollup"
    assert any("daily_sketches" in sql for sql in asked) == is_rolled


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ({"start": FIRST + timedelta(hours=1), "end": END}, "start"),
        ({"start": FIRST, "end": END - timedelta(seconds=1)}, "end"),
        ({"start": FIRST, "end": END, "figure": "weather"}, "figure"),
        ({"start": FIRST, "end": END, "figure": "latency", "clock": "sun"}, "clock"),
    ],
)
def test_a_question_that_makes_no_sense_names_what_is_wrong(
    question: dict[str, Any], field: str, history: History
) -> None:
    with pytest.raises(QuestionError) as refused:
        analyse_daily(history, now=END, **question)
    assert refused.value.field == field


def test_an_answer_of_too_many_rows_is_refused(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lambdascope_analytics.analyses.daily._MOST", 3)
    with pytest.raises(QuestionError, match="more than 3 rows"):
        daily_cost(history, start=FIRST, end=END)


def test_both_figures_are_asked_by_name_and_become_json(history: History) -> None:
    latency = analyse_daily(history, start=FIRST, end=END, figure="latency", clock="duration", now=END)
    assert isinstance(latency, DailyLatency)
    assert plain(latency)["clock"] == "duration"
    assert plain(analyse_daily(history, start=FIRST, end=END, now=END))["groups"][0]["day"] == "2026-11-01"

"""The SQL of the dashboard over the history: every statement runs on a real one, as Grafana's plugin would run it."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import pytest

from lambdascope_analytics.history import open_history
from lambdascope_analytics.store.spool import SpoolWriter
from lambdascope_dashboards.sql_files import sql

SQL = Path(__file__).parents[2] / "dashboards" / "lambdascope_dashboards" / "sql"
NAMES = sorted(path.stem for path in SQL.glob("*.sql"))
# What the plugin makes of these types are numbers, texts and times; of others, such as HUGEINT, it makes texts.
SHOWN = {"BIGINT", "INTEGER", "DOUBLE", "VARCHAR", "BOOLEAN", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"}
START = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
RANGE = (START - timedelta(days=1), START + timedelta(days=1))
EVERYTHING = {"region": "'eu-west-1','unknown'", "function": "'charge','o''clock'", "client": "'agent','unknown'"}
FILTERS = ("$__timeFilter(started_at)", "IN ($region)", "IN ($function)", "IN ($client)")


def call(number: int, **others: object) -> Mapping[str, object]:
    """A call of `charge` that was cold for half of its billed time and used half of its memory."""
    return {
        "call_id": UUID(int=number),
        "started_at": START + timedelta(hours=number),
        "target": "lambda",
        "function_name": "charge",
        "region": "eu-west-1",
        "client_name": "agent",
        "session_id": "s1",
        "executed_version": "7",
        "outcome": "ok",
        "billed_ms": 100,
        "init_ms": 50.0,
        "cold_start": True,
        "memory_mb": 128,
        "max_memory_mb": 64,
        "cost_usd": Decimal("0.004"),
        "trace_id": f"{number:032x}",
        **others,
    }


ROWS = (
    call(1),
    call(2, outcome="function_timeout", error_type="Sandbox.Timedout", session_id="s2", cold_start=False),
    call(3, function_name="o'clock", client_name=None, cost_usd=None, session_id=None, cold_start=None),
    call(4, target="self", function_name=None, region=None, cost_usd=None),
    call(48, cost_usd=Decimal(1)),
)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The history's own file, opened read only as the plugin opens it."""
    directory = tmp_path_factory.mktemp("history")
    writer = SpoolWriter(directory)
    assert all(writer.append(row) for row in ROWS)
    assert writer.close(30)
    with open_history(directory):
        pass
    with duckdb.connect(directory / "history.duckdb", read_only=True) as connection:
        yield connection


def interpolated(text: str, chosen: Mapping[str, str] = EVERYTHING) -> str:
    """The text as Grafana sends it on (values as quoted lists) and the plugin expands it (times as quoted texts)."""
    for name, values in chosen.items():
        text = re.sub(rf"\${name}\b", lambda _, values=values: values, text)
    begin, end = (f"'{time:%Y-%m-%dT%H:%M:%SZ}'" for time in RANGE)
    return re.sub(r"\$__timeFilter\((\w+)\)", rf"\1 >= {begin} AND \1 <= {end}", text)


def asked(database: duckdb.DuckDBPyConnection, name: str, **chosen: str) -> list[dict[str, Any]]:
    cursor = database.execute(interpolated(sql(name), EVERYTHING | chosen))
    columns = [column[0] for column in cursor.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


@pytest.mark.parametrize("name", NAMES)
def test_every_statement_runs_and_finds_calls(database: duckdb.DuckDBPyConnection, name: str) -> None:
    assert asked(database, name)


@pytest.mark.parametrize("name", NAMES)
def test_every_column_has_a_type_that_the_plugin_shows_as_what_it_is(
    database: duckdb.DuckDBPyConnection, name: str
) -> None:
    # A sum of counts is a HUGEINT, which would come as text: no graph, and sorted by letters.
    described = database.execute(f"DESCRIBE {interpolated(sql(name))}").fetchall()
    assert {row[1] for row in described} <= SHOWN


@pytest.mark.parametrize("name", NAMES)
def test_every_statement_has_a_header_that_names_its_columns_and_is_not_sent(
    database: duckdb.DuckDBPyConnection, name: str
) -> None:
    # Sent, a comment would hold the values of variables: a client's name with a line break would end it.
    header = [line for line in (SQL / f"{name}.sql").read_text(encoding="utf-8").splitlines() if line.startswith("--")]
    assert "--" not in sql(name)
    assert header[0].startswith("-- Answers: ")
    columns = re.sub(r"\([^)]*\)", "", header[-1].removeprefix("-- Columns:")).strip(" .").replace(" ", "").split(",")
    described = database.execute(f"DESCRIBE {interpolated(sql(name))}").fetchall()
    assert [row[0] for row in described] == columns


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("variable_")])
def test_every_statement_is_filtered_by_time_and_each_variable(name: str) -> None:
    text = sql(name)
    assert [each for each in FILTERS if each not in text] == ([FILTERS[0]] if name == "month" else [])
    assert "target = 'lambda'" in text


def test_the_cost_is_exact_and_of_the_time_range_only(database: duckdb.DuckDBPyConnection) -> None:
    assert asked(database, "total") == [{"cost": 0.008}]
    assert asked(database, "known") == [{"priced": pytest.approx(2 / 3)}]


def test_a_function_shows_what_of_its_cost_bought_nothing(database: duckdb.DuckDBPyConnection) -> None:
    charge, clock = asked(database, "by_function")
    assert charge == {
        "function": "charge",
        "region": "eu-west-1",
        "calls": 2,
        "cost": 0.008,
        "share": 1.0,
        "a_call": 0.004,
        "failed": 0.004,
        "cold_starts": 0.002,
        "unused_memory": 0.004,
    }
    # Without a price all of its figures are unknown, not zero.
    assert [clock[name] for name in ("cost", "share", "failed", "cold_starts")] == [None] * 4


def test_sessions_stand_apart_and_calls_without_one_together(database: duckdb.DuckDBPyConnection) -> None:
    found = {row["session"]: row["calls"] for row in asked(database, "by_session")}
    assert found == {"s1": 1, "s2": 1, "none": 1}


def test_filters_leave_out_what_is_not_chosen(database: duckdb.DuckDBPyConnection) -> None:
    assert [row["function"] for row in asked(database, "by_function", function="'o''clock'")] == ["o'clock"]
    assert asked(database, "by_function", client="'nobody'") == []


def test_the_month_so_far_does_not_follow_the_time_range(database: duckdb.DuckDBPyConnection) -> None:
    now = datetime.now(UTC)
    so_far = [
        row["cost_usd"]
        for row in ROWS
        if isinstance(row["started_at"], datetime)
        and row["started_at"] >= now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    ]
    (found,) = asked(database, "month")
    if any(so_far):
        assert found["at_this_pace"] >= found["so_far"] > 0
    else:
        assert found == {"so_far": None, "at_this_pace": None}


def test_variables_offer_what_the_calls_have(database: duckdb.DuckDBPyConnection) -> None:
    assert asked(database, "variable_client") == [{"client": "agent"}, {"client": "unknown"}]
    assert asked(database, "variable_function") == [{"function": "charge"}, {"function": "o'clock"}]
    assert asked(database, "variable_region") == [{"region": "eu-west-1"}]

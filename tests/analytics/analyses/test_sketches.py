"""Sketches as the store makes them, against quantiles of the values themselves."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lambdascope_analytics.analyses.sketches import percentiles
from lambdascope_analytics.store.views import empty_segment_statement, rollup_statement

SHARES = (0.0, 0.5, 0.9, 0.99, 1.0)
FIRST = datetime(2026, 11, 1, tzinfo=UTC)
SOME = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

clocks = st.floats(min_value=1e-6, max_value=900_000, allow_subnormal=False)
calls = st.tuples(
    st.sampled_from(["orders", "quotes", None]),
    st.integers(0, 3),
    st.none() | st.integers(0, 10**18 - 1).map(lambda units: Decimal(units).scaleb(-12)),
    st.none() | clocks,
)


@pytest.fixture(scope="module")
def segments(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    """A connection, and a folder with a segment that has all columns and no row."""
    folder = tmp_path_factory.mktemp("segments")
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(empty_segment_statement(folder / "none.parquet"))
        yield connection, folder


def rolled(segments: tuple[duckdb.DuckDBPyConnection, Path], rows: list[tuple[object, ...]]) -> str:
    """Write rows as a segment and its rollup; return what to read that from."""
    connection, folder = segments
    columns = "function_name VARCHAR, started_at TIMESTAMPTZ, cost_usd DECIMAL(18, 12), total_ms DOUBLE"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE listed ({columns})")
    connection.executemany("INSERT INTO listed VALUES (?, ?, ?, ?)", rows)
    connection.execute(f"COPY (SELECT *, 'lambda' AS target FROM listed) TO '{folder}/some.parquet'")
    connection.execute(rollup_statement([folder / "none.parquet", folder / "some.parquet"], folder / "rollup.parquet"))
    return f"'{folder}/rollup.parquet'"


@SOME
@given(rows=st.lists(calls, min_size=1, max_size=30))
def test_a_rollup_says_of_each_day_and_function_what_its_calls_say(
    rows: list[tuple[str | None, int, Decimal | None, float | None]],
    segments: tuple[duckdb.DuckDBPyConnection, Path],
) -> None:
    """Money to the last digit, counts, and quantiles within 1 % of numpy's."""
    source = rolled(segments, [(name, FIRST + timedelta(days=day), cost, ms) for name, day, cost, ms in rows])
    found = (
        segments[0]
        .execute(f"SELECT function_name, day, calls, priced_calls, cost_usd, total_sketch FROM {source}")
        .fetchall()
    )
    groups = {(name, FIRST.date() + timedelta(days=day)) for name, day, _, _ in rows}
    assert {(name, day) for name, day, *_ in found} == groups
    for name, day, count, priced, cost_usd, sketch in found:
        mine = [row for row in rows if (row[0], FIRST.date() + timedelta(days=row[1])) == (name, day)]
        costs = [cost for _, _, cost, _ in mine if cost is not None]
        assert (count, priced, cost_usd) == (len(mine), len(costs), sum(costs, Decimal()) if costs else None)
        assert_close([ms for *_, ms in mine if ms is not None], [sketch] if sketch else [])


def assert_close(values: list[float], sketches: list[bytes]) -> None:
    ((count,), (found,)) = percentiles([sketches], SHARES)
    assert count == len(values)
    if not values:
        assert found == (None,) * len(SHARES)
        return
    for share, quantile in zip(SHARES, found, strict=True):
        exact = float(np.quantile(np.array(values), share))
        assert quantile == pytest.approx(exact, rel=0.01, abs=1e-12)


@SOME
@given(values=st.lists(st.just(0.0) | clocks | clocks.map(lambda ms: -ms), min_size=1, max_size=20))
@example(values=[0.0])
@example(values=[1.02**k for k in range(-20, 20)])
def test_clocks_that_contradict_each_other_keep_their_order_and_their_sign(
    values: list[float], segments: tuple[duckdb.DuckDBPyConnection, Path]
) -> None:
    source = rolled(segments, [("f", FIRST, None, value) for value in values])
    ((sketch,),) = segments[0].execute(f"SELECT total_sketch FROM {source}").fetchall()
    ((count,), (found,)) = percentiles([[sketch]], (0.0, 1.0))
    assert count == len(values)
    assert found == pytest.approx((min(values), max(values)), rel=0.01, abs=1e-12)


@pytest.mark.parametrize("value", [float("inf"), float("nan"), 1e300, 5e-324, -float("inf")])
def test_no_value_stands_in_the_way_of_a_rollup(value: float, segments: tuple[duckdb.DuckDBPyConnection, Path]) -> None:
    """Would catch a logarithm that one damaged row makes fail for the whole segment."""
    source = rolled(segments, [("f", FIRST, None, value), ("f", FIRST, None, 5.0)])
    ((sketch,),) = segments[0].execute(f"SELECT total_sketch FROM {source}").fetchall()
    assert percentiles([[sketch]], (0.5,))[0] == [2]


def test_sketches_of_one_group_add_up_and_groups_stay_apart(
    segments: tuple[duckdb.DuckDBPyConnection, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lambdascope_analytics.analyses.sketches._GROUPS_AT_ONCE", 2)
    rows = [("f", FIRST + timedelta(days=day), None, ms) for day in range(5) for ms in (day + 1.0, day * 10.0 + 10)]
    source = rolled(segments, rows)
    sketches = [row[0] for row in segments[0].execute(f"SELECT total_sketch FROM {source} ORDER BY day").fetchall()]
    counts, found = percentiles([[sketches[0], sketches[1]], [], [sketches[4]]], (0.0, 1.0))
    assert counts == [4, 0, 2]
    assert found[0] == pytest.approx((1.0, 20.0), rel=0.01)
    assert found[1] == (None, None)
    assert found[2] == pytest.approx((5.0, 50.0), rel=0.01)

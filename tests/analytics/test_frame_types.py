"""Columns have the types of what they hold, also where there is nothing to tell them from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Literal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.frame_types import frame_of, in_time, tables_of, with_types


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    calls: int | None
    p95_ms: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    label: str
    calls: int
    size: int | None
    share: float | None
    cost_usd: Decimal | None
    first_seen: datetime | None
    day: date | None
    is_new: bool
    trend: Literal["up", "down"] | None
    warm: Inner | None
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    summary: str
    groups: tuple[Row, ...]
    previous: tuple[Inner, ...] | None
    total: Inner
    notes: tuple[str, ...]


TYPES = {
    "label": "str",
    "calls": "Int64",
    "size": "Int64",
    "share": "float64",
    "cost_usd": "object",
    "first_seen": "datetime64[us, UTC]",
    "day": "datetime64[us]",
    "is_new": "boolean",
    "trend": "str",
    "warm_calls": "Int64",
    "warm_p95_ms": "float64",
    "examples": "object",
}
NOW = datetime(2026, 11, 22, 10, 0, 0, 123456, tzinfo=UTC)
FULL = Row(
    label="orders",
    calls=3,
    size=2**53 + 1,  # no double holds this
    share=0.25,
    cost_usd=Decimal("0.000000273334"),
    first_seen=NOW,
    day=NOW.date(),
    is_new=True,
    trend="up",
    warm=Inner(calls=1, p95_ms=2.5),
    examples=("a", "b"),
)
EMPTY = Row(
    label="",
    calls=0,
    size=None,
    share=None,
    cost_usd=None,
    first_seen=None,
    day=None,
    is_new=False,
    trend=None,
    warm=None,
    examples=(),
)


def types_of(frame: pd.DataFrame) -> dict[str, str]:
    return {str(name): str(dtype) for name, dtype in frame.dtypes.items()}


@pytest.mark.parametrize("rows", [[], [EMPTY], [FULL], [FULL, EMPTY]])
def test_types_do_not_depend_on_what_the_rows_hold(rows: Sequence[Row]) -> None:
    assert types_of(frame_of(rows, Row)) == TYPES


def test_values_are_exact_and_what_is_not_known_is_missing() -> None:
    frame = frame_of([FULL, EMPTY], Row)
    assert frame["cost_usd"][0] == Decimal("0.000000273334")
    assert frame["size"][0] == 2**53 + 1
    assert frame["first_seen"][0] == NOW
    assert (frame["warm_calls"][0], frame["warm_p95_ms"][0]) == (1, 2.5)
    missing = ["size", "share", "cost_usd", "first_seen", "day", "trend", "warm_calls", "warm_p95_ms"]
    assert [name for name in frame.columns if bool(frame[name].isna()[1])] == missing


@given(st.lists(st.integers(-(2**63), 2**63 - 1) | st.none(), max_size=8))
def test_integers_stay_what_they_are_whatever_stands_beside_them(values: list[int | None]) -> None:
    frame = frame_of([Inner(calls=value, p95_ms=None) for value in values], Inner)
    assert [None if value is pd.NA else int(value) for value in frame["calls"]] == values


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    percentiles_ms: Mapping[str, float]
    clocks: Mapping[str, Inner]


def test_a_mapping_is_spread_over_the_columns_that_were_named() -> None:
    spread = {"percentiles_ms": {"p50": "p50_ms", "p99": "p99_ms"}, "clocks": {"init": "init"}}
    rows = [Spread(percentiles_ms={"p50": 1.5}, clocks={"init": Inner(calls=2, p95_ms=3.5)})]
    rows.append(Spread(percentiles_ms={}, clocks={}))
    frame, empty = frame_of(rows, Spread, spread), frame_of([], Spread, spread)
    assert frame.iloc[0].to_dict() | {"p99_ms": None} == {
        "p50_ms": 1.5,
        "p99_ms": None,
        "init_calls": 2,
        "init_p95_ms": 3.5,
    }
    assert frame.iloc[1].isna().all()
    assert types_of(empty) == types_of(frame)
    assert types_of(frame) == {
        "p50_ms": "float64",
        "p99_ms": "float64",
        "init_calls": "Int64",
        "init_p95_ms": "float64",
    }


def test_the_tables_of_an_answer_are_its_lists_and_what_is_nested_in_it() -> None:
    assert tables_of(Answer) == {"groups": Row, "previous": Inner, "total": Inner}


def test_a_query_has_the_types_it_was_described_with() -> None:
    # As duckdb 1.5 hands them out: integers beside a NULL are floats, all-NULL columns are objects.
    frame = pd.DataFrame(
        {
            "pid": [1.0, None],
            "cold": pd.Series([True, None], dtype="object"),
            "name": pd.Series([None, None], dtype="object"),
            "id": pd.Series([7, None], dtype="object"),
            "cost": [1, 2],
        }
    )
    kinds = {"pid": "INTEGER", "cold": "BOOLEAN", "name": "VARCHAR", "id": "UUID", "cost": "DECIMAL(18,12)"}
    described = [{"column_name": name, "column_type": kind} for name, kind in kinds.items()]
    typed = with_types(frame, described)
    assert types_of(typed) == {"pid": "Int32", "cold": "boolean", "name": "str", "id": "str", "cost": "float64"}
    assert typed["name"].isna().all()
    assert list(typed["id"].isna()) == [False, True]


@pytest.mark.parametrize("texts", [[], ["2026-11-22T13:00Z", "2026-11-21T09:00Z"], ["2026-11-22", "2026-11-21"]])
def test_times_as_texts_become_times_in_their_order(texts: list[str]) -> None:
    frame = in_time(pd.DataFrame({"group": pd.Series(texts, dtype="str"), "calls": range(len(texts))}), "group")
    assert str(frame["group"].dtype) == "datetime64[us, UTC]"
    assert list(frame["calls"]) == list(range(len(texts)))[::-1]
    assert list(frame.index) == list(range(len(texts)))

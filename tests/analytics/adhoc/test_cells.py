"""Values of an answer: exact in JSON, and no more of them than fit."""

import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.adhoc.cells import encoded, plain, shortened, take

BERLIN = timezone(timedelta(hours=1))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        ("a\n€", "a\n€"),
        (2**53 - 1, 2**53 - 1),
        (2**53, "9007199254740992"),
        (-(2**100), str(-(2**100))),
        (1.5, 1.5),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (Decimal("0.000000000001"), "0.000000000001"),
        (Decimal("1E+3"), "1000"),
        (datetime(2026, 11, 20, 10, 0, 0, 5, tzinfo=UTC), "2026-11-20T10:00:00.000005Z"),
        (datetime(2026, 11, 20, 10, tzinfo=BERLIN), "2026-11-20T09:00:00Z"),
        (datetime.fromisoformat("2026-11-20T10:00:00"), "2026-11-20T10:00:00"),
        (date(2026, 11, 20), "2026-11-20"),
        (time(1, 2, 3), "01:02:03"),
        (timedelta(days=1), "1 day, 0:00:00"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (b"\x00\xff", "00ff"),
        ([Decimal("1.0"), None], ["1.0", None]),
        ({"a": {1: UUID(int=1)}}, {"a": {"1": "00000000-0000-0000-0000-000000000001"}}),
        ((1, {2}), [1, [2]]),
    ],
)
def test_a_value_comes_as_json_holds_it_exactly(value: object, expected: Any) -> None:
    assert plain(value) == expected
    assert json.loads(encoded(plain(value))) == expected


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.decimals() | st.datetimes() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(ANY)
def test_whatever_comes_is_strict_json(value: object) -> None:
    json.dumps(plain(value), allow_nan=False)


def test_rows_end_at_the_number_asked_for_and_that_is_told_only_if_there_are_more() -> None:
    assert take([(1,), (2,)], max_rows=2, max_bytes=100).truncated_by is None
    taken = take([(1,), (2,), (3,)], max_rows=2, max_bytes=100)
    assert (taken.rows, taken.truncated_by) == ([[1], [2]], "rows")


def test_no_more_rows_are_taken_than_needed_to_know_that_there_are_more() -> None:
    rows = iter([(number,) for number in range(100)])
    take(rows, max_rows=10, max_bytes=1000)
    assert next(rows) == (11,)


@given(st.lists(st.lists(ANY, min_size=1, max_size=3), max_size=10), st.integers(100, 500))
def test_an_answer_never_weighs_more_than_it_may(rows: list[list[object]], max_bytes: int) -> None:
    taken = take(rows, max_rows=1000, max_bytes=max_bytes)
    assert sum(len(encoded(cell)) for row in taken.rows for cell in row) <= max_bytes
    assert taken.truncated_by in {None, "bytes"}
    assert (len(taken.rows) == len(rows)) == (taken.truncated_by is None)


@given(ANY, st.integers(50, 200))
def test_a_value_is_cut_only_if_it_is_too_long_and_then_says_so(value: object, most: int) -> None:
    whole = plain(value)
    cell, weight, was_cut = shortened(whole, most)
    assert weight == len(encoded(cell)) <= 2 * most + 50
    assert was_cut == (len(encoded(whole)) > most)
    assert (cell == whole) if not was_cut else "... (cut: " in cell

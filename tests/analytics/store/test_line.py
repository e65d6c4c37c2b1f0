import json
import math
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambdascope_analytics.errors import UnfitRowError
from lambdascope_analytics.store.line import MAX_LINE_BYTES, encode_row
from lambdascope_analytics.store.row import COLUMNS

NOW = datetime(2026, 11, 22, 10, 0, 0, 123456, tzinfo=UTC)
odd_characters = st.sampled_from('\ud800\udfff\ud83d\ude00\x00\n\r\u2028\x7f"\\\U0001f600')
any_text = st.text(st.characters(exclude_categories=()), max_size=40) | st.text(odd_characters, max_size=4)
any_number = st.floats() | st.integers(-(10**400), 10**400) | st.decimals()
any_time = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))]))
any_value = any_text | any_number | any_time | st.booleans() | st.uuids() | st.none() | st.binary() | st.datetimes()
fitting_by_type = {
    "VARCHAR": any_text,
    "UUID": st.uuids() | st.uuids().map(str),
    "TIMESTAMPTZ": any_time,
    "DOUBLE": st.floats() | st.integers(-(10**20), 10**20) | st.decimals(-1000, 1000),
    "BIGINT": st.integers(-(2**63), 2**63 - 1),
    "INTEGER": st.integers(-(2**31), 2**31 - 1),
    "BOOLEAN": st.booleans(),
    "DECIMAL(18,12)": st.decimals(-999_999, 999_999, places=12),
}
# A few columns that cover the types: with all of them hypothesis draws next to nothing of each.
DRAWN = ("call_id", "trace_id", "error_message", "total_ms", "billed_ms", "pid", "cold_start", "cost_usd")
TYPES = {column.name: column.type for column in COLUMNS}
fitting_rows = st.fixed_dictionaries(
    {"started_at": any_time}, optional={name: fitting_by_type[TYPES[name]] | st.none() for name in DRAWN}
)
# Any value in any column: what fits must come back, what does not must be refused.
wild_rows = st.fixed_dictionaries(
    {"started_at": any_time}, optional=dict.fromkeys([*DRAWN, "no_such_column"], any_value)
)


def read(path: Path) -> list[tuple[object, ...]]:
    columns = ", ".join(f"{column.name}: '{column.type}'" for column in COLUMNS)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return connection.execute(
            f"SELECT * FROM read_json('{path}', format='newline_delimited', columns={{{columns}}})"
        ).fetchall()


def stored(name: str, value: object) -> object:
    """What a column holds after a value went in: the three roundings that `encode_row` documents, no other."""
    kind = TYPES[name]
    if isinstance(value, str) and kind == "UUID":
        return UUID(value)
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if kind == "DOUBLE" and isinstance(value, int | float | Decimal):
        return "nan" if math.isnan(float(value)) else float(value)
    if kind.startswith("DECIMAL") and isinstance(value, int | Decimal):
        return Decimal(value).quantize(Decimal("1E-12"))
    return value


@pytest.mark.parametrize("rows", [fitting_rows, wild_rows], ids=["fitting", "wild"])
@settings(
    max_examples=40,
    # Each example overwrites the one file, and too slow is a matter of the machine.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_rows_come_back_equal_through_duckdb_or_are_refused(
    rows: st.SearchStrategy[dict[str, object]], data: st.DataObject, tmp_path: Path
) -> None:
    """Read without ignore_errors, so a line that DuckDB cannot take fails here; both row counts must agree."""
    sent: list[dict[str, object]] = []
    lines: list[bytes] = []
    for row in data.draw(st.lists(rows, max_size=8)):
        try:
            lines.append(encode_row(row))
            sent.append(row)
        except UnfitRowError:
            assert rows is wild_rows or isinstance(row["started_at"], datetime)
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"".join(lines))
    back = read(path)
    assert len(back) == len(sent)
    for row, values in zip(sent, back, strict=True):
        found = {column.name: value for column, value in zip(COLUMNS, values, strict=True) if value is not None}
        found = {name: "nan" if value != value else value for name, value in found.items()}
        assert found == {name: stored(name, value) for name, value in row.items() if value is not None}


@given(row=fitting_rows)
def test_rows_that_fit_are_refused_only_when_utc_has_no_such_time(row: dict[str, object]) -> None:
    """Guards the property above against an encoder that refuses everything."""
    started_at = row["started_at"]
    assert isinstance(started_at, datetime)
    if 1 < started_at.year < 9999:
        assert encode_row(row).endswith(b"}\n")


def test_a_line_is_plain_json_with_exact_money_and_utc_microseconds() -> None:
    row = {
        "started_at": NOW.astimezone(timezone(timedelta(hours=2))),
        "cost_usd": Decimal("6.05E-6"),
        "total_ms": math.nan,
        "error_message": "é\n\x00",
        "call_id": UUID(int=7),
        "region": None,
    }
    assert json.loads(encode_row(row)) == {
        "started_at": "2026-11-22T10:00:00.123456+00:00",
        "cost_usd": "0.000006050000",
        "total_ms": "nan",
        "error_message": "é\n\x00",
        "call_id": "00000000-0000-0000-0000-000000000007",
    }


@pytest.mark.parametrize(
    ("sent", "found"), [("a\ud83d", "a\ufffd"), ("\udc00b", "\ufffdb"), ("\ud83d\ude00", "\U0001f600")]
)
def test_half_a_surrogate_pair_does_not_keep_a_call_out_of_the_history(sent: str, found: str, tmp_path: Path) -> None:
    """JavaScript cuts texts in the middle of an emoji; UTF-8 cannot hold the half that is left."""
    path = tmp_path / "rows.jsonl"
    path.write_bytes(encode_row({"started_at": NOW, "error_message": sent}))
    (row,) = read(path)
    assert found in row


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("started_at", None),
        ("started_at", NOW.replace(tzinfo=None)),
        ("started_at", NOW.isoformat()),
        ("call_id", "not-a-uuid"),
        ("function_name", 7),
        ("billed_ms", 2**63),
        ("billed_ms", True),
        ("billed_ms", 1.0),
        ("pid", 2**31),
        ("total_ms", 10**400),
        ("total_ms", "1"),
        ("cold_start", 1),
        ("cost_usd", 0.1),
        ("cost_usd", Decimal("1E6")),
        ("cost_usd", Decimal("NaN")),
        ("no_such_column", 1),
    ],
)
def test_a_value_that_its_column_cannot_hold_is_refused_by_name(column: str, value: object) -> None:
    """Each of these would otherwise come back as NULL or as another value, without a word."""
    with pytest.raises(UnfitRowError) as caught:
        encode_row({"started_at": NOW} | {column: value})
    assert caught.value.column == column


def test_a_line_longer_than_duckdb_should_meet_is_refused() -> None:
    assert len(encode_row({"started_at": NOW, "error_message": "x" * (MAX_LINE_BYTES - 100)})) <= MAX_LINE_BYTES
    with pytest.raises(UnfitRowError, match="longer"):
        encode_row({"started_at": NOW, "error_message": "x" * MAX_LINE_BYTES})

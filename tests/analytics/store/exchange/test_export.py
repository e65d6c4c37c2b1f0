import csv
import io
import json
import os
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lambdascope_analytics.errors import HistoryError
from lambdascope_analytics.store.exchange import export as export_module
from lambdascope_analytics.store.exchange.export import Selection, export_to_file, export_to_stream
from lambdascope_analytics.store.exchange.formats import FORMATS, Format, format_of
from lambdascope_analytics.store.locks import exclusive, is_locked
from lambdascope_analytics.store.maintenance import LOCK
from lambdascope_analytics.store.row import COLUMN_NAMES

Store = Callable[[Path, list[dict[str, Any]]], None]
RowOf = Callable[..., dict[str, Any]]
SOME = Selection(columns=("call_id", "started_at", "cost_usd", "error_message", "principal", "total_ms"))


def test_csv_has_exact_money_times_in_utc_and_tells_null_from_empty(
    here: Path, tmp_path: Path, store: Store, row_of: RowOf
) -> None:
    store(here, [row_of(1, error_message=""), row_of(2, error_message=None)])
    assert export_to_file(here, tmp_path / "calls.csv", "csv", SOME) == 2
    text = (tmp_path / "calls.csv").read_text()
    assert text.startswith("call_id,started_at,cost_usd,error_message,principal,total_ms\n")
    assert (
        '001,2026-11-21T09:59:59.999999Z,123456.000000000001,"","a ""quoted"", name\nof two lines \\ é",1.1\n' in text
    )
    assert "002,2026-11-21T19:59:59.999999Z,123456.000000000001,," in text
    with (tmp_path / "calls.csv").open(newline="") as opened:
        assert len(list(csv.reader(opened))) == 3


def test_json_lines_are_json_also_where_json_has_no_number(
    here: Path, tmp_path: Path, store: Store, row_of: RowOf
) -> None:
    store(
        here, [row_of(1), row_of(2, total_ms=float("nan")), row_of(3, total_ms=float("-inf")), row_of(4, total_ms=None)]
    )

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    assert export_to_file(here, tmp_path / "calls.jsonl", "jsonl", Selection()) == 4
    lines = (tmp_path / "calls.jsonl").read_text().splitlines()
    rows = sorted((json.loads(line, parse_constant=refuse) for line in lines), key=lambda row: row["started_at"])
    assert [row["total_ms"] for row in rows] == [1.1, "nan", "-inf", None]
    assert {row["cost_usd"] for row in rows} == {"123456.000000000001"}
    assert tuple(rows[0]) == COLUMN_NAMES


def test_parquet_has_the_types_of_the_history(here: Path, tmp_path: Path, store: Store, row_of: RowOf) -> None:
    store(here, [row_of(1)])
    export_to_file(here, tmp_path / "calls.parquet", "parquet", SOME)
    with duckdb.connect() as connection:
        described = connection.execute(f"DESCRIBE FROM '{tmp_path}/calls.parquet'").fetchall()
    kinds = ["UUID", "TIMESTAMP WITH TIME ZONE", "DECIMAL(18,12)", "VARCHAR", "VARCHAR", "DOUBLE"]
    assert [(name, kind) for name, kind, *_ in described] == list(zip(SOME.columns, kinds, strict=True))


def test_a_window_takes_its_start_and_leaves_its_end(here: Path, tmp_path: Path, store: Store, row_of: RowOf) -> None:
    store(here, [row_of(number) for number in range(4)])
    window = Selection(since=row_of(1)["started_at"], until=row_of(3)["started_at"], columns=("total_ms",))
    assert export_to_file(here, tmp_path / "calls.csv", "csv", window) == 2
    assert sorted((tmp_path / "calls.csv").read_text().splitlines()) == ["1.1", "2.1", "total_ms"]


@pytest.mark.parametrize("columns", [("call_id", "secret"), (), ("pid", "pid")])
def test_columns_that_make_no_table_are_refused_by_name(columns: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"secret|each once"):
        Selection(columns=columns)


def test_a_file_there_is_stays_unless_it_is_to_be_replaced(
    here: Path, tmp_path: Path, store: Store, row_of: RowOf
) -> None:
    store(here, [row_of(1)])
    target = tmp_path / "calls.csv"
    target.write_text("precious")
    with pytest.raises(FileExistsError, match="exists already"):
        export_to_file(here, target, "csv", SOME)
    assert target.read_text() == "precious"
    assert export_to_file(here, target, "csv", SOME, replaces=True) == 1
    assert target.read_text() != "precious"


def test_a_link_that_leads_nowhere_is_a_file_there_is(here: Path, tmp_path: Path, store: Store, row_of: RowOf) -> None:
    store(here, [row_of(1)])
    (tmp_path / "calls.csv").symlink_to(tmp_path / "elsewhere.csv")
    with pytest.raises(FileExistsError):
        export_to_file(here, tmp_path / "calls.csv", "csv", SOME)
    assert not (tmp_path / "elsewhere.csv").exists()


@pytest.mark.parametrize("file_format", FORMATS)
def test_an_export_is_private_and_nothing_is_left_beside_it(
    file_format: Format, here: Path, tmp_path: Path, store: Store, row_of: RowOf
) -> None:
    store(here, [row_of(1)])
    out = tmp_path / "out"
    out.mkdir()
    export_to_file(here, out / "calls", file_format, SOME)
    assert [path.name for path in out.iterdir()] == ["calls"]
    assert (out / "calls").stat().st_mode & 0o777 == 0o600


def test_a_failed_export_leaves_nothing(
    here: Path, tmp_path: Path, store: Store, row_of: RowOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader of the target must never take a part for the whole."""
    store(here, [row_of(1)])
    out = tmp_path / "out"
    out.mkdir()
    monkeypatch.setattr("lambdascope_analytics.store.exchange.export.copy_options", lambda _: "(FORMAT none)")
    with pytest.raises(HistoryError):
        export_to_file(here, out / "calls.csv", "csv", SOME)
    assert list(out.iterdir()) == []


def test_a_stream_gets_what_a_file_would(here: Path, tmp_path: Path, store: Store, row_of: RowOf) -> None:
    store(here, [row_of(number) for number in range(50)])
    export_to_file(here, tmp_path / "calls.csv", "csv", SOME)
    stream = io.BytesIO()
    stream.write(b"before\n")
    assert export_to_stream(here, stream, "csv", SOME) == 50
    assert sorted(stream.getvalue().splitlines()) == sorted(
        [b"before", *(tmp_path / "calls.csv").read_bytes().splitlines()]
    )


def test_a_reader_that_leaves_ends_the_export(here: Path, store: Store, row_of: RowOf) -> None:
    """`lambdascope history export - | head` must end, and with nothing but that."""
    store(here, [row_of(number) for number in range(50)])
    source, sink = os.pipe()
    os.close(source)
    with pytest.raises(BrokenPipeError), os.fdopen(sink, "wb", 0) as stream:
        export_to_stream(here, stream, "csv", SOME)
    assert [thread.name for thread in threading.enumerate() if thread.name == "export"] == []


def test_what_cannot_be_read_does_not_come_with_the_rest(
    here: Path, tmp_path: Path, store: Store, row_of: RowOf
) -> None:
    store(here, [row_of(1)])
    export_to_file(here, tmp_path / "calls.csv", "csv", SOME)
    (here / "segments" / "date=2026-11-20").mkdir()
    (here / "segments" / "date=2026-11-20" / "torn-settled.parquet").write_bytes(b"PAR1 no more")
    assert export_to_file(here, tmp_path / "again.csv", "csv", SOME) == 1
    assert [path.name for path in (here / "set-aside").iterdir()] == ["torn-settled.parquet"]


def test_an_export_needs_no_compaction_to_end(
    here: Path, tmp_path: Path, store: Store, row_of: RowOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lambdascope_analytics.store.exchange.export._WAIT_S", 0.0)
    store(here, [row_of(1)])
    with exclusive(here / LOCK, wait_s=0):
        assert export_to_file(here, tmp_path / "calls.csv", "csv", SOME) == 1


def test_a_reader_that_pauses_holds_no_compaction_up(here: Path, store: Store, row_of: RowOf) -> None:
    """`lambdascope history export - | less` may stay open for days."""
    store(here, [row_of(1)])
    tried: list[str] = []

    class Stream(io.BytesIO):
        def write(self, data: Any) -> int:
            with exclusive(here / LOCK, wait_s=0):
                tried.append("free")
            return super().write(data)

    assert export_to_stream(here, Stream(), "csv", SOME) == 1
    assert set(tried) == {"free"}


def test_an_export_to_a_file_keeps_compactions_out(
    here: Path, tmp_path: Path, store: Store, row_of: RowOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A compaction removes files a minute after it replaced them, and an export may need longer."""
    store(here, [row_of(1)])
    tried: list[bool] = []
    copied = export_module._rows_of
    monkeypatch.setattr(
        export_module, "_rows_of", lambda answer: tried.append(is_locked(here / LOCK)) or copied(answer)
    )
    assert export_to_file(here, tmp_path / "calls.csv", "csv", SOME) == 1
    assert tried == [True]


@pytest.mark.parametrize(("name", "file_format"), [("a.CSV", "csv"), ("a.b.ndjson", "jsonl"), ("x.parquet", "parquet")])
def test_a_name_tells_its_format(name: str, file_format: str) -> None:
    assert format_of(Path(name)) == file_format


def test_a_name_that_tells_no_format_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"calls\.xlsx.*\.parquet, \.csv"):
        format_of(Path("calls.xlsx"))


def test_times_are_those_of_the_row_in_any_zone(
    here: Path, tmp_path: Path, store: Store, row_of: RowOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    store(here, [row_of(1)])
    start = row_of(1)["started_at"]
    window = Selection(since=start, until=start + timedelta(microseconds=1), columns=("started_at",))
    assert export_to_file(here, tmp_path / "calls.csv", "csv", window) == 1
    assert (tmp_path / "calls.csv").read_text().splitlines()[1] == "2026-11-21T09:59:59.999999Z"

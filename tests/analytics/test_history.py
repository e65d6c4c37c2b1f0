import importlib.util
import os
import random
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import pytest

from lambdascope_analytics.errors import HistoryError
from lambdascope_analytics.history import History, open_history
from lambdascope_analytics.store.compaction import main
from lambdascope_analytics.store.directories import default_directory
from lambdascope_analytics.store.prepare import prepare
from lambdascope_analytics.store.row import COLUMN_NAMES, COLUMNS
from lambdascope_analytics.store.spool import SpoolWriter

NOW = datetime(2026, 11, 22, 23, 30, 0, 123456, tzinfo=UTC)
PATIENCE_S = 30.0


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "history"


@pytest.fixture
def writer(directory: Path) -> Iterator[SpoolWriter]:
    writer = SpoolWriter(directory)
    yield writer
    writer.close(PATIENCE_S)


def store(writer: SpoolWriter, *rows: Mapping[str, object]) -> None:
    for row in rows:
        assert writer.append({"started_at": NOW, **row})
    assert writer.flush(PATIENCE_S)


def ask(directory: Path, sql: str, **params: object) -> list[dict[str, Any]]:
    with open_history(directory) as history:
        return history.query(sql, params)


def test_a_row_of_every_type_is_readable_in_the_order_of_the_schema(directory: Path, writer: SpoolWriter) -> None:
    row: dict[str, object] = {
        "call_id": UUID(int=1),
        "started_at": NOW,
        "outcome": "ok",
        "total_ms": 12.5,
        "billed_ms": 13,
        "cold_start": True,
        "memory_mb": 128,
        "cost_usd": Decimal("0.000000000001"),
    }
    store(writer, row)
    (found,) = ask(directory, "SELECT * FROM calls")
    assert tuple(found) == COLUMN_NAMES
    assert {name: value for name, value in found.items() if value is not None} == row
    assert found["started_at"].utcoffset() == timedelta(0)


def test_the_view_has_the_types_of_the_schema_even_when_empty(directory: Path) -> None:
    described = ask(directory, "DESCRIBE calls")
    names = {"TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ"}
    types = [(column["column_name"], names.get(column["column_type"], column["column_type"])) for column in described]
    assert types == [(column.name, column.type) for column in COLUMNS]


def test_segments_and_spools_are_read_together_and_a_segment_may_lack_new_columns(
    directory: Path, writer: SpoolWriter
) -> None:
    prepare(directory)
    day = directory / "segments" / "date=2026-11-21"
    day.mkdir()
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT TIMESTAMPTZ '2026-11-21 10:00:00Z' AS started_at, 'old' AS function_name) "
            f"TO '{day}/a-settled.parquet' (FORMAT parquet)"
        )
    store(writer, {"function_name": "new", "pid": 1})
    found = ask(directory, "SELECT function_name, pid FROM calls ORDER BY started_at")
    assert found == [{"function_name": "old", "pid": None}, {"function_name": "new", "pid": 1}]


def test_torn_and_foreign_lines_do_not_hide_the_rows_around_them(directory: Path, writer: SpoolWriter) -> None:
    store(writer, {"pid": 1})
    whole = writer.path.read_text()
    (directory / "spool" / "other.jsonl").write_text(f"{whole}{whole[:30]}\n\nnot json\n{whole}{whole[:-3]}")
    assert ask(directory, "SELECT count(*) AS n FROM calls") == [{"n": 3}]


def test_the_ready_made_views_select_what_they_are_named_after(directory: Path, writer: SpoolWriter) -> None:
    old = NOW - timedelta(days=400)
    store(
        writer,
        {"pid": 1, "started_at": datetime.now(UTC), "outcome": "ok", "cold_start": True},
        {"pid": 2, "started_at": old, "outcome": "throttled", "cold_start": False},
        {"pid": 3, "started_at": old, "outcome": "accepted"},
        {"pid": 4, "started_at": old, "outcome": "dry_run"},
    )
    with open_history(directory) as history:
        found = {
            view: [row["pid"] for row in history.query(f"SELECT pid FROM {view} ORDER BY pid")]
            for view in ("calls", "calls_today", "errors", "cold_starts")
        }
    assert found == {"calls": [1, 2, 3, 4], "calls_today": [1], "errors": [2], "cold_starts": [1]}


def test_cost_by_function_day_counts_utc_days_and_leaves_unknown_cost_null(
    directory: Path, writer: SpoolWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """23:30 UTC is the next day in Tokyo and the same in New York: the zone of the machine must not matter."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    one = {"target": "lambda", "function_name": "f", "region": "us-east-1", "outcome": "ok", "billed_ms": 2}
    store(
        writer,
        one | {"cost_usd": Decimal("0.000000000001"), "cost_source": "measured"},
        one | {"cost_usd": Decimal("0.000000000002"), "cost_source": "estimated"},
        one | {"outcome": "function_error"},
        one | {"function_name": "g", "billed_ms": None},
        one | {"target": "self"},
        one
        | {"target": "upstream:shop", "function_name": None, "billed_ms": None}
        | {"cost_usd": Decimal("0.25"), "cost_source": "configured"},
    )
    shared = {"day": NOW.date(), "region": "us-east-1"}
    assert ask(directory, "SELECT * FROM cost_by_function_day ORDER BY function_name") == [
        shared
        | {"function_name": "f", "calls": 3, "failures": 1, "billed_ms": 6, "priced_calls": 2, "measured_calls": 1}
        | {"cost_usd": Decimal("0.000000000003")},
        shared
        | {"function_name": "g", "calls": 1, "failures": 0, "billed_ms": None, "priced_calls": 0, "measured_calls": 0}
        | {"cost_usd": None},
        shared
        | {"function_name": "upstream:shop", "calls": 1, "failures": 0, "billed_ms": None}
        | {"priced_calls": 1, "measured_calls": 0, "cost_usd": Decimal("0.25")},
    ]


def test_any_directory_name_works_from_any_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Quotes end an SQL literal and brackets are a pattern to glob."""
    directory = tmp_path / "it's [a] *strange* name é"
    with_row = SpoolWriter(directory)
    store(with_row, {"pid": 5})
    assert with_row.close(PATIENCE_S)
    prepare(directory)
    monkeypatch.chdir("/")
    with duckdb.connect(str(directory / "history.duckdb"), read_only=True) as connection:
        assert connection.execute("SELECT pid FROM calls").fetchall() == [(5,)]


def test_preparing_again_changes_nothing(directory: Path) -> None:
    prepare(directory)
    before = {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in directory.rglob("*")}
    prepare(directory)
    assert {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in directory.rglob("*")} == before


def test_everything_prepared_is_private_and_nothing_is_left_aside(directory: Path) -> None:
    prepare(directory)
    made = sorted(directory.rglob("*"))
    assert {path.stat().st_mode & 0o777 for path in made if path.is_dir()} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in made if path.is_file()} == {0o600}
    assert not [path for path in made if path.suffix == ".new"]


def test_a_history_that_was_moved_reads_its_own_files(directory: Path, writer: SpoolWriter, tmp_path: Path) -> None:
    store(writer, {"pid": 1})
    prepare(directory)
    moved = tmp_path / "moved"
    shutil.copytree(directory, moved)
    store(writer, {"pid": 2})
    assert ask(moved, "SELECT pid FROM calls") == [{"pid": 1}]


def test_a_directory_that_cannot_be_prepared_is_an_error_with_its_reason(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory.write_text("in the way")
    with pytest.raises(HistoryError, match="cannot be prepared"):
        open_history(directory)
    assert main([str(directory)]) == 1
    assert "cannot be prepared" in capsys.readouterr().err


HOLDER = """
import duckdb, sys
with duckdb.connect(sys.argv[1]) as connection:
    print("held", flush=True)
    sys.stdin.read()
"""


def test_somebody_with_the_database_open_for_writing_does_not_lock_us_out(directory: Path, writer: SpoolWriter) -> None:
    """`duckdb history.duckdb` opens for writing by default."""
    store(writer, {"pid": 1})
    prepare(directory)
    database = str(directory / "history.duckdb")
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, database], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(duckdb.IOException):
            duckdb.connect(database, read_only=True)
        assert ask(directory, "SELECT pid FROM calls") == [{"pid": 1}]


def test_the_history_cannot_be_written_through_a_query(directory: Path) -> None:
    with open_history(directory) as history, pytest.raises(HistoryError):
        history.query("CREATE TABLE t (i INTEGER)")


def test_named_parameters_are_values_and_never_sql(directory: Path, writer: SpoolWriter) -> None:
    hostile = "'; DROP VIEW calls; --"
    store(writer, {"function_name": hostile}, {"function_name": "other"})
    found = ask(directory, "SELECT function_name FROM calls WHERE function_name = $name", name=hostile)
    assert found == [{"function_name": hostile}]


@pytest.mark.parametrize("sql", ["SELEC 1", "SELECT * FROM nowhere", "SELECT $missing"])
def test_a_statement_that_duckdb_refuses_is_a_history_error(sql: str, directory: Path) -> None:
    with open_history(directory) as history, pytest.raises(HistoryError):
        history.query(sql)


def test_a_question_whose_files_vanish_every_time_is_asked_once_more_while_they_rest(tmp_path: Path) -> None:
    """Rows that come by the ten thousand and a slow reader: each look meets a file that a compactor just removed."""
    file = tmp_path / "late.jsonl"
    entered: list[bool] = []

    @contextmanager
    def at_rest() -> Iterator[None]:
        entered.append(file.exists())
        file.write_text('{"pid": 1}')
        yield

    with History(duckdb.connect(), at_rest=at_rest) as history:
        assert history.query(f"SELECT pid FROM read_json('{file}')") == [{"pid": 1}]
    assert entered == [False]


def test_statements_about_a_period_are_about_the_same_calls_until_their_files_are_gone(
    directory: Path, writer: SpoolWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch an analysis with figures of different calls, and one that a compaction ends."""
    sql = "SELECT count(*) AS calls FROM calls"
    store(writer, {"pid": 1})
    with open_history(directory) as history, history.within(NOW, NOW + timedelta(hours=1)) as narrowed:
        assert narrowed.query(sql) == [{"calls": 1}]
        assert writer.close(PATIENCE_S)
        store_later = SpoolWriter(directory)
        store(store_later, {"pid": 2}, {"pid": 3, "started_at": NOW - timedelta(hours=1)})
        assert store_later.close(PATIENCE_S)
        assert (narrowed.query(sql), history.query(sql)) == ([{"calls": 1}], [{"calls": 3}])
        monkeypatch.setattr("lambdascope_analytics.store.publish.SPOOL_GRACE", timedelta())
        assert main([str(directory), "--everything"]) == 0
        assert not list(directory.glob("spool/*-*.jsonl"))
        assert (narrowed.query(sql), history.query(sql)) == ([{"calls": 2}], [{"calls": 3}])


def test_a_file_of_another_day_that_cannot_be_read_is_no_matter_to_a_period(directory: Path) -> None:
    prepare(directory)
    for day in ("2026-11-20", "2026-11-22"):
        folder = directory / "segments" / f"date={day}"
        folder.mkdir(parents=True)
        (folder / "broken-settled.parquet").write_bytes(b"PAR1")
    with open_history(directory) as history:
        with history.within(NOW + timedelta(days=1), None) as narrowed:
            assert narrowed.query("SELECT count(*) AS calls FROM calls") == [{"calls": 0}]
        assert len(list(directory.glob("segments/*/broken*"))) == 2
        with history.within(NOW, None) as narrowed:
            assert narrowed.query("SELECT count(*) AS calls FROM calls") == [{"calls": 0}]
    assert list(directory.glob("segments/*/broken*")) == []  # set aside, as by any question


def test_a_period_is_part_of_any_calls_there_are() -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE calls AS SELECT $1::TIMESTAMPTZ AS started_at, 1 AS pid", [NOW])
        connection.execute("INSERT INTO calls VALUES ($1, 2)", [NOW - timedelta(seconds=1)])
        with History(connection).within(NOW, None) as narrowed:
            assert narrowed.query("SELECT pid FROM calls") == [{"pid": 1}]


def test_settings_hold_for_every_query(directory: Path) -> None:
    """Each query runs on a cursor of its own, which does not inherit what was set for one session only."""
    names = ("enable_progress_bar", "autoinstall_known_extensions", "autoload_known_extensions", "TimeZone")
    with open_history(directory) as history:
        found = [history.query("SELECT current_setting($name) AS value", {"name": name})[0]["value"] for name in names]
    assert found == [False, False, False, "UTC"]


def test_threads_share_a_history_and_get_their_own_rows(directory: Path) -> None:
    wrong: list[object] = []
    with open_history(directory) as history:

        def ask_often(seed: int) -> None:
            for number in random.Random(seed).choices(range(10**6), k=50):
                rows = history.query("SELECT $number AS number", {"number": number})
                if rows != [{"number": number}]:
                    wrong.append(rows)

        threads = [threading.Thread(target=ask_often, args=(seed,)) for seed in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []


def test_the_default_directory_is_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if sys.platform == "linux":
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
        assert default_directory() == tmp_path / "lambdascope" / "history"
    assert os.fspath(default_directory()).endswith("history")


def test_a_frame_has_moments_in_utc_and_money_as_doubles(directory: Path, writer: SpoolWriter) -> None:
    """Warnings are errors here: duckdb's own way of giving a column its zone makes pandas warn."""
    store(writer, {"pid": 1, "cost_usd": Decimal("0.000000000001")}, {"pid": 2})
    with open_history(directory) as history:
        frame = history.frame(
            "SELECT started_at, pid, cost_usd FROM calls WHERE pid >= $pid ORDER BY pid; ", {"pid": 1}
        )
        whole = history.frame()
        plain = history.frame("SELECT 1 AS one -- a comment at the end")
    assert str(frame.dtypes["started_at"]) == "datetime64[us, UTC]"
    assert list(frame["started_at"]) == [NOW, NOW]
    assert frame["cost_usd"][0] == 1e-12
    assert frame["cost_usd"].isna().tolist() == [False, True]
    assert tuple(whole.columns) == COLUMN_NAMES
    assert plain["one"].tolist() == [1]


def test_an_arrow_table_needs_pyarrow_and_says_so(directory: Path) -> None:
    with open_history(directory) as history:
        if importlib.util.find_spec("pyarrow") is None:
            with pytest.raises(HistoryError, match="add pyarrow"):
                history.arrow()
        else:
            assert history.arrow("SELECT started_at FROM calls").num_rows == 0


@pytest.mark.parametrize("sql", ["SELEC 1", "SELECT * FROM nowhere"])
def test_a_frame_of_nonsense_is_a_history_error(sql: str, directory: Path) -> None:
    with open_history(directory) as history, pytest.raises(HistoryError):
        history.frame(sql)

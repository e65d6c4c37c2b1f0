"""The locked database by itself: it is handed escapes without the check that would refuse them before."""

import subprocess
import sys
from collections.abc import Callable, Collection
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lambdascope_analytics.adhoc.database import Parser, Room, warm_up
from lambdascope_analytics.adhoc.files import HistoryFiles
from lambdascope_analytics.errors import QueryError
from lambdascope_analytics.store.views import VIEWS

SECRET = "outside-secret"
secret_of_python = [SECRET]


def make_room(history: Path, views: Collection[str] = ("calls",)) -> Room:
    """A room over a history."""
    files = HistoryFiles(history)
    files.look()
    made = Room(200)
    made.register(files)
    made.furnish(views)
    return made


@pytest.fixture
def room(place: Any) -> Room:
    """A room over the history of this test."""
    return make_room(place.history)


@pytest.fixture(scope="module")
def kept_room(kept_place: Any) -> Room:
    """One for all escapes: none may change it."""
    return make_room(kept_place.history)


def everything(room: Room, sql: str) -> list[Any]:
    """All rows of a query."""
    return list(room.execute(sql)[1])


def shown_by(room: Room, sql: str) -> str:
    """What a reader sees of a query, whatever becomes of it."""
    try:
        return str(everything(room, sql))
    except QueryError as error:
        return str(error)


def test_the_views_are_read_through_the_history_alone(room: Room) -> None:
    columns, rows = room.execute("SELECT function_name, sum(cost_usd) AS usd FROM calls GROUP BY 1 ORDER BY 1")
    assert [(column.name, column.type) for column in columns] == [
        ("function_name", "VARCHAR"),
        ("usd", "DECIMAL(38,12)"),
    ]
    assert list(rows) == [("orders", Decimal("0.000000416668")), (None, Decimal("0.000000208334"))]


def test_a_path_of_this_machine_is_in_no_catalogue(room: Room, place: Any) -> None:
    _, rows = room.execute("SELECT sql FROM duckdb_views() UNION ALL SELECT value FROM duckdb_settings()")
    assert str(place.history) not in "".join(str(row) for row in rows)


def test_an_escape_has_no_effect_and_shows_no_secret(kept_room: Room, kept_place: Any, native_escape: str) -> None:
    before = kept_place.contents()
    with pytest.raises(QueryError) as refused:
        everything(kept_room, kept_place.filled_in(native_escape))
    assert SECRET not in str(refused.value)
    assert kept_place.contents() == before


def test_an_escape_that_is_not_refused_reaches_nothing_either(place: Any, escapes: list[str]) -> None:
    before = place.contents()
    room = make_room(place.history, VIEWS)
    shown = "".join(shown_by(room, place.filled_in(escape)) for escape in escapes)
    assert SECRET not in shown
    assert place.contents() == before


def test_the_variables_of_python_are_out_of_reach_by_a_setting_of_their_own(room: Room) -> None:
    assert everything(room, "SELECT current_setting('python_enable_replacements')") == [(False,)]


def test_only_the_views_a_query_reads_are_made(place: Any) -> None:
    # Each look at every file costs time: a history has thousands.
    room = make_room(place.history, {"errors"})
    _, rows = room.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY 1")
    assert list(rows) == [("calls",), ("errors",)]


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("SELECT nonsense FROM calls", "invalid"),
        ("SELECT CAST('x' AS INTEGER)", "invalid"),
        ("SELECT error('no')", "invalid"),
        ("SELECT count(DISTINCT i::VARCHAR || repeat('x', 500)) FROM range(1000000) t(i)", "limit"),
    ],
)
def test_what_goes_wrong_is_told_by_its_kind(room: Room, sql: str, reason: str) -> None:
    with pytest.raises(QueryError) as failed:
        everything(room, sql)
    assert failed.value.reason == reason


@pytest.mark.parametrize("sql", ["SELECT DATE '0044-03-15 (BC)'", "SELECT TIMESTAMPTZ '290000-01-01 00:00:00+00'"])
def test_a_value_python_does_not_know_is_shown_or_a_mistake_and_never_a_defect(room: Room, sql: str) -> None:
    # Which of the two depends on the version.
    try:
        reason = str(everything(room, sql) and "invalid")
    except QueryError as error:
        reason = error.reason
    assert reason == "invalid"


def test_a_file_that_vanished_is_told_as_a_failure_without_a_traceback(room: Room, place: Any) -> None:
    for spool in (place.history / "spool").glob("*.jsonl"):
        spool.unlink()
    with pytest.raises(QueryError) as failed:
        list(room.execute("SELECT * FROM calls")[1])
    assert failed.value.reason == "failed"
    assert "is gone" in str(failed.value)
    assert "Traceback" not in str(failed.value)
    assert str(place.history) not in str(failed.value)


def test_a_damaged_segment_is_told_by_its_name_in_the_history(place: Any) -> None:
    damaged = next((place.history / "segments").rglob("*.parquet"))
    damaged.write_bytes(b"nonsense")
    with pytest.raises(QueryError) as failed:
        make_room(place.history)
    assert str(place.history) not in str(failed.value)


def test_the_parser_reads_nothing_and_knows_no_view(place: Any) -> None:
    parser = Parser()
    before = place.contents()
    # On 1.5 parsing alone reads the files of an IMPORT.
    (place.outside / "schema.sql").write_text("SELECT 'outside-secret'", encoding="utf-8")
    (place.outside / "load.sql").write_text("SELECT 'outside-secret'", encoding="utf-8")
    tree = parser.parse(f"IMPORT DATABASE '{place.outside}'")
    assert tree["error"]
    assert SECRET not in str(tree)
    assert set(place.contents()) - set(before) == {"outside/schema.sql", "outside/load.sql"}


def test_warming_up_hands_out_every_kind_of_value_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # It must not fail where nothing is around it.
    monkeypatch.chdir(tmp_path)
    run: Callable[[], None] = warm_up
    run()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="threads are counted as Linux shows them")
def test_a_database_starts_no_thread_before_the_fences_are_up() -> None:
    # What would be caught: the kernel confines threads, and one that was there before reads and writes anything.
    program = """
import os
from lambdascope_analytics.adhoc import database
database.warm_up()
before = len(os.listdir("/proc/self/task"))
kept = database.Parser(), database.Room(200)
print(len(os.listdir("/proc/self/task")) - before, flush=True)
os._exit(0)
"""
    child = subprocess.run(
        [sys.executable, "-P", "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert child.stdout == "0\n"

import itertools
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import TypeVar

import duckdb
import pytest
from store_stage.rows import row, spool, waiting
from store_stage.stepping import Stepped

from lambdascope_analytics.store import day_files as day_files_module
from lambdascope_analytics.store.calls_of_period import from_files
from lambdascope_analytics.store.connection import connect
from lambdascope_analytics.store.day_files import DayFiles, day_files
from lambdascope_analytics.store.prepare import prepare
from lambdascope_analytics.store.publish import NewFile, publish
from lambdascope_analytics.store.segments import write_segments
from lambdascope_analytics.store.spools import scan_spools

T = TypeVar("T")

MODULE = "lambdascope_analytics.store.day_files"
PUBLISH = "lambdascope_analytics.store.publish"
PARTS = (f"{PUBLISH}.replace_hidden", f"{PUBLISH}.move_durably", "time.sleep")
WAIT, DONE = 3, 5
NOON = datetime(2026, 10, 16, 12, tzinfo=UTC)


@pytest.fixture
def days(directory: Path) -> Path:
    """Three days with a file of each kind, one of which is hidden, and a folder of no day."""
    for day in (15, 16, 17):
        folder = directory / "segments" / f"date=2026-10-{day}"
        folder.mkdir(parents=True)
        for name in ("a-settled.parquet", "b-open.parquet", "_keep-settled.parquet", "c.parquet.part"):
            (folder / name).touch()
    (directory / "segments" / "brought").mkdir()
    (directory / "segments" / "brought" / "z-settled.parquet").touch()
    (directory / "segments" / "notes.txt").touch()
    (directory / "hidden.jsonl").write_text(
        '{"file": "segments/date=2026-10-17/a-settled.parquet"}\nno line\n{"file": 1}\n["file"]\n'
    )
    return directory


def found(directory: Path, after: datetime | None, before: datetime | None) -> list[str]:
    files = day_files(directory, after, before)
    return [str(path.relative_to(directory / "segments")).removeprefix("date=2026-10-") for path in files.settled]


def test_a_period_has_the_files_of_its_days_and_those_of_no_day(days: Path) -> None:
    assert found(days, NOON, NOON + timedelta(hours=1)) == ["brought/z-settled.parquet", "16/a-settled.parquet"]
    assert found(days, None, NOON) == [
        "brought/z-settled.parquet",
        "15/a-settled.parquet",
        "16/a-settled.parquet",
    ]
    assert found(days, NOON + timedelta(days=1), None) == ["brought/z-settled.parquet"]


def test_days_are_those_of_utc(days: Path) -> None:
    early = datetime(2026, 10, 16, 1, tzinfo=timezone(timedelta(hours=2)))
    assert "15/a-settled.parquet" in found(days, early, None)
    late = datetime(2026, 10, 15, 23, tzinfo=timezone(timedelta(hours=-2)))
    assert "16/a-settled.parquet" in found(days, None, late)


def test_files_without_a_line_are_left_out(days: Path) -> None:
    (days / "spool").mkdir()
    (days / "spool" / "_keep.jsonl").touch()
    (days / "spool" / "h-1-a.jsonl").touch()
    (days / "spool" / "h-1-b.jsonl").write_text("{}\n")
    (days / "spool" / "h-1-c.part").write_text("{}\n")
    files = day_files(days, None, None)
    assert [path.name for path in files.spools] == ["h-1-b.jsonl"]
    assert (len(files.open), files.amendments) == (3, ())


def test_a_history_without_folders_has_no_files(tmp_path: Path) -> None:
    (tmp_path / "hidden.jsonl").touch()
    assert day_files(tmp_path, None, None) == DayFiles(settled=(), open=(), spools=(), amendments=())


def test_a_file_that_goes_while_we_look_is_passed_over(days: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A spool that is listed and gone before its size is asked for: its rows were in place elsewhere long before."""
    (days / "spool").mkdir()
    (days / "spool" / "h-1-a.jsonl").write_text("{}\n")
    monkeypatch.setattr("pathlib.Path.stat", _gone)
    assert day_files(days, None, None).spools == ()


def _gone(self: Path, **_: object) -> None:
    raise FileNotFoundError(self)


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Callable[[Path], None]]:
    """A history with a spool of two rows, and what exchanges it for segments in a copy of that history."""
    directory = tmp_path_factory.mktemp("exchange") / "history"
    old = spool(directory, [row(1), waiting(2)])
    prepare(directory)
    with connect(directory) as connection:
        new, _ = write_segments(connection, directory, scan_spools([old]), now=datetime.now(UTC))

    def run(copy: Path) -> None:
        moved = [NewFile(source=copy / each.source.relative_to(directory), file=each.file) for each in new]
        publish(copy, moved, [f"spool/{old.name}"], bind_s=0.0)

    return directory, run


@pytest.mark.parametrize(("begun", "reached"), [(0, 1), (0, 2), (0, WAIT), (2, WAIT), (WAIT, DONE)])
def test_files_that_are_exchanged_while_we_look_give_each_row_once(
    begun: int,
    reached: int,
    exchange: tuple[Path, Callable[[Path], None]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Would catch a list of hidden files that is read before the others are looked for.

    The exchange goes on from one part to another just before one of our looks: all take less time than its wait.
    """
    directory, run = exchange
    monkeypatch.setattr("os.fsync", lambda _: None)
    looks: list[str] = []
    assert looked_up(directory, looks.append) == [1, 2]
    found: list[list[int]] = []
    for moment in range(len(looks)):
        copy = tmp_path / str(moment)
        shutil.copytree(directory, copy)
        with monkeypatch.context() as patch:
            process = Stepped(partial(run, copy)).stop_before(patch, *PARTS)
            process.advance(begun)
            found.append(looked_up(copy, at(moment, process, reached - begun)))
            process.finish()
    assert found == [[1, 2]] * len(looks)


def at(moment: int, process: Stepped, parts: int) -> Callable[[str], None]:
    """Let the process go on by so many parts just before our look number `moment`."""
    count = itertools.count()
    return lambda _: process.advance(parts) if next(count) == moment else None


def looked_up(directory: Path, before_each: Callable[[str], None]) -> list[int]:
    """The numbers of the rows in the files we find; `before_each` look at the directory something may happen."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("_names", "_hidden"):
            patch.setattr(f"{MODULE}.{name}", _after(before_each, getattr(day_files_module, name)))
        sql = from_files(directory)(None, None)
    with duckdb.connect() as connection:
        connection.execute(sql)
        return [number for (number,) in connection.execute("SELECT pid FROM calls ORDER BY pid").fetchall()]


def _after(before: Callable[[str], None], original: Callable[[Path], T]) -> Callable[[Path], T]:
    def looking(path: Path) -> T:
        before(str(path))
        return original(path)

    return looking

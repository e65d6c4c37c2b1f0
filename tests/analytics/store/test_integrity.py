import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from store_stage.rows import compacted, days_ago, numbers, row, segment_files, spool

from lambdascope_analytics.history import open_history
from lambdascope_analytics.store.set_aside import files_set_aside

pytestmark = pytest.mark.usefixtures("impatient")

YESTERDAY = days_ago(1).replace(hour=10)


def write(path: Path, columns: str, *, rows: int = 1) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT {columns} FROM range({rows})) TO '{path}' (FORMAT parquet)")


KEYS = "uuid() AS call_id, TIMESTAMPTZ '2026-11-21 10:00:00Z' AS started_at"


def flip(path: Path) -> None:
    """Change the data and leave the footer as it is."""
    content = bytearray(path.read_bytes())
    content[4 : len(content) // 3] = os.urandom(len(content) // 3 - 4)
    path.write_bytes(content)


FAULTS: dict[str, Callable[[Path], object]] = {
    "truncated": lambda path: os.truncate(path, path.stat().st_size // 2),
    "empty": lambda path: os.truncate(path, 0),
    "no Parquet": lambda path: path.write_text("hello"),
    "foreign columns": lambda path: write(path, "1 AS a, 2 AS b"),
    "no key": lambda path: write(path, "TIMESTAMPTZ '2026-11-21 10:00:00Z' AS started_at, 1 AS pid"),
    "a key of another type": lambda path: write(path, "1 AS call_id, TIMESTAMPTZ '2026-11-21 10:00:00Z' AS started_at"),
    "a column of another type": lambda path: write(path, f"{KEYS}, 'many' AS billed_ms"),
    "a number for a time": lambda path: write(path, "uuid() AS call_id, 1 AS started_at"),
    "a number of a like type for a time": lambda path: write(path, "uuid() AS call_id, 1::BIGINT AS started_at"),
    "a list for a text": lambda path: write(path, f"{KEYS}, ['a'] AS tool_name"),
    "a directory": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.fixture
def broken(directory: Path) -> Path:
    """One of two segments, which a test breaks."""
    spool(directory, [row(1, at=YESTERDAY)])
    compacted(directory)
    (path,) = segment_files(directory)
    spool(directory, [row(2)])
    compacted(directory)
    return path


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_or_foreign_segment_is_set_aside_and_the_rest_is_read(
    fault: str, directory: Path, broken: Path, caplog: pytest.LogCaptureFixture
) -> None:
    FAULTS[fault](broken)
    assert compacted(directory).set_aside == 1
    assert numbers(directory) == [2]
    (aside,) = (directory / "set-aside").iterdir()
    assert aside.name == broken.name
    assert broken.name in caplog.text


@pytest.mark.parametrize("fault", ["truncated", "empty", "a column of another type"])
def test_a_reader_has_what_it_cannot_read_set_aside_and_is_answered(fault: str, directory: Path, broken: Path) -> None:
    FAULTS[fault](broken)
    with open_history(directory) as history:
        found = history.query("SELECT pid FROM calls WHERE pid IS NOT NULL AND started_at > now() - INTERVAL 9 DAY")
    assert {"pid": 2} in found


def test_damage_within_a_segment_is_found_when_it_is_read_and_set_aside(directory: Path) -> None:
    """Its footer is whole: only reading the values shows it."""
    spool(directory, [row(n, at=YESTERDAY, host=f"h{n * 7919 % 1000}", trace_id=f"{n:032x}") for n in range(5000)])
    compacted(directory)
    (path,) = segment_files(directory)
    spool(directory, [row(7000)])
    compacted(directory)
    flip(path)
    with open_history(directory) as history:
        assert history.query("SELECT count(DISTINCT trace_id) AS ids, count(*) AS n FROM calls") == [{"ids": 0, "n": 1}]
    assert [found.name for found in files_set_aside(directory)] == [path.name]


@pytest.mark.parametrize(
    "name", ["date=2026-11-21/notes.txt", "date=2026-11-21/a.parquet", "date=2026-11-21/folder", "elsewhere/a.txt"]
)
def test_what_is_no_segment_is_set_aside_and_never_deleted(name: str, directory: Path, broken: Path) -> None:
    path = directory / "segments" / name
    path.parent.mkdir(exist_ok=True)
    path.mkdir() if name.endswith("folder") else path.write_text("mine")
    assert compacted(directory).set_aside == 1
    assert (directory / "set-aside" / path.name).exists()
    assert numbers(directory) == [1, 2]


@pytest.mark.parametrize("folder", ["elsewhere", "date=tomorrow", "date=2026-13-01"])
def test_a_segment_in_a_folder_that_is_no_day_is_set_aside(folder: str, directory: Path, broken: Path) -> None:
    """Would catch a file that the views read and no maintenance ever looks at."""
    stray = directory / "segments" / folder / "x-settled.parquet"
    stray.parent.mkdir()
    stray.write_text("hello")
    assert compacted(directory).set_aside == 1
    assert numbers(directory) == [1, 2]


def test_a_segment_with_more_columns_than_we_know_is_kept(directory: Path, broken: Path) -> None:
    """A newer version may have written it."""
    write(broken, f"{KEYS}, 9 AS pid, 'x' AS column_of_tomorrow")
    assert compacted(directory).set_aside == 0
    assert numbers(directory) == [2, 9]


def test_several_broken_files_of_one_name_all_stay_in_set_aside(directory: Path, broken: Path) -> None:
    for _ in range(3):
        broken.parent.mkdir(exist_ok=True)
        broken.write_text("hello")
        assert compacted(directory).set_aside == 1
    assert len(files_set_aside(directory)) == 3


OPEN = """
import logging, sys
from pathlib import Path
from lambdascope_analytics.history import open_history
logging.basicConfig(format="%(message)s")
with open_history(Path(sys.argv[1])) as history:
    print([row["pid"] for row in history.query("SELECT pid FROM calls ORDER BY pid")])
"""


@pytest.mark.parametrize("name", ["segments/date=*", "segments", "spool", "amendments"])
def test_a_folder_that_may_not_be_read_is_named_and_the_rest_is_answered(
    name: str, directory: Path, broken: Path
) -> None:
    """DuckDB passes over such a folder without a word. Root may read it all the same, unless it gives that up."""
    spool(directory, [row(3)])
    folder = broken.parent if "=" in name else directory / name
    command = [sys.executable, "-c", OPEN, str(directory)]
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("needs setpriv")
        command = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", *command]
    folder.chmod(0)
    try:
        finished = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    finally:
        folder.chmod(0o700)
    expected = {broken.parent: [2, 3], directory / "segments": [3], directory / "spool": [1, 2]}.get(folder, [1, 2, 3])
    assert finished.stdout == f"{expected}\n", finished.stderr
    assert str(folder) in finished.stderr

import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from store_stage.rows import row, spool, waiting

from lambdascope_analytics.store.amendments import amend
from lambdascope_analytics.store.compaction import compact
from lambdascope_analytics.store.due import UpkeepOptions
from lambdascope_analytics.store.frozen import frozen_connection
from lambdascope_analytics.store.prepare import prepare
from lambdascope_analytics.store.segments import segments

FROZEN = """
import logging, sys
from pathlib import Path
from lambdascope_analytics.history import open_history
logging.basicConfig(format="%(message)s")
with open_history(Path(sys.argv[1])) as history:
    print([row["pid"] for row in history.query("SELECT pid FROM calls ORDER BY pid")])
"""


def read_only(directory: Path) -> subprocess.CompletedProcess[str]:
    """Read a history on a read-only mount, in a process of its own."""
    if shutil.which("unshare") is None:
        pytest.skip("needs unshare")
    script = f'mount --bind "{directory}" "{directory}" && mount -o remount,ro,bind "{directory}" || exit 77; exec "$@"'
    command = ["unshare", "--mount", "sh", "-c", script, "sh", sys.executable, "-c", FROZEN, str(directory)]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    if finished.returncode == 77 or "unshare" in finished.stderr:
        pytest.skip("may not mount here")
    return finished


def rows(directory: Path, folder: Path, sql: str) -> list[tuple[object, ...]]:
    folder.mkdir(exist_ok=True)
    with frozen_connection(directory, folder) as connection:
        return connection.execute(sql).fetchall()


def test_a_read_only_mount_is_read_as_it_is(directory: Path) -> None:
    spool(directory, [row(1), row(2)])
    prepare(directory)
    finished = read_only(directory)
    assert (finished.stdout, finished.stderr) == ("[1, 2]\n", "")


def test_a_read_only_mount_that_was_never_prepared_is_read_too_and_the_log_says_how(directory: Path) -> None:
    spool(directory, [row(1), row(2)])
    finished = read_only(directory)
    assert finished.stdout == "[1, 2]\n"
    assert "cannot be prepared" in finished.stderr


@pytest.mark.usefixtures("impatient")
def test_segments_spools_amendments_and_hidden_files_count_as_in_the_views(directory: Path, tmp_path: Path) -> None:
    spool(directory, [row(1), waiting(2)])
    compact(directory, UpkeepOptions(), everything=True)
    spool(directory, [waiting(3)])
    for number in (2, 3):
        amend(directory, [{**row(number), "outcome": "ok"}])
    found = rows(directory, tmp_path / "empty", "SELECT pid, outcome FROM calls ORDER BY pid")
    assert found == [(1, None), (2, "ok"), (3, "ok")]
    assert rows(directory, tmp_path / "empty", "SELECT count(*) FROM errors") == [(0,)]


@pytest.mark.usefixtures("impatient")
def test_files_that_cannot_be_read_are_left_out_and_named(
    directory: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spool(directory, [row(1)])
    compact(directory, UpkeepOptions(), everything=True)
    bad = directory / segments(directory)[0].file
    bad.write_bytes(bad.read_bytes()[:50])
    spool(directory, [row(2)])
    assert rows(directory, tmp_path / "empty", "SELECT pid FROM calls") == [(2,)]
    assert bad.name in caplog.text
    assert bad.exists(), "nothing is moved"


def test_an_empty_directory_has_no_rows_and_no_error(tmp_path: Path) -> None:
    (tmp_path / "history").mkdir()
    assert rows(tmp_path / "history", tmp_path / "empty", "SELECT count(*) FROM calls") == [(0,)]
    assert duckdb.__version__

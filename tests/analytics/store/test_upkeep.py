import logging
import subprocess
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lambdascope_analytics.history import open_history
from lambdascope_analytics.store.due import UpkeepOptions
from lambdascope_analytics.store.locks import exclusive
from lambdascope_analytics.store.prepare import is_prepared
from lambdascope_analytics.store.segments import segments
from lambdascope_analytics.store.spool import SpoolWriter
from lambdascope_analytics.store.upkeep import Upkeep

PATIENCE_S = 60.0
AT_ONCE = UpkeepOptions(interval_s=0.0)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "history"


def store(directory: Path, *rows: Mapping[str, object]) -> None:
    writer = SpoolWriter(directory)
    for row in rows:
        assert writer.append({"started_at": datetime.now(UTC), **row})
    assert writer.close(PATIENCE_S)


WATCHED = """
import sys, threading
from pathlib import Path
from lambdascope_analytics.store.due import UpkeepOptions
from lambdascope_analytics.store.prepare import is_prepared
from lambdascope_analytics.store.upkeep import Upkeep
looked = threading.Event()
Upkeep(Path(sys.argv[1]), UpkeepOptions(), then=looked.set).start()
assert looked.wait(60)
print(is_prepared(Path(sys.argv[1])), "duckdb" in sys.modules)
"""


def test_a_new_history_is_prepared_and_duckdb_stays_out_of_this_process(directory: Path, tmp_path: Path) -> None:
    (tmp_path / "duckdb.py").write_text("raise SystemExit('a module of the working directory was imported')")
    finished = subprocess.run(
        [sys.executable, "-P", "-c", WATCHED, str(directory)],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
        cwd=tmp_path,
    )
    assert (finished.stdout, finished.stderr) == ("True False\n", "")


def test_what_a_process_left_behind_is_compacted_and_then_nothing_is_due(directory: Path) -> None:
    store(directory, {"pid": 1}, {"pid": 2})
    upkeep = Upkeep(directory, AT_ONCE)
    assert upkeep.look()
    assert not upkeep.look()
    assert len(segments(directory)) == 1
    with open_history(directory) as history:
        assert history.query("SELECT sum(pid) AS pids FROM calls") == [{"pids": 3}]


def test_a_few_fresh_rows_are_not_worth_a_compaction(directory: Path) -> None:
    """Else every short-lived process would leave a segment of a few rows."""
    upkeep = Upkeep(directory, UpkeepOptions())
    assert upkeep.look(), "prepared"
    store(directory, {"pid": 1})
    assert not upkeep.look()
    assert segments(directory) == []


def test_nothing_is_done_while_another_process_is_at_it(directory: Path) -> None:
    store(directory, {"pid": 1})
    with exclusive(directory / "compact.lock", wait_s=0):
        assert not Upkeep(directory, AT_ONCE).look()
    assert Upkeep(directory, AT_ONCE).look()


def test_a_failure_is_told_once_and_never_raised(directory: Path, caplog: pytest.LogCaptureFixture) -> None:
    directory.write_text("in the way")
    upkeep = Upkeep(directory, UpkeepOptions())
    assert [upkeep.look(), upkeep.look()] == [False, False]
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "not compacted" in record.getMessage()


def test_the_thread_looks_at_once_and_ends_when_it_is_told(directory: Path) -> None:
    looks: list[bool] = []
    looked = threading.Event()

    def then() -> None:
        looks.append(is_prepared(directory))
        looked.set()

    upkeep = Upkeep(directory, UpkeepOptions(), then=then)
    upkeep.start()
    assert looked.wait(PATIENCE_S)
    upkeep.stop()
    for thread in threading.enumerate():
        if thread.name == "lambdascope-upkeep":
            thread.join(PATIENCE_S)
            assert not thread.is_alive()
    assert looks == [True]

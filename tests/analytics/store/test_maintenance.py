import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from store_stage.rows import row, spool

from lambdascope_analytics.errors import HistoryError
from lambdascope_analytics.store.hidden import HiddenFile, hidden_files, replace_hidden
from lambdascope_analytics.store.maintenance import LOCK, OccupiedError, maintenance
from lambdascope_analytics.store.prepare import prepare
from lambdascope_analytics.store.spool_file import host_name


@pytest.fixture
def prepared(directory: Path) -> Path:
    prepare(directory)
    return directory


def hold_on(directory: Path, host: str, *, age_s: float) -> None:
    """As a process on another host leaves the lock's file, where the lock itself does not reach us."""
    path = directory / LOCK
    path.write_text(json.dumps({"host": host}))
    os.utime(path, (time.time() - age_s,) * 2)


def test_one_at_a_time_and_the_next_when_the_first_is_done(prepared: Path) -> None:
    with maintenance(prepared, wait_s=0), pytest.raises(OccupiedError), maintenance(prepared, wait_s=0):
        pass
    with maintenance(prepared, wait_s=0):
        pass


def test_another_host_is_left_to_it_where_locks_do_not_reach(prepared: Path) -> None:
    """Two hosts that exchange files at once would each replace the other's list of hidden files."""
    hold_on(prepared, "elsewhere", age_s=60)
    with pytest.raises(OccupiedError, match="elsewhere"), maintenance(prepared, wait_s=0):
        pass
    assert json.loads((prepared / LOCK).read_text()) == {"host": "elsewhere"}, "its mark stays"


@pytest.mark.parametrize("age_s", [3600, -3600])
def test_a_host_that_died_at_it_or_whose_clock_is_ahead_does_not_stop_us_for_ever(prepared: Path, age_s: float) -> None:
    hold_on(prepared, "elsewhere", age_s=age_s)
    with maintenance(prepared, wait_s=0):
        assert json.loads((prepared / LOCK).read_text())["host"] == host_name()


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', "{}"])
def test_a_lock_file_of_any_content_is_only_a_lock_file(prepared: Path, text: str) -> None:
    (prepared / LOCK).write_text(text)
    with maintenance(prepared, wait_s=0):
        assert json.loads((prepared / LOCK).read_text())["host"] == host_name()


def test_our_mark_is_gone_when_we_are_done_even_by_an_error(prepared: Path) -> None:
    """Else every other host would wait a quarter of an hour."""
    marks: list[str] = []

    def fail() -> None:
        with maintenance(prepared, wait_s=0):
            marks.append((prepared / LOCK).read_text())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert json.loads(marks[0])["host"]
    assert (prepared / LOCK).read_text() == ""


def test_what_a_killed_holder_left_is_put_right_first(prepared: Path) -> None:
    pending = prepared / "segments" / "date=2026-01-01" / "x-settled.parquet"
    pending.parent.mkdir()
    pending.touch()
    name = str(pending.relative_to(prepared))
    replace_hidden(prepared, [HiddenFile(file=name, state="pending", since=datetime.now(UTC))])
    (prepared / "work").mkdir()
    (prepared / "work" / "half").touch()
    old, young = prepared / "spool" / "a.new", prepared / "b.new"
    old.touch()
    os.utime(old, (0, 0))
    young.touch()
    with maintenance(prepared, wait_s=0):
        assert not pending.exists()
        assert hidden_files(prepared) == []
        assert not (prepared / "work").exists()
        assert (old.exists(), young.exists()) == (False, True), "a young one may still get its name"


def test_a_history_of_a_newer_version_is_left_alone(prepared: Path) -> None:
    spool(prepared, [row(1)])
    (prepared / "history.version").write_text("999 whatever")
    before = {path: path.read_bytes() for path in prepared.rglob("*") if path.is_file()}
    with pytest.raises(HistoryError, match=r"newer lambdascope \(format 999"), maintenance(prepared, wait_s=0):
        pass
    assert {path: path.read_bytes() for path in prepared.rglob("*") if path.is_file()} == before

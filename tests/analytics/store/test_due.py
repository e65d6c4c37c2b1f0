import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from store_stage.rows import compacted, row, spool

from lambdascope_analytics.store.amendments import amend
from lambdascope_analytics.store.due import STAMP, UpkeepOptions, is_due
from lambdascope_analytics.store.forgetting.request import ForgetRequest, add_request
from lambdascope_analytics.store.prepare import prepare

HOUR = UpkeepOptions()


@pytest.fixture
def prepared(directory: Path) -> Path:
    prepare(directory)
    return directory


def age(path: Path, seconds: float) -> None:
    os.utime(path, (time.time() - seconds,) * 2)


def test_a_directory_that_is_not_prepared_is_due_and_then_not(directory: Path) -> None:
    assert is_due(directory, HOUR)
    prepare(directory)
    assert not is_due(directory, HOUR)


def test_a_closed_spool_is_due_when_it_is_an_hour_old(prepared: Path) -> None:
    path = spool(prepared, [row(1)])
    assert not is_due(prepared, HOUR)
    age(path, 3601)
    assert is_due(prepared, HOUR)


def test_a_spool_that_is_being_written_is_never_due(
    prepared: Path, keep_locked: Callable[[Path], Callable[[], object]]
) -> None:
    path = spool(prepared, [row(1)])
    age(path, 3601)
    release = keep_locked(path)
    assert not is_due(prepared, HOUR)
    release()
    assert is_due(prepared, HOUR)


def test_many_spools_are_due_however_young(prepared: Path) -> None:
    for number in range(63):
        spool(prepared, [row(number)])
    assert not is_due(prepared, HOUR)
    spool(prepared, [row(64)])
    assert is_due(prepared, HOUR)


def test_eight_megabytes_are_due_however_young(prepared: Path) -> None:
    path = spool(prepared, [row(1)])
    os.truncate(path, (8 << 20) - 1)
    assert not is_due(prepared, HOUR)
    os.truncate(path, 8 << 20)
    assert is_due(prepared, HOUR)


def test_amendments_are_due_when_they_are_an_hour_old(prepared: Path) -> None:
    amend(prepared, [row(1)])
    (path,) = prepared.glob("amendments/[!_]*")
    assert not is_due(prepared, HOUR)
    age(path, 3601)
    assert is_due(prepared, HOUR)


def test_a_request_to_forget_waits_for_no_hour(prepared: Path) -> None:
    add_request(prepared, ForgetRequest(key="session_id", values=("s",), before=datetime.now(UTC), waits_for=("x",)))
    assert not is_due(prepared, HOUR), "nothing is closed"
    spool(prepared, [row(1)])
    assert is_due(prepared, HOUR)


@pytest.mark.usefixtures("impatient")
def test_a_day_after_the_last_one_there_is_the_routine(prepared: Path) -> None:
    """Merging and the removal of expired days are announced by no new row."""
    compacted(prepared)
    assert not is_due(prepared, HOUR)
    age(prepared / STAMP, 86_401)
    assert is_due(prepared, HOUR)
    (prepared / "history.version").write_text("999 x")
    assert not is_due(prepared, HOUR), "but not in what a newer version wrote"


def test_nothing_is_due_while_another_host_is_at_it(prepared: Path) -> None:
    """A process that finds that out by itself costs a start of Python and DuckDB every few seconds."""
    age(spool(prepared, [row(1)]), 3601)
    (prepared / "compact.lock").write_text('{"host": "elsewhere"}')
    assert not is_due(prepared, HOUR)
    age(prepared / "compact.lock", 3600)
    assert is_due(prepared, HOUR)

import json
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from store_stage.rows import compacted, days_ago, raw_spool, row, spool, waiting

from lambdascope_analytics.errors import HistoryError
from lambdascope_analytics.store.amendments import amend
from lambdascope_analytics.store.drops import DropLedger
from lambdascope_analytics.store.forgetting.request import ForgetRequest, add_request
from lambdascope_analytics.store.locks import exclusive
from lambdascope_analytics.store.maintenance import LOCK
from lambdascope_analytics.store.prepare import prepare
from lambdascope_analytics.store.spool import SpoolWriter
from lambdascope_analytics.store.spool_file import host_name
from lambdascope_analytics.store.summary import Calls, Files, Summary, summarize

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def at_once(impatient: None) -> None:
    pass


@pytest.fixture
def writer(directory: Path) -> Iterator[SpoolWriter]:
    writer = SpoolWriter(directory)
    yield writer
    writer.close(30)


def look(directory: Path) -> Summary:
    return summarize(directory, datetime.now(UTC))


def test_calls_are_counted_over_all_there_is_once(directory: Path, writer: SpoolWriter) -> None:
    spool(directory, [row(1, at=NOON), row(2, at=NOON + timedelta(hours=11))])
    compacted(directory)
    spool(directory, [row(3, at=NOON + timedelta(hours=12))])
    assert writer.append(row(4, at=NOON))
    assert writer.flush(30)
    found = look(directory)
    assert found.calls == Calls(rows=4, days=2, oldest=NOON, newest=NOON + timedelta(hours=12), in_future=0)
    assert found.faults == ()


def test_an_empty_history_is_empty_and_not_unknown(directory: Path) -> None:
    prepare(directory)
    found = look(directory)
    assert found.calls == Calls(rows=0, days=0, oldest=None, newest=None, in_future=0)
    assert (found.settled, found.open, found.spools) == (Files(count=0, size=0), Files(count=0, size=0), ())
    assert (found.faults, found.set_aside, found.other_hosts, dict(found.dropped or {})) == ((), (), (), {})


def test_segments_are_told_by_kind_with_what_they_need_on_the_disk(directory: Path) -> None:
    spool(directory, [row(1, at=days_ago(9)), row(2), waiting(3)])
    compacted(directory)
    found = look(directory)
    assert found.settled is not None
    assert found.open is not None
    assert (found.settled.count, found.open.count) == (2, 1)
    sizes = [path.stat().st_size for path in directory.glob("segments/*/*.parquet") if path.name[0] != "_"]
    assert found.settled.size + found.open.size == sum(sizes)


def test_spools_tell_whose_they_are_and_whether_they_are_written(directory: Path, writer: SpoolWriter) -> None:
    closed = spool(directory, [row(1)])
    assert writer.append(row(2))
    assert writer.flush(30)
    found = look(directory).spools
    assert found is not None
    assert {(each.name, each.host, each.pid, each.is_live) for each in found} == {
        (closed.name, host_name(), str(os.getpid()), False),
        (writer.path.name, host_name(), str(os.getpid()), True),
    }


def test_what_a_compaction_replaced_is_hidden_and_no_spool_any_more(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool(directory, [row(1)])
    monkeypatch.setattr("lambdascope_analytics.store.compaction.sweep", lambda *_: None)
    compacted(directory)
    found = look(directory)
    assert dict(found.hidden or {}) == {"superseded": 1}
    assert found.spools == ()
    assert found.calls is not None
    assert found.calls.rows == 1


def test_amendments_that_wait_are_counted(directory: Path) -> None:
    spool(directory, [waiting(1, at=NOON)])
    amend(directory, [{"call_id": row(1)["call_id"], "started_at": NOON, "outcome": "ok"}])
    found = look(directory).amendments
    assert found is not None
    assert found.count == 1
    assert found.size > 0


def test_a_host_that_wrote_lately_is_named_and_an_old_one_not(directory: Path) -> None:
    """Two hosts on one share: their locks may not reach each other."""
    prepare(directory)
    for host in ("desk", "attic"):
        (directory / "spool" / f"{host}-7-00000000-0001.jsonl").write_text("")
    os.utime(directory / "spool" / "attic-7-00000000-0001.jsonl", (days_ago(1).timestamp(),) * 2)
    assert look(directory).other_hosts == ("desk",)


def test_rows_dated_in_the_future_are_counted(directory: Path) -> None:
    spool(directory, [row(1), row(2, at=datetime.now(UTC) + timedelta(minutes=10)), row(3, at=days_ago(-4000))])
    found = look(directory).calls
    assert found is not None
    assert (found.rows, found.in_future) == (3, 2)


def test_requests_that_stand_are_told_without_what_is_to_be_forgotten(directory: Path, writer: SpoolWriter) -> None:
    assert writer.append(row(1))
    assert writer.flush(30)
    request = ForgetRequest(key="principal", values=("ada",), before=NOON, waits_for=(writer.path.name, "gone.jsonl"))
    path = add_request(directory, request)
    found = look(directory)
    assert found.forgetting == {f"{path.stem} (by principal)": (writer.path.name,)}
    assert "ada" not in repr(found)


def test_dropped_rows_are_added_up_by_reason(directory: Path) -> None:
    prepare(directory)
    DropLedger(directory, "a-1-x").record({"queue_full": 2, "unfit": 1}, at=NOON)
    DropLedger(directory, "a-2-x").record({"queue_full": 3}, at=NOON)
    assert look(directory).dropped == {"queue_full": 5, "unfit": 1}


def test_the_last_compaction_and_its_error_are_told(directory: Path) -> None:
    spool(directory, [row(1)])
    found = look(directory).compaction
    assert found is not None
    assert (found.ended_at, found.error) == (None, None)
    compacted(directory)
    found = look(directory).compaction
    assert found is not None
    assert found.ended_at is not None
    assert abs(found.ended_at - datetime.now(UTC)) < timedelta(minutes=5)
    assert found.error is None
    (directory / "compact.stamp").write_text(json.dumps({"ended_at": NOON.isoformat(), "error": "disk full"}))
    with exclusive(directory / LOCK, wait_s=0):
        found = look(directory).compaction
    assert found is not None
    assert (found.ended_at, found.error, found.is_under_way) == (NOON, "disk full", True)


def test_what_waits_for_upload_is_told(directory: Path) -> None:
    spool(directory, [row(1)])
    compacted(directory, uploads=True)
    lake = look(directory).lake
    assert lake is not None
    assert lake.waiting_files == 1


def test_what_cannot_be_read_is_set_aside_named_and_the_rest_counted(directory: Path) -> None:
    spool(directory, [row(1)])
    compacted(directory)
    raw_spool(directory, b"[" * 20_000_000, name="odd-1-00000000-0001.jsonl")
    torn = directory / "segments" / "date=2026-11-20" / "torn-settled.parquet"
    torn.parent.mkdir()
    torn.write_bytes(b"PAR1 no more")
    found = look(directory)
    assert found.calls is not None
    assert found.calls.rows == 1
    assert found.set_aside is not None
    assert "torn-settled.parquet" in found.set_aside
    assert any(name.startswith("odd-1-00000000-0001") for name in found.set_aside)


@pytest.mark.parametrize("folder", ["amendments", "set-aside", "outbox", "drops", "forget"])
def test_a_directory_that_cannot_be_read_is_named_and_the_rest_is_told(folder: str, directory: Path) -> None:
    """A file in its place fails every look, for root as well."""
    spool(directory, [row(1)])
    compacted(directory)
    shutil.rmtree(directory / folder, ignore_errors=True)
    (directory / folder).write_text("in the way")
    found = look(directory)
    assert any(fault.startswith(f"{folder}: ") and str(directory / folder) in fault for fault in found.faults)
    assert found.calls is not None
    assert found.calls.rows == 1
    assert found.settled is not None
    assert found.settled.count == 1


@pytest.mark.parametrize("name", ["hidden.jsonl", "compact.stamp"])
def test_a_file_that_makes_no_sense_is_a_fault_and_no_more(name: str, directory: Path) -> None:
    spool(directory, [row(1)])
    compacted(directory)
    (directory / name).write_text("nonsense\n")
    found = look(directory)
    assert found.faults != ()
    assert found.free_bytes is not None


def test_a_history_of_a_newer_version_says_so(directory: Path) -> None:
    spool(directory, [row(1)])
    compacted(directory)
    (directory / "history.version").write_text("99 x")
    found = look(directory)
    assert found.newer_format == 99
    assert found.calls is not None
    assert found.calls.rows == 1


def test_looking_changes_nothing(directory: Path) -> None:
    spool(directory, [row(1)])
    compacted(directory)
    before = {path: path.stat().st_mtime_ns for path in directory.rglob("*")}
    look(directory)
    assert {path: path.stat().st_mtime_ns for path in directory.rglob("*")} == before


def test_where_there_is_no_history_none_is_made(directory: Path) -> None:
    with pytest.raises(HistoryError, match="no history in"):
        look(directory)
    assert not directory.exists()

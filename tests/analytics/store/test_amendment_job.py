import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from store_stage.rows import ask, compacted, days_ago, row, segment_files, spool, waiting

from lambdascope_analytics.errors import UnfitRowError
from lambdascope_analytics.store.amendments import amend
from lambdascope_analytics.store.compaction import compact
from lambdascope_analytics.store.due import UpkeepOptions, is_due
from lambdascope_analytics.store.publish import sweep
from lambdascope_analytics.store.segments import segments
from lambdascope_analytics.store.spools import closed_spools

NOW = datetime.now(UTC)
COMPLETED = "SELECT pid, outcome, cost_usd, duration_ms FROM calls ORDER BY pid"


def completion(number: int, at: datetime, **more: object) -> dict[str, object]:
    """What became known later of row `number`."""
    return {key: row(number, at=at)[key] for key in ("call_id", "started_at")} | more


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("moment", ["in the spool", "in a segment"])
def test_a_completed_row_is_shown_at_once_and_written_into_its_segment_later(directory: Path, moment: str) -> None:
    spool(directory, [waiting(1, at=NOW), waiting(2, at=NOW), row(3, at=NOW)])
    if moment == "in a segment":
        compacted(directory)
    cost = Decimal("0.000000000042")
    assert amend(directory, [completion(1, NOW, outcome="ok", cost_usd=cost, cost_source="logs", duration_ms=1.5)]) == 1
    expected = [(1, "ok", cost, 1.5), (2, "accepted", None, None), (3, None, None, None)]
    assert ask(directory, COMPLETED) == expected
    compacted(directory)
    assert ask(directory, COMPLETED) == expected
    assert not list(directory.glob("amendments/[!_]*")) or hidden(directory, "amendments/")
    settled = [str(directory / segment.file) for segment in segments(directory) if not segment.is_open]
    written = duckdb.read_parquet(settled, union_by_name=True).order("pid").project("pid, outcome").fetchall()
    assert written == [(1, "ok"), (3, None)], "without the amendments, which are gone"


def hidden(directory: Path, prefix: str) -> bool:
    """Whether all files there are on the hidden list, to be removed once no query can read them."""
    names = {json.loads(line)["file"] for line in (directory / "hidden.jsonl").read_text().splitlines()}
    return {f"{prefix}{path.name}" for path in directory.glob(f"{prefix}[!_]*")} <= names


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("is_compacted", [False, True])
def test_of_several_amendments_the_latest_wins_column_by_column(directory: Path, is_compacted: bool) -> None:
    spool(directory, [waiting(1, at=NOW)])
    amend(directory, [completion(1, NOW, outcome="ok")], amended_at=NOW + timedelta(seconds=2))
    amend(directory, [completion(1, NOW, outcome="throttled", duration_ms=7.0)], amended_at=NOW + timedelta(seconds=1))
    if is_compacted:
        compacted(directory)
    assert ask(directory, COMPLETED) == [(1, "ok", None, 7.0)]


@pytest.mark.usefixtures("impatient")
def test_an_amendment_whose_row_is_still_being_written_is_kept_for_it(
    directory: Path, keep_locked: Callable[[Path], object]
) -> None:
    """The compaction must not take it for done: the row's spool becomes a segment only later."""
    spool(directory, [waiting(1, at=NOW)])
    live = spool(directory, [waiting(2, at=NOW)])
    amend(directory, [completion(number, NOW, outcome="ok") for number in (1, 2)])
    release = keep_locked(live)
    compacted(directory)
    sweep(directory, segment_grace=timedelta())  # else the superseded file would still tell
    expected = [(1, "ok", None, None), (2, "ok", None, None)]
    assert ask(directory, COMPLETED) == expected
    release()
    compacted(directory)
    assert ask(directory, COMPLETED) == expected


@pytest.mark.usefixtures("impatient")
def test_a_row_that_has_settled_is_completed_by_the_next_compaction(directory: Path) -> None:
    """The views do not look up settled rows, which would cost every query."""
    before = days_ago(5)
    spool(directory, [waiting(1, at=before)])
    compacted(directory)
    assert [segment.is_open for segment in segments(directory)] == [False]
    amend(directory, [completion(1, before, outcome="ok")])
    compacted(directory)
    assert ask(directory, COMPLETED) == [(1, "ok", None, None)]


@pytest.mark.usefixtures("impatient")
def test_other_segments_and_other_days_are_not_rewritten(directory: Path) -> None:
    for number, at in ((1, NOW), (2, NOW), (3, days_ago(1))):
        spool(directory, [waiting(number, at=at)])
        compacted(directory)
    before = segment_files(directory)
    amend(directory, [completion(2, NOW, outcome="ok")])
    compacted(directory)
    assert len(set(before) & set(segment_files(directory))) >= 2
    assert len(ask(directory, "SELECT pid FROM calls")) == 3


@pytest.mark.usefixtures("impatient")
def test_completed_rows_wait_for_their_upload_where_a_lake_has_the_earlier_ones(directory: Path) -> None:
    spool(directory, [waiting(1, at=NOW), row(2, at=NOW)])
    compacted(directory, uploads=True)
    amend(directory, [completion(1, NOW, outcome="ok")])
    compacted(directory, uploads=True)
    (path,) = directory.glob("outbox/amendments/*/*.parquet")
    assert duckdb.read_parquet(str(path)).project("pid, outcome").fetchall() == [(1, "ok")]


def test_an_amendment_that_fits_no_row_is_refused_and_nothing_is_written(directory: Path) -> None:
    fitting = completion(1, NOW, outcome="ok")
    for unfit in ({"call_id": None}, {"started_at": None}, {"outcome": 5}, {"color": "red"}):
        with pytest.raises(UnfitRowError):
            amend(directory, [fitting, {**fitting, **unfit}])
    assert amend(directory, []) == 0
    assert not (directory / "amendments").exists()


@pytest.mark.usefixtures("impatient")
def test_a_time_filter_reads_no_other_days_while_amendments_wait(directory: Path) -> None:
    for number in range(5):
        spool(directory, [row(number, at=days_ago(number))])
    compacted(directory)
    amend(directory, [completion(0, NOW, outcome="ok")])
    since = days_ago(1.5).isoformat()
    plan = ask(directory, f"EXPLAIN ANALYZE SELECT sum(pid) FROM calls WHERE started_at >= TIMESTAMPTZ '{since}'")
    assert ask(directory, f"SELECT count(*) FROM calls WHERE started_at >= TIMESTAMPTZ '{since}'") == [(2,)]
    assert "started_at>=" in plan[0][1].replace(" ", ""), "the filter is at the files"


def bills(directory: Path) -> list[tuple[Any, ...]]:
    return ask(directory, "SELECT pid, billed_ms FROM calls ORDER BY pid")


def bills_in_segments(directory: Path) -> list[tuple[Any, ...]]:
    files = ", ".join(f"'{directory / segment.file}'" for segment in segments(directory))
    return ask(directory, f"SELECT pid, billed_ms FROM read_parquet([{files}]) ORDER BY pid")


def kept(directory: Path) -> list[Path]:
    """The files of amendments that still wait; those that were applied stay a while for queries that began before."""
    return closed_spools(directory, "amendments")


@pytest.mark.usefixtures("impatient")
def test_of_two_amendments_in_two_compactions_the_second_wins(directory: Path) -> None:
    spool(directory, [waiting(1, at=NOW)])
    for cost in (10, 20):
        amend(directory, [completion(1, NOW, billed_ms=cost)])
        compacted(directory)
    assert bills(directory) == bills_in_segments(directory) == [(1, 20)]


@pytest.mark.usefixtures("impatient")
def test_an_amendment_whose_row_is_unknown_is_kept_beside_those_that_were_applied(directory: Path) -> None:
    spool(directory, [waiting(1, at=NOW)])
    amend(directory, [completion(1, NOW, billed_ms=10), completion(9, NOW, billed_ms=90)])
    compacted(directory)
    assert bills(directory) == [(1, 10)]
    (waits,) = kept(directory)
    assert b'"billed_ms":90' in waits.read_bytes()
    assert b'"billed_ms":10' not in waits.read_bytes()
    assert waits.stat().st_mode & 0o777 == 0o600
    spool(directory, [waiting(9, at=NOW)])
    compacted(directory)
    assert bills(directory) == bills_in_segments(directory) == [(1, 10), (9, 90)]


@pytest.mark.usefixtures("impatient")
def test_one_without_a_row_is_set_aside_after_thirty_days_though_others_come_and_go(directory: Path) -> None:
    """Would catch an age counted from a file that every compaction writes anew."""
    amend(directory, [completion(9, NOW, billed_ms=90)], amended_at=days_ago(29))
    amend(directory, [completion(8, NOW, billed_ms=80)], amended_at=days_ago(31))
    spool(directory, [waiting(1, at=NOW)])
    amend(directory, [completion(1, NOW, billed_ms=10)])
    assert compacted(directory).set_aside == 1
    (aside,) = (directory / "set-aside").iterdir()
    assert b'"billed_ms":80' in aside.read_bytes()
    assert b'"billed_ms":90' not in aside.read_bytes()
    assert compacted(directory).set_aside == 0


@pytest.mark.usefixtures("impatient")
def test_a_line_that_is_no_amendment_is_set_aside_and_the_others_are_applied(directory: Path) -> None:
    lines = b"\n".join([b"[]", b"3", b"torn{", b"\xff\xfe", b"\0", b'{"call_id": "x"}', b'{"call_id": null}'])
    spool(directory, [waiting(1, at=NOW)])
    amend(directory, [completion(1, NOW, billed_ms=10)])
    (path,) = kept(directory)
    path.write_bytes(lines + b"\n" + path.read_bytes() + lines)
    assert compacted(directory).set_aside == 1
    assert bills(directory) == bills_in_segments(directory) == [(1, 10)]
    (aside,) = (directory / "set-aside").iterdir()
    assert aside.read_bytes() == (lines + b"\n") * 2


@pytest.mark.usefixtures("impatient")
def test_an_id_in_another_spelling_is_the_same_id(directory: Path) -> None:
    spool(directory, [waiting(1, at=NOW)])
    amend(directory, [completion(1, NOW, billed_ms=10)])
    (path,) = kept(directory)
    canonical = str(completion(1, NOW)["call_id"]).encode()
    path.write_bytes(path.read_bytes().replace(canonical, canonical.upper().replace(b"-", b"")))
    compacted(directory)
    compacted(directory)
    assert (bills_in_segments(directory), kept(directory)) == ([(1, 10)], [])


@pytest.mark.usefixtures("impatient")
def test_amendments_that_wait_for_their_row_do_not_keep_the_compactor_busy(directory: Path) -> None:
    """Would catch a compaction that is due again as soon as it has found nothing to do."""
    amend(directory, [completion(9, NOW, billed_ms=90)])
    compacted(directory)
    (path,) = kept(directory)
    os.utime(path, (0, 0))
    options = UpkeepOptions(interval_s=60)
    assert is_due(directory, options)
    compact(directory, options)
    assert not is_due(directory, options)
    assert len(kept(directory)) == 1

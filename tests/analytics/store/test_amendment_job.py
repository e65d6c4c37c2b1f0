import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from store_stage.rows import ask, compacted, days_ago, row, spool, waiting

from lambdascope_analytics.store.amendments import amend
from lambdascope_analytics.store.compaction import compact
from lambdascope_analytics.store.due import UpkeepOptions, is_due
from lambdascope_analytics.store.line import encode_row
from lambdascope_analytics.store.segments import segments
from lambdascope_analytics.store.spool_file import SpoolFile, new_writer_name
from lambdascope_analytics.store.spools import closed_spools

pytestmark = pytest.mark.usefixtures("impatient")

AT = datetime.now(UTC) - timedelta(hours=2)


def key(number: int, *, at: datetime = AT) -> dict[str, object]:
    return {name: value for name, value in row(number, at=at).items() if name != "pid"}


def bills(directory: Path) -> list[tuple[Any, ...]]:
    return ask(directory, "SELECT pid, billed_ms FROM calls ORDER BY pid")


def bills_in_segments(directory: Path) -> list[tuple[Any, ...]]:
    files = ", ".join(f"'{directory / segment.file}'" for segment in segments(directory))
    return ask(directory, f"SELECT pid, billed_ms FROM read_parquet([{files}]) ORDER BY pid")


def kept(directory: Path) -> list[Path]:
    """The files of amendments that still wait; those that were applied stay a while for queries that began before."""
    return closed_spools(directory, "amendments")


def test_amendments_are_written_into_the_segments_and_go(directory: Path) -> None:
    spool(directory, [waiting(1, at=AT), waiting(2, at=AT), row(3, at=AT)])
    compacted(directory)
    amend(directory, [{**key(1), "billed_ms": 10, "cost_source": "logs"}])
    before = bills(directory)
    assert before == [(1, 10), (2, None), (3, None)]
    assert compacted(directory).amended == 1
    assert bills(directory) == bills_in_segments(directory) == before
    assert kept(directory) == []


def test_an_amendment_that_comes_before_its_row_is_compacted_waits_for_it(directory: Path) -> None:
    file = SpoolFile(directory / "spool", new_writer_name())
    file.load(encode_row(waiting(1, at=AT)))
    file.send()
    amend(directory, [{**key(1), "billed_ms": 10}])
    assert compacted(directory).amended == 0
    assert bills(directory) == [(1, 10)]
    file.close()
    compacted(directory)
    compacted(directory)
    assert bills(directory) == bills_in_segments(directory) == [(1, 10)]
    assert kept(directory) == []


def test_of_two_amendments_in_two_compactions_the_second_wins(directory: Path) -> None:
    spool(directory, [waiting(1, at=AT)])
    for cost in (10, 20):
        amend(directory, [{**key(1), "billed_ms": cost}])
        compacted(directory)
    assert bills(directory) == bills_in_segments(directory) == [(1, 20)]


def test_a_row_that_has_settled_is_still_completed(directory: Path) -> None:
    spool(directory, [row(1, at=AT)])
    compacted(directory)
    amend(directory, [{**key(1), "billed_ms": 10}])
    assert compacted(directory).amended == 1
    assert bills(directory) == [(1, 10)]


def test_an_amendment_whose_row_is_unknown_is_kept_beside_those_that_were_applied(directory: Path) -> None:
    spool(directory, [waiting(1, at=AT)])
    amend(directory, [{**key(1), "billed_ms": 10}, {**key(9), "billed_ms": 90}])
    compacted(directory)
    assert bills(directory) == [(1, 10)]
    (waits,) = kept(directory)
    assert b'"billed_ms":90' in waits.read_bytes()
    assert b'"billed_ms":10' not in waits.read_bytes()
    assert waits.stat().st_mode & 0o777 == 0o600
    spool(directory, [waiting(9, at=AT)])
    compacted(directory)
    assert bills(directory) == bills_in_segments(directory) == [(1, 10), (9, 90)]


def test_one_without_a_row_is_set_aside_after_thirty_days_though_others_come_and_go(directory: Path) -> None:
    """Would catch an age counted from a file that every compaction writes anew."""
    amend(directory, [{**key(9), "billed_ms": 90}], amended_at=days_ago(29))
    amend(directory, [{**key(8), "billed_ms": 80}], amended_at=days_ago(31))
    spool(directory, [waiting(1, at=AT)])
    amend(directory, [{**key(1), "billed_ms": 10}])
    assert compacted(directory).set_aside == 1
    (aside,) = (directory / "set-aside").iterdir()
    assert b'"billed_ms":80' in aside.read_bytes()
    assert b'"billed_ms":90' not in aside.read_bytes()
    assert compacted(directory).set_aside == 0


@pytest.mark.parametrize("line", [b"[]", b"3", b"torn{", b"\xff\xfe", b"\0", b'{"call_id": "x"}', b'{"call_id": null}'])
def test_a_line_that_is_no_amendment_is_set_aside_and_the_others_are_applied(line: bytes, directory: Path) -> None:
    spool(directory, [waiting(1, at=AT)])
    amend(directory, [{**key(1), "billed_ms": 10}])
    (path,) = kept(directory)
    path.write_bytes(line + b"\n" + path.read_bytes() + line)
    assert compacted(directory).set_aside == 1
    assert bills(directory) == bills_in_segments(directory) == [(1, 10)]
    (aside,) = (directory / "set-aside").iterdir()
    assert aside.read_bytes() == (line + b"\n") * 2


def test_an_id_in_another_spelling_is_the_same_id(directory: Path) -> None:
    spool(directory, [waiting(1, at=AT)])
    amend(directory, [{**key(1), "billed_ms": 10}])
    (path,) = kept(directory)
    canonical = str(key(1)["call_id"]).encode()
    path.write_bytes(path.read_bytes().replace(canonical, canonical.upper().replace(b"-", b"")))
    compacted(directory)
    compacted(directory)
    assert (bills_in_segments(directory), kept(directory)) == ([(1, 10)], [])


def test_amendments_that_wait_for_their_row_do_not_keep_the_compactor_busy(directory: Path) -> None:
    """Would catch a compaction that is due again as soon as it has found nothing to do."""
    amend(directory, [{**key(9), "billed_ms": 90}])
    compacted(directory)
    (path,) = kept(directory)
    os.utime(path, (0, 0))
    options = UpkeepOptions(interval_s=60)
    assert is_due(directory, options)
    compact(directory, options)
    assert not is_due(directory, options)
    assert len(kept(directory)) == 1

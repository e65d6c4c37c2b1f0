import shutil
from pathlib import Path

import pytest
from store_stage.rows import row, spool

from lambdascope_analytics.history import open_history
from lambdascope_analytics.store.compaction import compact
from lambdascope_analytics.store.due import UpkeepOptions
from lambdascope_analytics.store.maintenance import OccupiedError, maintenance
from lambdascope_analytics.store.prepare import prepare
from lambdascope_analytics.store.repair import at_rest, repair
from lambdascope_analytics.store.segments import segments


def pids(directory: Path) -> list[int]:
    with open_history(directory) as history:
        return [found["pid"] for found in history.query("SELECT pid FROM calls ORDER BY pid")]


def damage_pages(path: Path) -> None:
    """The footer stays, so that only who reads the values can tell."""
    content = bytearray(path.read_bytes())
    footer = int.from_bytes(content[-8:-4], "little") + 8
    content[4:-footer] = bytes(len(content) - footer - 4)
    path.write_bytes(content)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("kind", ["truncated", "empty", "pages", "text"])
def test_a_query_over_a_damaged_segment_is_answered_from_the_rest(directory: Path, kind: str) -> None:
    """Without it one bad file makes every question fail, for as long as it lies there."""
    for number in (1, 2):
        spool(directory, [row(number)])
        compact(directory, UpkeepOptions(), everything=True)
    bad = directory / segments(directory)[0].file
    content = bad.read_bytes()
    if kind == "pages":
        damage_pages(bad)
    else:
        bad.write_bytes({"truncated": content[:-20], "empty": b"", "text": b"not a Parquet file at all"}[kind])
    assert len(pids(directory)) == 1
    (aside,) = (directory / "set-aside").iterdir()
    assert aside.name == bad.name
    assert len(pids(directory)) == 1, "and from then on without a repair"


@pytest.mark.usefixtures("impatient")
def test_a_line_too_long_for_duckdb_is_set_aside_and_the_rows_beside_it_stay(directory: Path) -> None:
    path = spool(directory, [row(1), row(2)])
    path.write_bytes(b'{"tool_name":"' + b"x" * (33 << 20) + b'"}\n' + path.read_bytes())
    prepare(directory)
    assert pids(directory) == [1, 2]
    compact(directory, UpkeepOptions(), everything=True)
    assert pids(directory) == [1, 2]
    assert [file.stat().st_size > 33 << 20 for file in (directory / "set-aside").iterdir()] == [True]


@pytest.mark.usefixtures("impatient")
def test_amendments_that_cannot_be_read_are_set_aside(directory: Path) -> None:
    spool(directory, [row(1)])
    prepare(directory)
    (directory / "amendments" / f"{spool(directory, [row(2)]).stem}.jsonl").write_bytes(b'{"x":"' + b"x" * (17 << 20))
    assert pids(directory) == [1, 2]


@pytest.mark.usefixtures("impatient")
def test_there_is_nothing_to_repair_in_what_is_whole(directory: Path) -> None:
    spool(directory, [row(1)])
    compact(directory, UpkeepOptions(), everything=True)
    spool(directory, [row(2)])
    assert not repair(directory)
    assert pids(directory) == [1, 2]
    assert not (directory / "set-aside").exists()


def test_where_it_cannot_be_repaired_the_log_says_so(directory: Path, caplog: pytest.LogCaptureFixture) -> None:
    prepare(directory)
    shutil.rmtree(directory)
    directory.write_text("in the way")
    assert not repair(directory)
    assert "cannot be repaired" in caplog.text


@pytest.mark.usefixtures("impatient")
def test_at_rest_nobody_exchanges_files_and_afterwards_anybody_may(directory: Path) -> None:
    """Without it a question that takes longer than the pauses of a busy compactor is never answered."""
    prepare(directory)
    with at_rest(directory), pytest.raises(OccupiedError), maintenance(directory, wait_s=0):
        pass
    with maintenance(directory, wait_s=0):
        pass


@pytest.mark.usefixtures("impatient")
def test_a_question_is_asked_even_where_nothing_can_be_held_still(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lambdascope_analytics.store.repair._WAIT_S", 0.1)
    prepare(directory)
    asked = False
    with maintenance(directory, wait_s=0), at_rest(directory):
        asked = True
    assert asked

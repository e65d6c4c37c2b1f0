import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from store_stage.rows import raw_spool, row, spool

from lambdascope_analytics.store.hidden import HiddenFile, replace_hidden
from lambdascope_analytics.store.line import encode_row
from lambdascope_analytics.store.spool_file import SpoolFile, host_name, new_writer_name
from lambdascope_analytics.store.spools import closed_spools, count_lines, open_spools


def age(path: Path, hours: float) -> Path:
    moment = datetime.now(UTC).timestamp() - hours * 3600
    os.utime(path, (moment, moment))
    return path


def test_a_spool_is_closed_when_its_writer_ends_it_and_not_before(directory: Path) -> None:
    file = SpoolFile(directory / "spool", new_writer_name())
    file.load(encode_row(row(1)))
    file.send()
    age(file.path, 1000)
    assert (closed_spools(directory), open_spools(directory)) == ([], [file.path])
    file.close()
    assert (closed_spools(directory), open_spools(directory)) == ([file.path], [])


def test_the_oldest_comes_first(directory: Path) -> None:
    young, old, middle = (age(spool(directory, [row(n)]), hours) for n, hours in enumerate((0.1, 3, 2)))
    assert closed_spools(directory) == [old, middle, young]


def test_a_spool_of_another_host_is_closed_only_when_its_writer_would_long_have_ended_it(directory: Path) -> None:
    """Would catch a compactor that trusts a lock which may not reach across a network share."""
    foreign = spool(directory, [row(1)], writer="another.host-17-abcdef01")
    assert closed_spools(directory) == []
    assert closed_spools(directory) == [] == closed_spools(age(foreign, 0.9).parents[1])
    age(foreign, 1.1)
    assert closed_spools(directory) == [foreign]
    age(foreign, -100)  # the clocks of two hosts differ, or one was put back
    assert closed_spools(directory) == []


def test_our_own_host_is_known_by_its_whole_name(directory: Path) -> None:
    """Would catch a host taken for ours because its name begins as ours does."""
    spool(directory, [row(1)], writer=f"{host_name()}2-17-abcdef01")
    assert closed_spools(directory) == []


def test_hidden_spools_are_not_taken_again(directory: Path) -> None:
    path = spool(directory, [row(1)])
    replace_hidden(directory, [HiddenFile(file=f"spool/{path.name}", state="superseded", since=datetime.now(UTC))])
    assert closed_spools(directory) == []


def test_neither_the_empty_file_nor_one_without_its_name_is_a_spool(directory: Path) -> None:
    raw_spool(directory, b"x", name="h-1-00000000-0001.new")
    assert closed_spools(directory) == []


@pytest.mark.parametrize(
    ("content", "lines"), [(b"", 0), (b"\n\n", 0), (b"a", 1), (b"a\nb", 2), (b"a\n\nb\n", 2), (b"\x00\n \n", 1)]
)
def test_lines_are_counted_with_a_torn_one_and_without_empty_ones(content: bytes, lines: int, directory: Path) -> None:
    assert count_lines([raw_spool(directory, content)]) == lines


def test_a_spool_that_vanishes_meanwhile_is_nobodys(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = spool(directory, [row(1)])
    kept = spool(directory, [row(2)])
    listed = list((directory / "spool").glob("*.jsonl"))
    monkeypatch.setattr("pathlib.Path.glob", lambda *_: iter(listed))
    gone.unlink()
    assert closed_spools(directory) == [kept]

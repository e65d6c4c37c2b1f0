import errno
import itertools
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from store_stage.rows import hidden_names, numbers, row, segment_files, spool, waiting
from store_stage.stepping import Stepped
from store_stage.watched_files import watched_numbers

from lambdascope_analytics.store.connection import connect
from lambdascope_analytics.store.durable import move_durably
from lambdascope_analytics.store.hidden import HiddenFile, hidden_files, replace_hidden
from lambdascope_analytics.store.prepare import prepare
from lambdascope_analytics.store.publish import NewFile, publish, recover, sweep
from lambdascope_analytics.store.segments import write_segments
from lambdascope_analytics.store.spools import scan_spools

PUBLISH = "lambdascope_analytics.store.publish"
# What each part of an exchange begins with: the pending list, two moves, the wait, the commit.
PARTS = (f"{PUBLISH}.replace_hidden", f"{PUBLISH}.move_durably", "time.sleep")
WAIT = 3
DONE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A spool of two rows, and the two segments that are to take its place."""

    directory: Path
    old: str
    new: list[NewFile]

    def copied_to(self, directory: Path) -> "Exchange":
        shutil.copytree(self.directory, directory)
        new = [NewFile(source=directory / each.source.relative_to(self.directory), file=each.file) for each in self.new]
        return Exchange(directory=directory, old=self.old, new=new)

    def run(self) -> None:
        publish(self.directory, self.new, [self.old], bind_s=0.0)

    def sweep(self) -> None:
        sweep(self.directory)


@pytest.fixture
def exchange(directory: Path) -> Exchange:
    old = spool(directory, [row(1), waiting(2)])
    prepare(directory)
    with connect(directory) as connection:
        new, rows = write_segments(connection, directory, scan_spools([old]), now=datetime.now(UTC))
    assert (len(new), rows) == (2, 2)
    return Exchange(directory=directory, old=f"spool/{old.name}", new=new)


@pytest.fixture
def without_fsync(monkeypatch: pytest.MonkeyPatch) -> None:
    """No power is cut here, and there are many exchanges."""
    monkeypatch.setattr("os.fsync", lambda _: None)


def test_a_query_is_told_the_new_names_and_the_old_ones_are_removed_later(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = exchange.directory
    exchange.run()
    assert numbers(directory) == [1, 2]
    assert hidden_names(directory, "superseded") == [exchange.old]
    wait = sweep(directory)
    assert wait is not None
    assert timedelta() < wait <= timedelta(seconds=5)
    assert (directory / exchange.old).exists()
    monkeypatch.setattr(f"{PUBLISH}.SPOOL_GRACE", timedelta())
    assert sweep(directory) is None
    assert not (directory / exchange.old).exists()
    assert (hidden_files(directory), numbers(directory)) == ([], [1, 2])
    assert sorted(str(path.relative_to(directory)) for path in segment_files(directory)) == sorted(
        file.file for file in exchange.new
    )


@pytest.mark.parametrize("parts", range(DONE + 1))
def test_a_process_killed_in_an_exchange_leaves_every_row_once_and_the_next_one_finishes_it(
    parts: int, exchange: Exchange, monkeypatch: pytest.MonkeyPatch, without_fsync: None
) -> None:
    """Would catch a part that readers see before the commit, and a state that recovery does not know."""
    directory = exchange.directory
    with monkeypatch.context() as patch:
        Stepped(exchange.run).stop_before(patch, *PARTS).advance(parts)  # and never goes on
        assert numbers(directory) == [1, 2]
    is_committed = parts == DONE
    recover(directory)
    assert numbers(directory) == [1, 2]
    assert hidden_names(directory, "pending") == []
    assert len(segment_files(directory)) == (2 if is_committed else 0)
    assert hidden_names(directory, "superseded") == ([exchange.old] if is_committed else [])


@pytest.mark.parametrize("parts", range(4))
def test_a_process_killed_in_a_recovery_leaves_it_to_the_next(
    parts: int, exchange: Exchange, monkeypatch: pytest.MonkeyPatch, without_fsync: None
) -> None:
    directory = exchange.directory
    with monkeypatch.context() as patch:
        Stepped(exchange.run).stop_before(patch, *PARTS).advance(WAIT)
    with monkeypatch.context() as patch:
        steps = ("pathlib.Path.unlink", f"{PUBLISH}.replace_hidden")
        Stepped(lambda: recover(directory)).stop_before(patch, *steps).advance(parts)
    assert numbers(directory) == [1, 2]
    recover(directory)
    assert (numbers(directory), hidden_files(directory), segment_files(directory)) == ([1, 2], [], [])


# From which part to which the exchange goes on while a query looks for its files. Looking is quicker than the wait is
# long, so none looks both before the wait began and after the commit.
WHILE_LOOKING = [(0, 1), (0, 2), (0, WAIT), (2, WAIT), (WAIT, DONE)]


@pytest.mark.parametrize(("begun", "reached"), WHILE_LOOKING)
def test_a_query_that_looks_for_its_files_meanwhile_sees_each_row_once(
    begun: int,
    reached: int,
    exchange: Exchange,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    without_fsync: None,
) -> None:
    """Would catch a view that reads the list of hidden files before it has looked for all others."""
    looks: list[str] = []
    assert watched_numbers(exchange.directory, looks.append) == [1, 2]
    last_look = max(index for index, look in enumerate(looks) if look.startswith("glob")) + 1
    assert "open" in looks[last_look]
    found: dict[int, list[int] | None] = {}
    for moment in range(last_look + 1):
        case = exchange.copied_to(tmp_path / f"{begun}-{reached}-{moment}")
        with monkeypatch.context() as patch:
            process = Stepped(case.run).stop_before(patch, *PARTS)
            process.advance(begun)
            found[moment] = watched_numbers(case.directory, _at(moment, process, reached - begun))
            process.finish()
    assert found == {moment: [1, 2] for moment in range(last_look + 1)}


def test_a_query_that_has_found_its_files_reads_them_whatever_is_committed(
    exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without_fsync: None
) -> None:
    looks: list[str] = []
    watched_numbers(exchange.directory, looks.append)
    first_read = [index for index, look in enumerate(looks) if "hidden.jsonl" in look][-1] + 1
    for moment in range(first_read, len(looks)):
        case = exchange.copied_to(tmp_path / str(moment))
        with monkeypatch.context() as patch:
            process = Stepped(case.run).stop_before(patch, *PARTS)
            assert watched_numbers(case.directory, _at(moment, process, DONE)) == [1, 2]
            assert process.is_over


def test_a_query_that_outlasts_the_grace_is_told_so_and_never_answers_with_less(
    exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without_fsync: None
) -> None:
    """Would catch a list that is shortened before its files are gone."""
    monkeypatch.setattr(f"{PUBLISH}.SPOOL_GRACE", timedelta())
    exchange.run()
    looks: list[str] = []
    watched_numbers(exchange.directory, looks.append)
    found: list[list[int] | None] = []
    for moment, parts in itertools.product(range(len(looks)), (1, 2)):
        case = exchange.copied_to(tmp_path / f"{moment}-{parts}")
        with monkeypatch.context() as patch:
            process = Stepped(case.sweep).stop_before(patch, f"{PUBLISH}._remove", f"{PUBLISH}.replace_hidden")
            found.append(watched_numbers(case.directory, _at(moment, process, parts)))
            process.finish()
    assert [1, 2] in found
    assert all(each in ([1, 2], None) for each in found)


def _at(moment: int, process: Stepped, parts: int) -> Callable[[str], None]:
    """Let the process go on by so many parts just before a query's look number `moment`."""
    count = itertools.count()
    return lambda _: process.advance(parts) if next(count) == moment else None


@pytest.mark.parametrize("failing", ["replace_hidden", "move_durably"])
def test_a_disk_that_refuses_in_an_exchange_changes_nothing_for_readers(
    failing: str, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = {"replace_hidden": replace_hidden, "move_durably": move_durably}[failing]
    calls = itertools.count()

    def second_fails(*args: Any) -> None:
        if next(calls) == 1:
            raise OSError(errno.ENOSPC, "no space left")
        original(*args)

    monkeypatch.setattr(f"{PUBLISH}.{failing}", second_fails)
    with pytest.raises(OSError, match="no space left"):
        exchange.run()
    monkeypatch.undo()
    assert numbers(exchange.directory) == [1, 2]
    recover(exchange.directory)
    assert (numbers(exchange.directory), segment_files(exchange.directory)) == ([1, 2], [])


def test_a_clock_that_was_put_back_does_not_keep_a_superseded_file_for_ever(exchange: Exchange) -> None:
    exchange.run()
    ahead = datetime.now(UTC) + timedelta(days=400)
    replace_hidden(exchange.directory, [HiddenFile(file=exchange.old, state="superseded", since=ahead)])
    assert sweep(exchange.directory) is None
    assert not (exchange.directory / exchange.old).exists()


def test_superseded_segments_stay_longer_than_spools_and_their_empty_day_goes_with_them(exchange: Exchange) -> None:
    directory = exchange.directory
    exchange.run()
    files = [file.file for file in exchange.new]
    publish(directory, [], files)
    assert sweep(directory) is not None  # the spool is what it says must be waited for
    assert len(segment_files(directory)) == 2
    sweep(directory, segment_grace=timedelta())
    assert segment_files(directory) == []
    assert not (directory / files[0]).parent.exists()
    assert numbers(directory) == []


def test_a_first_segment_also_waits_for_its_upload_and_is_taken_back_with_it(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = exchange.directory
    uploaded = [NewFile(source=file.source, file=file.file, is_uploaded=True) for file in exchange.new]
    with monkeypatch.context() as patch:
        work = Stepped(lambda: publish(directory, uploaded, [exchange.old], bind_s=0.0))
        work.stop_before(patch, *PARTS).advance(WAIT)
    waiting_files = sorted(path for path in (directory / "outbox").rglob("*.parquet"))
    assert [path.relative_to(directory / "outbox" / "calls") for path in waiting_files] == [
        path.relative_to(directory / "segments") for path in segment_files(directory)
    ]
    recover(directory)
    assert list((directory / "outbox").rglob("*.parquet")) == []

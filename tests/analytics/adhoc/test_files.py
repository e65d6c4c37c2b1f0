"""The file system an ad hoc query sees: only files of the history, for reading, as of one look."""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.adhoc.files import ROOT, HistoryFiles, SharedFile


@pytest.fixture
def files(tmp_path: Path) -> HistoryFiles:
    """A history of four files beside a secret, with a link to it."""
    directory = tmp_path / "history"
    (directory / "segments" / "date=2026-11-20").mkdir(parents=True)
    (directory / "spool").mkdir()
    (directory / "hidden.jsonl").write_text('{"file": "a"}\n', encoding="utf-8")
    (directory / "segments" / "date=2026-11-20" / "a.parquet").write_bytes(b"PAR1")
    (directory / "spool" / "b.jsonl").write_bytes(b"{}\n")
    (directory / "history.duckdb").write_bytes(b"not to be read")
    (tmp_path / "secret.jsonl").write_bytes(b"secret")
    (directory / "spool" / "link.jsonl").symlink_to(tmp_path / "secret.jsonl")
    (directory / "away").symlink_to(tmp_path)
    made = HistoryFiles(directory)
    made.look()
    return made


def test_a_pattern_finds_files_part_by_part(files: HistoryFiles) -> None:
    assert files.glob(f"{ROOT}segments/*/*.parquet") == ["segments/date=2026-11-20/a.parquet"]
    assert files.glob(f"{ROOT}*.parquet") == []
    assert files.glob(f"{ROOT}*/b.jsonl") == ["spool/b.jsonl"]


def test_a_file_is_read_with_its_size_and_time(files: HistoryFiles) -> None:
    name = f"{ROOT}spool/b.jsonl"
    with_read = files.open(name)
    assert with_read.read() == b"{}\n"
    with_read.close()
    with_read.close()
    assert files.info(name)["size"] == 3
    assert files.modified(name).tzinfo is not None
    assert files.exists(name)
    assert files.isfile(name)


@pytest.mark.parametrize("mode", ["wb", "ab", "r+b", "rb+", "xb", "w", "r"])
def test_no_mode_but_reading_opens_anything(files: HistoryFiles, mode: str) -> None:
    with pytest.raises(PermissionError):
        files.open(f"{ROOT}spool/b.jsonl", mode)


@pytest.mark.parametrize("operation", ["rm", "mkdir", "makedirs", "mv", "ls", "rm_file", "cp_file", "touch"])
def test_nothing_can_be_changed(files: HistoryFiles, tmp_path: Path, operation: str) -> None:
    before = sorted(str(path) for path in tmp_path.rglob("*"))
    arguments = (f"{ROOT}spool/b.jsonl",) if operation not in {"mv", "cp_file"} else ("spool/b.jsonl", "c")
    with pytest.raises((PermissionError, NotImplementedError)):
        getattr(files, operation)(*arguments)
    assert sorted(str(path) for path in tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    "name",
    ["../secret.jsonl", "spool/../../secret.jsonl", "/etc/passwd", "history.duckdb", "away/secret.jsonl", "", "spool"],
)
def test_what_is_no_file_of_the_history_does_not_exist(files: HistoryFiles, name: str) -> None:
    assert not files.exists(ROOT + name)
    for operation in (files.open, files.info, files.modified):
        with pytest.raises(FileNotFoundError):
            operation(ROOT + name)
    assert not files.vanished, "it was never there: looking again would not help"


def test_a_link_out_of_the_history_is_not_followed(files: HistoryFiles) -> None:
    with pytest.raises(OSError, match=r"spool/link\.jsonl cannot be read"):
        files.open(f"{ROOT}spool/link.jsonl")


@given(name=st.text())
def test_no_name_leads_out(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    files = HistoryFiles(tmp_path_factory.getbasetemp())
    with pytest.raises(FileNotFoundError):
        files.open(ROOT + name)


def test_a_file_that_is_gone_since_the_look_is_told_without_its_path(files: HistoryFiles, tmp_path: Path) -> None:
    (tmp_path / "history" / "spool" / "b.jsonl").unlink()
    with pytest.raises(FileNotFoundError) as gone:
        files.open(f"{ROOT}spool/b.jsonl")
    assert files.vanished
    assert str(tmp_path) not in str(gone.value)
    files.look()
    assert not files.vanished


def test_the_list_of_hidden_files_stays_that_of_the_look(files: HistoryFiles, tmp_path: Path) -> None:
    # Else a query that reads the history twice would see two states of it.
    (tmp_path / "history" / "hidden.jsonl").write_bytes(b"later")
    assert files.open(f"{ROOT}hidden.jsonl").read() == b'{"file": "a"}\n'


def test_a_look_during_which_the_hidden_files_change_is_taken_again(
    files: HistoryFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What would be caught: files listed before a commit, with the hidden files of after it.
    history = tmp_path / "history"
    walk: Callable[[], list[str]] = files._walk
    commits = iter([b"first", b"second"])

    def walk_while_it_changes() -> list[str]:
        found = walk()
        if change := next(commits, None):
            (history / "hidden.new").write_bytes(change)
            (history / "hidden.new").replace(history / "hidden.jsonl")
            (history / "spool" / f"{change.decode()}.jsonl").touch()
        return found

    monkeypatch.setattr(files, "_walk", walk_while_it_changes)
    files.look()
    assert files.open(f"{ROOT}hidden.jsonl").read() == b"second"
    assert files.exists(f"{ROOT}spool/second.jsonl")


def test_files_that_never_hold_still_are_an_error_and_no_endless_loop(
    files: HistoryFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = iter(range(1_000_000))
    monkeypatch.setattr(files, "_read_hidden", lambda: (next(counter), 0, b""))
    with pytest.raises(OSError, match="change too fast"):
        files.look()


def test_threads_that_share_a_file_each_read_where_they_asked_to(tmp_path: Path) -> None:
    # DuckDB's threads seek and read in two calls: with one place for all, rows of one would come to another.
    path = tmp_path / "shared"
    path.write_bytes(bytes(range(256)))
    file = SharedFile(os.open(path, os.O_RDONLY), place_per_thread=True)
    wrong: list[int] = []
    turn = threading.Barrier(2)

    def read(places: range) -> None:
        for place in places:
            file.seek(place)
            turn.wait(20)
            if file.read(1) != bytes([place]):
                wrong.append(place)
            turn.wait(20)

    other = threading.Thread(target=read, args=(range(100, 200),))
    other.start()
    read(range(100))
    other.join(20)
    file.close()
    assert wrong == []


def test_threads_that_read_lines_in_turns_read_each_once(files: HistoryFiles) -> None:
    # DuckDB 1.5 read on without end, because each of its threads began where the file does.
    file = files.open(f"{ROOT}spool/b.jsonl")
    read: list[bytes] = []
    for _ in range(2):
        thread = threading.Thread(target=lambda: read.append(file.read(2)))
        thread.start()
        thread.join(20)
    file.close()
    assert read == [b"{}", b"\n"]


@given(st.binary(), st.integers(0, 300), st.integers(-1, 300))
def test_bytes_are_read_as_from_a_file(data: bytes, place: int, count: int) -> None:
    file: Any = SharedFile(data, place_per_thread=False)
    assert file.seek(place) == place
    assert file.read(count) == (data[place:] if count < 0 else data[place : place + count])
    assert file.tell() == place + len(data[place:] if count < 0 else data[place : place + count])
    assert file.seek(-len(data), os.SEEK_END) == 0
    assert file.seekable()

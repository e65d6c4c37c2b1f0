import errno
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from store_stage.rows import numbers, row, spool

from lambdascope_analytics.store.hidden import HiddenFile, hidden_files, pending, replace_hidden

AT = datetime(2026, 11, 22, 10, tzinfo=UTC)
ENTRIES = [
    HiddenFile(file="spool/é 'a'-0001.jsonl", state="superseded", since=AT),
    HiddenFile(file="segments/date=2026-11-22/x-open.parquet", state="pending", since=AT),
]


def test_the_list_comes_back_as_it_was_and_is_private(tmp_path: Path) -> None:
    replace_hidden(tmp_path, ENTRIES)
    assert hidden_files(tmp_path) == ENTRIES
    assert pending(tmp_path) == {ENTRIES[1].file}
    assert (tmp_path / "hidden.jsonl").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["hidden.jsonl"]


def test_without_a_list_nothing_is_hidden(tmp_path: Path) -> None:
    assert hidden_files(tmp_path) == []


def test_a_list_that_cannot_be_replaced_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    replace_hidden(tmp_path, ENTRIES)
    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(OSError, match="No space left"):
        replace_hidden(tmp_path, [])
    assert hidden_files(tmp_path) == ENTRIES
    assert [path.name for path in tmp_path.iterdir()] == ["hidden.jsonl"]


@pytest.mark.parametrize(
    "line",
    [
        b'{"file": "spool/a',
        b"{}",
        b'{"file": 3, "state": "pending", "since": "2026-11-22T10:00:00+00:00"}',
        b'{"file": "spool/a", "state": "pending", "since": "yesterday"}',
        b"\xff\xfe",
        b"\x00\x00",
    ],
)
def test_a_damaged_list_is_named_and_not_guessed_and_readers_go_on(line: bytes, directory: Path) -> None:
    """Whoever maintained the files by half a list would count rows twice for ever."""
    spool(directory, [row(1)])
    hidden = spool(directory, [row(2)])
    assert numbers(directory) == [1, 2]
    good = HiddenFile(file=f"spool/{hidden.name}", state="superseded", since=AT)
    replace_hidden(directory, [good])
    with (directory / "hidden.jsonl").open("ab") as file:
        file.write(b"\n" + line + b"\n")
    with pytest.raises(OSError, match=r"hidden\.jsonl.*line 3"):
        hidden_files(directory)
    assert numbers(directory) == [1]

"""The outbox: what waits, what may go, and that nothing leaves it but what the lake has."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from lake_stage.files import DAY, fill, waiting

from lambdascope_analytics.store.hidden import HiddenFile, replace_hidden
from lambdascope_analytics.store.lake import outbox
from lambdascope_analytics.store.lake.outbox import (
    committed_files,
    foreign_files,
    is_whole,
    put_back_interrupted,
    taken,
    waiting_files,
)

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def hide(directory: Path, *files: str) -> None:
    replace_hidden(directory, [HiddenFile(file=file, state="pending", since=NOW) for file in files])


def names(directory: Path) -> list[str]:
    return [file.name for file in waiting_files(directory)]


def test_the_oldest_day_goes_first_whatever_its_kind(history: Path) -> None:
    ordered = [
        "calls/date=2026-11-19/b.parquet",
        "amendments/date=2026-11-20/a.parquet",
        "calls/date=2026-11-20/a.parquet",
    ]
    fill(history, ordered[::-1])
    assert names(history) == [ordered[0], *sorted(ordered[1:])]


def test_a_history_without_an_outbox_has_nothing_waiting(history: Path) -> None:
    assert waiting_files(history) == []
    assert committed_files(history) == []
    assert foreign_files(history) == []


def test_what_is_no_upload_is_left_alone_and_told(history: Path) -> None:
    fill(history, [f"{DAY}/a.parquet", f"{DAY}/b.parquet.12.new", f"{DAY}/c.parquet.done"])
    strange = [
        "calls/date=2026-13-45/a.parquet",
        "calls/a.parquet",
        "other/date=2026-11-20/a.parquet",
        f"{DAY}/a b.parquet",
        f"{DAY}/deep/a.parquet",
        f"{DAY}/notes.txt",
    ]
    fill(history, strange)
    assert names(history) == [f"{DAY}/a.parquet"]
    assert sorted(path.relative_to(history / "outbox").as_posix() for path in foreign_files(history)) == sorted(strange)


def test_a_segment_that_is_not_committed_waits(history: Path) -> None:
    # Its rows may yet be taken back, and written again under another name: the lake would have them twice.
    fill(history, [f"{DAY}/a.parquet", f"{DAY}/b.parquet", "amendments/date=2026-11-20/a.parquet"])
    hide(history, "segments/date=2026-11-20/a.parquet", "outbox/amendments/date=2026-11-20/a.parquet")
    assert [file.name for file in committed_files(history)] == [f"{DAY}/b.parquet"]
    hide(history)
    assert len(committed_files(history)) == 3


def test_a_file_that_comes_while_the_list_is_read_is_not_taken_for_committed(
    history: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Were the list read first, a compaction between the two looks would send what it may still take back.
    read = outbox.pending

    def reading(directory: Path) -> set[str]:
        fill(history, [f"{DAY}/late.parquet"])
        return read(directory)

    monkeypatch.setattr(outbox, "pending", reading)
    fill(history, [f"{DAY}/early.parquet"])
    assert [file.name for file in committed_files(history)] == [f"{DAY}/early.parquet"]


def test_a_file_leaves_only_when_its_upload_ended_well(history: Path) -> None:
    fill(history, [f"{DAY}/a.parquet"])
    (file,) = waiting_files(history)
    with pytest.raises(ConnectionError), taken(file):
        raise ConnectionError
    assert waiting(history) == [f"{DAY}/a.parquet"]
    with taken(file) as opened:
        assert opened.read() == file.path.read_bytes()
    assert waiting(history) == []


def test_a_file_that_replaces_the_one_being_uploaded_stays(history: Path) -> None:
    # Rows were removed from it for good: what went up before must be overwritten.
    fill(history, [f"{DAY}/a.parquet"])
    (file,) = waiting_files(history)
    with taken(file):
        newer = file.path.with_suffix(".new")
        newer.write_bytes(b"PAR1 fewer rows PAR1")
        newer.replace(file.path)
    assert waiting(history) == [f"{DAY}/a.parquet"]
    assert file.path.read_bytes() == b"PAR1 fewer rows PAR1"


def test_a_file_taken_away_meanwhile_is_reported_as_missing(history: Path) -> None:
    fill(history, [f"{DAY}/a.parquet"])
    (file,) = waiting_files(history)
    file.path.unlink()
    with pytest.raises(FileNotFoundError), taken(file):
        raise AssertionError("there is nothing to upload")


def test_a_link_that_leads_elsewhere_is_not_followed(history: Path, tmp_path: Path) -> None:
    fill(history, [f"{DAY}/a.parquet"])
    (tmp_path / "secret").write_bytes(b"PAR1 secret PAR1")
    path = history / "outbox" / DAY / "a.parquet"
    path.unlink()
    path.symlink_to(tmp_path / "secret")
    (file,) = waiting_files(history)
    with pytest.raises(OSError, match="symbolic link"), taken(file):
        raise AssertionError("it must not be read")


def test_what_a_killed_uploader_had_not_removed_waits_again(history: Path) -> None:
    contents = fill(history, [f"{DAY}/a.parquet"])
    path = history / "outbox" / DAY / "a.parquet"
    path.rename(path.with_name("a.parquet.done"))
    put_back_interrupted(history)
    assert waiting(history) == [f"{DAY}/a.parquet"]
    assert path.read_bytes() == contents[f"{DAY}/a.parquet"]


def test_what_a_killed_uploader_had_not_removed_gives_way_to_a_newer_file(history: Path) -> None:
    fill(history, [f"{DAY}/a.parquet", f"{DAY}/a.parquet.done"])
    newer = (history / "outbox" / DAY / "a.parquet").read_bytes()
    put_back_interrupted(history)
    assert waiting(history) == [f"{DAY}/a.parquet"]
    assert (history / "outbox" / DAY / "a.parquet").read_bytes() == newer


@pytest.mark.parametrize(
    ("content", "verdict"),
    [
        (b"PAR1" + bytes(4) + b"PAR1", True),
        (b"", False),
        (b"PAR1", False),
        (b"PAR1PAR1", False),
        (b"PAR1" + bytes(100), False),
        (bytes(100) + b"PAR1", False),
    ],
)
def test_a_file_that_was_cut_short_is_told_from_a_whole_one(tmp_path: Path, content: bytes, verdict: bool) -> None:
    (tmp_path / "a.parquet").write_bytes(content)
    with (tmp_path / "a.parquet").open("rb") as opened:
        assert is_whole(opened) is verdict
        assert opened.read() == content


def test_something_else_in_place_of_the_outbox_is_no_empty_one(history: Path) -> None:
    (history / "outbox").write_text("")
    with pytest.raises(NotADirectoryError):
        waiting_files(history)

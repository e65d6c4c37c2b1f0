from pathlib import Path

import pytest
from store_stage.rows import raw_spool, row

from lambdascope_analytics.store.line import encode_row
from lambdascope_analytics.store.set_aside import files_set_aside, salvage, set_aside, set_lines_aside


def test_a_file_is_moved_with_its_content_and_said_with_its_reason(
    directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = raw_spool(directory, b"odd", name="a.jsonl")
    target = set_aside(directory, path, "it is odd")
    assert (target.read_bytes(), path.exists()) == (b"odd", False)
    assert files_set_aside(directory) == [target]
    assert (directory / "set-aside").stat().st_mode & 0o777 == 0o700
    assert "a.jsonl" in caplog.text
    assert "it is odd" in caplog.text


def test_nothing_set_aside_takes_the_place_of_another(directory: Path) -> None:
    for text in (b"1", b"2"):
        set_aside(directory, raw_spool(directory, text, name="a.jsonl"), "odd")
    set_lines_aside(directory, [b"3"], "a.jsonl", "odd")
    assert sorted(path.read_bytes() for path in files_set_aside(directory)) == [b"1", b"2", b"3"]


def test_without_anything_set_aside_there_is_nothing(directory: Path) -> None:
    assert files_set_aside(directory) == []


def test_salvage_keeps_every_byte_in_one_of_two_files_and_the_spool_as_it_is(directory: Path) -> None:
    good = [encode_row(row(number)) for number in range(3)]
    content = good[0] + b"odd\n\n" + good[1] + b"{\n" + good[2].rstrip(b"\n")
    path = raw_spool(directory, content)
    rows = salvage(directory, path)
    assert rows is not None
    assert rows.read_bytes() == b"".join(good)
    assert rows.stat().st_mtime == path.stat().st_mtime
    (rest,) = files_set_aside(directory)
    assert rest.read_bytes() == b"odd\n{\n"
    assert path.read_bytes() == content
    assert {file.stat().st_mode & 0o777 for file in (rows, rest)} == {0o600}


def test_a_spool_that_cannot_be_read_is_an_error_of_the_disk(directory: Path) -> None:
    (raw_spool(directory, b"").parent / "folder.jsonl").mkdir()
    with pytest.raises(IsADirectoryError):
        salvage(directory, directory / "spool" / "folder.jsonl")

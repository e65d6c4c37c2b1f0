import logging
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from lambdascope_proxy.access.watched import MOST_BYTES, FileUnusable, Watched

Write = Callable[[str], None]


def parse(text: str) -> str:
    if "bad" in text:
        raise ValueError("line 1 is bad")
    return text


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file"


@pytest.fixture
def write(path: Path) -> Write:
    stamps = iter(range(1_000_000_000, 2_000_000_000, 1_000_000))

    def put(text: str) -> None:
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        # Two writes within one tick of the file system's clock would look the same.
        os.utime(path, ns=(0, next(stamps)))

    return put


def watched(path: Path) -> Watched[str]:
    return Watched(path, parse, "nothing")


def test_a_change_counts_at_the_next_look(path: Path, write: Write) -> None:
    write("one")
    file = watched(path)
    file.load()
    assert file.value == "one"
    write("two")
    assert file.value == "two"


def test_a_file_that_did_not_change_is_not_read_again(path: Path, write: Write) -> None:
    seen: list[str] = []
    write("one")
    file: Watched[int] = Watched(path, lambda text: seen.append(text) or len(seen), 0)
    file.load()
    assert [file.value, file.value] == [1, 1]


def test_a_change_that_is_refused_leaves_what_was_in_force_and_is_told_once(
    path: Path, write: Write, caplog: pytest.LogCaptureFixture
) -> None:
    write("one")
    file = watched(path)
    file.load()
    write("bad")
    with caplog.at_level(logging.ERROR):
        assert [file.value, file.value, file.value] == ["one"] * 3
    assert [record.getMessage().endswith("stays in force: line 1 is bad") for record in caplog.records] == [True]
    write("two")
    assert file.value == "two"


@pytest.mark.parametrize("content", [b"one\xff", b"deep"])
def test_a_file_that_no_parser_gets_through_leaves_what_was_in_force_and_is_told_once(
    path: Path, write: Write, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    """At every request an error for every caller, or in silence: both were so."""

    def parse_deep(text: str) -> str:
        if text == "deep":
            raise RecursionError
        return text

    write("one")
    file = Watched(path, parse_deep, "nothing")
    file.load()
    path.write_bytes(content)
    with caplog.at_level(logging.ERROR):
        assert [file.value, file.value] == ["one", "one"]
    assert ["stays in force" in record.getMessage() for record in caplog.records] == [True]
    with pytest.raises(ValueError, match=r"utf-8|too deep"):
        Watched(path, parse_deep, "nothing").load()


def test_a_file_that_is_gone_lets_nobody_in_until_it_is_back(
    path: Path, write: Write, caplog: pytest.LogCaptureFixture
) -> None:
    write("one")
    file = watched(path)
    file.load()
    path.unlink()
    with caplog.at_level(logging.ERROR):
        assert [file.value, file.value] == ["nothing", "nothing"]
    assert len(caplog.records) == 1
    write("one")
    assert file.value == "one"


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_may_write_is_refused_at_the_start_and_later(path: Path, write: Write, mode: int) -> None:
    write("one")
    file = watched(path)
    file.load()
    path.chmod(mode)
    assert file.value == "nothing"
    with pytest.raises(FileUnusable, match="chmod go-w"):
        watched(path).load()
    path.chmod(0o644)
    assert file.value == "one"


def test_at_the_start_what_is_wrong_is_raised(path: Path, write: Write) -> None:
    with pytest.raises(FileUnusable, match="No such file"):
        watched(path).load()
    write("bad")
    with pytest.raises(ValueError, match="line 1"):
        watched(path).load()
    write("a" * (MOST_BYTES + 1))
    with pytest.raises(FileUnusable, match="more than"):
        watched(path).load()
    path.write_bytes(b"\xff")
    with pytest.raises(ValueError, match="utf-8"):
        watched(path).load()

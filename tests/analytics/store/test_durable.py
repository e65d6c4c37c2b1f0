import errno
import os
from pathlib import Path

import pytest

from lambdascope_analytics.store.durable import move_durably, write_durably


@pytest.fixture
def operations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is brought to the disk and what is moved, in order."""
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def noted_fsync(descriptor: int) -> None:
        done.append(f"fsync {Path(f'/proc/self/fd/{descriptor}').readlink().name}")
        fsync(descriptor)

    def noted_replace(source: Path, target: Path) -> Path:
        done.append(f"replace {target.name}")
        return replace(source, target)

    monkeypatch.setattr("os.fsync", noted_fsync)
    monkeypatch.setattr("pathlib.Path.replace", noted_replace)
    return done


def test_content_is_on_the_disk_before_its_name_and_its_name_before_the_return(
    tmp_path: Path, operations: list[str]
) -> None:
    """Would catch an order that a power cut turns into an empty file, or into none."""
    folder = tmp_path / "folder"
    folder.mkdir()
    write_durably(folder / "a", "text")
    assert (folder / "a").read_text() == "text"
    assert (folder / "a").stat().st_mode & 0o777 == 0o600
    assert operations == [f"fsync a.{os.getpid()}.new", "replace a", "fsync folder"]
    operations.clear()
    move_durably(folder / "a", tmp_path / "other" / "b")
    assert operations == ["fsync a", "replace b", "fsync other"]
    assert (tmp_path / "other").stat().st_mode & 0o777 == 0o700


def test_a_refusal_leaves_the_old_text_and_nothing_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    write_durably(tmp_path / "a", "old")
    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(OSError, match="No space"):
        write_durably(tmp_path / "a", "new")
    with pytest.raises(OSError, match="No space"):
        move_durably(tmp_path / "a", tmp_path / "b")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a", "old")]


def test_a_link_put_in_the_place_of_the_new_text_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / f"a.{os.getpid()}.new").symlink_to(tmp_path / "victim")
    with pytest.raises(OSError, match=r"a\."):
        write_durably(tmp_path / "a", "text")
    assert not (tmp_path / "victim").exists()

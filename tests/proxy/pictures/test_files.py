"""Pictures as files: whole or not at all, and told beforehand what stands against it."""

import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lambdascope_proxy.errors import PictureError
from lambdascope_proxy.pictures.files import check_target, write_html, write_png
from lambdascope_proxy.pictures.picture import Bars, Picture

PICTURE = Picture(
    title="Cost", subtitle="", charts=(Bars(title="by function", unit="USD", labels=("orders",), values=(1.5,)),)
)
Write = Callable[[Picture, Path], None]


@pytest.mark.parametrize(("write", "start"), [(write_png, b"\x89PNG"), (write_html, b"<!DOCTYPE html>")])
def test_a_picture_takes_the_place_of_the_former_one(tmp_path: Path, write: Write, start: bytes) -> None:
    path = tmp_path / "cost"
    path.write_text("former")
    check_target(path)
    write(PICTURE, path)
    assert path.read_bytes().startswith(start)
    assert [each.name for each in tmp_path.iterdir()] == ["cost"]
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask, "others may read it as they may other new files"


def test_a_picture_that_cannot_be_written_leaves_the_former_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "cost.html"
    path.write_text("former")

    def fail(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(PictureError, match=r"cost\.html cannot be written: No space left on device"):
        write_html(PICTURE, path)
    monkeypatch.undo()
    assert path.read_text() == "former"
    assert len([*tmp_path.iterdir()]) == 1


def test_a_directory_that_went_away_meanwhile_is_told(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="No such file or directory"):
        write_html(PICTURE, tmp_path / "gone" / "cost.html")


def test_what_stands_against_a_file_is_told_before_anything_is_done(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path, reason in {
        tmp_path: "is a directory",
        tmp_path / "gone" / "cost.png": "there is no directory",
        tmp_path / "file" / "cost.png": "there is no directory",
    }.items():
        with pytest.raises(PictureError, match=reason):
            check_target(path)
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_a_file_one_may_not_write_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The permission itself does not hold for root, as whom tests may run.
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK)
    with pytest.raises(PictureError, match="permission denied"):
        check_target(tmp_path / "cost.png")


@pytest.mark.parametrize("write", [write_png, write_html])
def test_without_matplotlib_one_is_told_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Write
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for attempt in (lambda: check_target(tmp_path / "cost"), lambda: write(PICTURE, tmp_path / "cost")):
        with pytest.raises(PictureError, match=r"pip install 'lambdascope\[pictures\]'"):
            attempt()

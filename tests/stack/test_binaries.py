"""What is built, and when again. Nothing is built here."""

from pathlib import Path

import pytest
from stack import binaries
from stack.binaries import Binary, build
from stack.errors import NotBuiltError


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(binaries, "BIN", tmp_path / "bin")
    monkeypatch.setattr(binaries.shutil, "which", lambda _: "/usr/bin/go")
    return tmp_path / "bin"


def making(path: Path, recipe: str) -> Binary:
    return Binary(name="tool", recipe=recipe, commands=(("sh", "-c", f"echo {recipe} > {path / 'tool'}"),))


def test_it_is_built_once_and_again_when_its_recipe_changes(bin_folder: Path) -> None:
    assert [build(making(bin_folder, recipe)) for recipe in ("v1", "v1", "v2", "v2")] == [True, False, True, False]
    assert (bin_folder / "tool").read_text() == "v2\n"


def test_a_build_that_fails_says_which_and_why_and_is_tried_again(bin_folder: Path) -> None:
    failing = Binary(name="tool", recipe="v1", commands=(("sh", "-c", "echo no such module; exit 3"),))
    for _ in range(2):
        with pytest.raises(NotBuiltError, match=r"(?s)tool: .* ended with 3:\nno such module"):
            build(failing)


def test_without_go_it_says_where_go_is_to_be_had(bin_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries.shutil, "which", lambda _: None)
    with pytest.raises(NotBuiltError, match=r"https://go\.dev/dl/"):
        build(making(bin_folder, "v1"))


def test_the_collector_is_built_again_when_its_components_change(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = binaries.binaries()[0].fingerprint
    other = tmp_path / "builder.yaml"
    other.write_text("receivers: []")
    monkeypatch.setattr(binaries, "BUILDER_FILE", other)
    assert binaries.binaries()[0].fingerprint != before

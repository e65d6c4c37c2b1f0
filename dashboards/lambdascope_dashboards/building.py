"""Builds the JSON of all dashboards, and says which of the committed files are not what is built."""

from pathlib import Path
from typing import Final

from lambdascope_dashboards.boards.all_boards import BOARDS
from lambdascope_dashboards.rendering import render

BUILT: Final = Path(__file__).parent / "built"


def built_files() -> dict[str, str]:
    """The text of each file in built/, by its name."""
    return {f"{board.uid}.json": render(board) for board in BOARDS}


def write(directory: Path = BUILT) -> None:
    """Writes them, and removes those of dashboards that are no more."""
    wanted = built_files()
    for old in directory.glob("*.json"):
        if old.name not in wanted:
            old.unlink()
    for name, text in wanted.items():
        (directory / name).write_text(text, encoding="utf-8")


def stale(directory: Path = BUILT) -> list[str]:
    """Names of the files that are missing, too many, or not what is built."""
    wanted = built_files()
    there = {path.name: path.read_text(encoding="utf-8") for path in directory.glob("*.json")}
    return sorted(name for name in {*wanted, *there} if wanted.get(name) != there.get(name))

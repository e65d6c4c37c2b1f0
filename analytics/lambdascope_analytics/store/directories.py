"""The directories of the history: their names, and making them private to their owner."""

from pathlib import Path
from typing import Final

SPOOL: Final = "spool"
AMENDMENTS: Final = "amendments"
SEGMENTS: Final = "segments"
ROLLUPS: Final = "rollups"
OUTBOX: Final = "outbox"
SET_ASIDE: Final = "set-aside"
WORK: Final = "work"
DROPS: Final = "drops"
FORGET: Final = "forget"
# An empty file of this name keeps the pattern that a view reads from matching nothing.
KEEP: Final = "_keep.jsonl"


def default_directory() -> Path:
    """Return where the history of this user lives unless a setting says otherwise."""
    from platformdirs import user_data_path

    return user_data_path("lambdascope") / "history"


def make_private(directory: Path) -> None:
    """Create `directory` and its missing parents with mode 0700; leave what exists as it is.

    Raises:
        OSError: it cannot be created, or something else is in its place.
    """
    if directory.is_dir():
        return
    if directory.parent != directory:
        make_private(directory.parent)
    try:
        directory.mkdir(mode=0o700)
    except FileExistsError:
        # Another process may have been faster.
        if not directory.is_dir():
            raise

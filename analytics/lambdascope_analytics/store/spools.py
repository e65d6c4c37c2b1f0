"""Spools that nobody writes any more: finding them, and turning them into segments."""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from lambdascope_analytics.store.directories import KEEP, SPOOL
from lambdascope_analytics.store.hidden import hidden_files
from lambdascope_analytics.store.locks import is_locked
from lambdascope_analytics.store.spool_file import ROTATE_S, host_name
from lambdascope_analytics.store.views import file_list, spool_columns

# Locks may not reach across hosts on a network share. A writer ends its spool after `ROTATE_S`, so that one of another
# host which is this much older has no writer.
_FOREIGN_AGE_S: Final = 12 * ROTATE_S


def closed_spools(directory: Path, folder: str = SPOOL) -> list[Path]:
    """Return the spools in `folder` that nobody writes any more and no segment has replaced, oldest first."""
    hidden = {entry.file for entry in hidden_files(directory)}
    paths = (path for path in (directory / folder).glob("*.jsonl") if path.name != KEEP)
    found = [path for path in paths if f"{folder}/{path.name}" not in hidden and _is_closed(path)]
    return sorted(found, key=lambda path: (_age_s(path), path.name), reverse=True)


def open_spools(directory: Path, folder: str = SPOOL) -> list[Path]:
    """Return the spools in `folder` that some process still writes."""
    return [path for path in (directory / folder).glob("*.jsonl") if path.name != KEEP and not _is_closed(path)]


def scan_spools(paths: Iterable[Path]) -> str:
    """Return the SQL that reads these spools; a line that is no row comes as NULLs."""
    return (
        f"read_json({file_list(paths)}, format = 'newline_delimited', ignore_errors = true, "
        f"columns = {spool_columns()})"
    )


def count_lines(paths: Iterable[Path]) -> int:
    """Return how many lines these spools hold, a torn last one included and empty ones not."""
    total = 0
    for path in paths:
        with path.open("rb") as file:
            total += sum(1 for line in file if line.strip())
    return total


def _is_closed(path: Path) -> bool:
    try:
        if path.name.split("-")[0] != host_name() and _age_s(path) < _FOREIGN_AGE_S:
            return False
        return not is_locked(path) and path.exists()
    except PermissionError:
        return False  # another user's: whether it is written cannot be seen
    except OSError:
        return True  # what cannot be opened is not written by us either; the compaction sets it aside


def _age_s(path: Path) -> float:
    try:
        return max(0.0, time.time() - path.stat().st_mtime)
    except FileNotFoundError:
        return 0.0

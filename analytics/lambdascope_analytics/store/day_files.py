"""The files that can hold calls of some days, as they are at one moment.

DuckDB reads the footer of every file a view is over before anything else, which for a question on one day takes longer
than its rows. Rows lie in the folder of the day (UTC) on which they began, except those of spools.
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from lambdascope_analytics.store.directories import AMENDMENTS, SEGMENTS, SPOOL
from lambdascope_analytics.store.hidden import HIDDEN

_SETTLED: Final = "-settled.parquet"
_OPEN: Final = "-open.parquet"
_LINES: Final = ".jsonl"
_KEEP: Final = "_keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFiles:
    """The files by what they hold; none of them is empty on purpose, so there may be none."""

    settled: tuple[Path, ...]
    open: tuple[Path, ...]
    spools: tuple[Path, ...]
    amendments: tuple[Path, ...]


def day_files(directory: Path, after: datetime | None, before: datetime | None) -> DayFiles:
    """Return the files of the history in `directory` for calls that began from `after` up to `before`; None is open.

    Raises:
        OSError: the list of hidden files cannot be read.
    """
    folders = [folder for folder in _names(directory / SEGMENTS) if _may_hold(folder, after, before)]
    segments = [f"{SEGMENTS}/{folder}/{name}" for folder in folders for name in _names(directory / SEGMENTS / folder)]
    spools, amendments = _with_lines(directory, SPOOL), _with_lines(directory, AMENDMENTS)
    # Last, as in a query: what an exchange that is on the list by now put in place was there before we looked.
    hidden = _hidden(directory)
    return DayFiles(
        settled=_seen(directory, (name for name in segments if name.endswith(_SETTLED)), hidden),
        open=_seen(directory, (name for name in segments if name.endswith(_OPEN)), hidden),
        spools=_seen(directory, spools, hidden),
        amendments=_seen(directory, amendments, hidden),
    )


def _may_hold(folder: str, after: datetime | None, before: datetime | None) -> bool:
    """Whether calls of that time may lie in a folder; one that is named after no day may hold any."""
    try:
        day = date.fromisoformat(folder.removeprefix("date="))
    except ValueError:
        return True
    return (after is None or day >= _day(after)) and (before is None or day <= _day(before))


def _day(time: datetime) -> date:
    try:
        return time.astimezone(UTC).date()
    except OverflowError:  # the first or the last day there is, in another zone
        return time.date()


def _names(folder: Path) -> list[str]:
    """What lies in a folder; nothing where there is none (any more) or we may not look, as for DuckDB."""
    try:
        return sorted(path.name for path in folder.iterdir())
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return []


def _with_lines(directory: Path, folder: str) -> list[str]:
    return [
        f"{folder}/{name}"
        for name in _names(directory / folder)
        if name.endswith(_LINES) and _has_content(directory / folder / name)
    ]


def _has_content(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:
        return False


def _hidden(directory: Path) -> set[str]:
    """The files on the list, read as the views read it: lines that are none count for nothing."""
    lines = (directory / HIDDEN).read_bytes().splitlines()
    return {file for line in lines if (file := _file_of(line))}


def _file_of(line: bytes) -> str | None:
    try:
        entry: dict[str, Any] = json.loads(line)
        return entry["file"]
    except (ValueError, LookupError, TypeError):
        return None


def _seen(directory: Path, names: Iterable[str], hidden: Collection[str]) -> tuple[Path, ...]:
    return tuple(directory / name for name in names if name not in hidden and not Path(name).name.startswith(_KEEP))

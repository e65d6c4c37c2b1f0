"""The list of files that the views must not read, in `hidden.jsonl`: its replacement is what commits a change.

A file is on it for one of two reasons: it is `pending` (its rows are still read from elsewhere) or `superseded` (its
rows are already read from elsewhere). Because a query reads the list once, it sees either all of a change or nothing.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

from lambdascope_analytics.store.durable import write_durably

HIDDEN: Final = "hidden.jsonl"

State = Literal["pending", "superseded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenFile:
    """A file the views pass over: its path within the history, why, and since when."""

    file: str
    state: State
    since: datetime


def hidden_files(directory: Path) -> list[HiddenFile]:
    """Return what is on the list; empty if there is none yet.

    Raises:
        OSError: it cannot be read, or is damaged: files must not be exchanged then.
    """
    path = directory / HIDDEN
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return []
    return [_entry(path, number, line) for number, line in enumerate(lines, 1) if line]


def pending(directory: Path) -> set[str]:
    """Return the files that are in place and not committed."""
    return {entry.file for entry in hidden_files(directory) if entry.state == "pending"}


def replace_hidden(directory: Path, entries: Iterable[HiddenFile]) -> None:
    """Replace the list, in one step and durably.

    Raises:
        OSError: it cannot be written; the old list holds.
    """
    lines = (
        json.dumps({"file": entry.file, "state": entry.state, "since": entry.since.isoformat()}) for entry in entries
    )
    write_durably(directory / HIDDEN, "".join(f"{line}\n" for line in lines))


def _entry(path: Path, number: int, line: bytes) -> HiddenFile:
    try:
        item: dict[str, Any] = json.loads(line)
        since = datetime.fromisoformat(item["since"]).astimezone(UTC)
        if not isinstance(item["file"], str):
            raise TypeError
        return HiddenFile(file=item["file"], state=item["state"], since=since)
    except (ValueError, LookupError, TypeError) as error:
        raise OSError(
            f"{path} is damaged in line {number}: remove that line to count the file it hides again"
        ) from error

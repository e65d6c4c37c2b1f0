"""The list of files that the views must not read, in `hidden.jsonl`: its replacement is what commits a change.

A file is on it for one of two reasons: it is `pending` (its rows are still read from elsewhere) or `superseded` (its
rows are already read from elsewhere). Because a query reads the list once, it sees either all of a change or nothing.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
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
    """Return what is on the list; empty if there is none yet."""
    try:
        lines = (directory / HIDDEN).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    documents: list[dict[str, Any]] = [json.loads(line) for line in lines]
    return [
        HiddenFile(file=item["file"], state=item["state"], since=datetime.fromisoformat(item["since"]))
        for item in documents
    ]


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

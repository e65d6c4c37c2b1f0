"""Rows for the store's tests: made, stored as a process does that then ends, and read back through `history.duckdb`."""

import itertools
import json
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb

from lambdascope_analytics.store.compaction import compact
from lambdascope_analytics.store.compactor import Report
from lambdascope_analytics.store.due import UpkeepOptions
from lambdascope_analytics.store.line import encode_row
from lambdascope_analytics.store.prepare import prepare
from lambdascope_analytics.store.spool_file import SpoolFile, new_writer_name

_numbers = itertools.count()


def row(number: int, *, at: datetime | None = None, **more: object) -> dict[str, object]:
    """A row told by its `pid`; without more it is final, so that it goes to a settled segment."""
    moment = at or datetime.now(UTC)
    return {"call_id": UUID(int=number + 1), "started_at": moment, "pid": number, **more}


def waiting(number: int, *, at: datetime | None = None, **more: object) -> dict[str, object]:
    """A row whose cost is not known yet, so that it goes to an open segment."""
    return row(number, at=at, request_id=f"r{number}", outcome="accepted", **more)


def spool(directory: Path, rows: Iterable[Mapping[str, object]], *, folder: str = "spool", writer: str = "") -> Path:
    """Write rows into a spool of their own, closed as its process ended."""
    file = SpoolFile(directory / folder, writer or new_writer_name())
    file.load(b"".join(map(encode_row, rows)))
    file.send()
    file.close()
    return file.path


def raw_spool(directory: Path, content: bytes, *, name: str | None = None) -> Path:
    """Put a file of any content among the spools, so long ago that no writer on any host is expected to have it."""
    prepare(directory)
    path = directory / "spool" / (name or f"odd-1-{next(_numbers):08x}-0001.jsonl")
    path.write_bytes(content)
    os.utime(path, (days_ago(1).timestamp(),) * 2)
    return path


def ask(directory: Path, sql: str) -> list[tuple[Any, ...]]:
    """Ask `history.duckdb` as a person with the duckdb shell would."""
    prepare(directory)
    with duckdb.connect(str(directory / "history.duckdb"), read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return connection.execute(sql).fetchall()


def numbers(directory: Path) -> list[int]:
    """The numbers of all rows, each as often as a query finds it."""
    return [number for (number,) in ask(directory, "SELECT pid FROM calls ORDER BY pid")]


def segment_files(directory: Path) -> list[Path]:
    """The segments on the disk, hidden ones too."""
    return sorted(path for path in directory.glob("segments/*/*.parquet") if not path.name.startswith("_keep"))


def hidden_names(directory: Path, state: str) -> list[str]:
    """What is on the list of hidden files in this state."""
    lines = (directory / "hidden.jsonl").read_text(encoding="utf-8").splitlines()
    return sorted(entry["file"] for entry in map(json.loads, lines) if entry["state"] == state)


def days_ago(days: float) -> datetime:
    """A moment so long ago."""
    return datetime.now(UTC) - timedelta(days=days)


def compacted(directory: Path, **options: Any) -> Report:
    """Compact all that is closed; nobody else is at it."""
    report = compact(directory, UpkeepOptions(**options), everything=True)
    assert report is not None
    return report

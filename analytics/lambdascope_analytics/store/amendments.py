"""Amendments: what became known of a call after its row was written, such as the cost of an asynchronous call.

The views complete a row by them at once; a compaction writes them into the segments later.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from lambdascope_analytics.errors import UnfitRowError
from lambdascope_analytics.store.directories import AMENDMENTS
from lambdascope_analytics.store.line import encode_row
from lambdascope_analytics.store.spool_file import SpoolFile, new_writer_name


def amend(directory: Path, rows: Iterable[Mapping[str, object]], *, amended_at: datetime | None = None) -> int:
    """Complete rows of the history: each has the `call_id` and `started_at` of its row, and what became known.

    Columns left out keep their value; of several amendments to one column the latest wins. Durable and visible to new
    queries when this returns; returns how many there were.

    Raises:
        UnfitRowError: a row lacks a key or does not fit the columns; nothing is written then.
        OSError: the disk refuses.
    """
    at = (amended_at or datetime.now(UTC)).astimezone(UTC)
    lines = [_encode(row, at) for row in rows]
    if lines:
        file = SpoolFile(directory / AMENDMENTS, new_writer_name(), sync_s=0.0)
        file.load(b"".join(lines))
        try:
            file.send()
        finally:
            file.close()
    return len(lines)


def _encode(row: Mapping[str, object], at: datetime) -> bytes:
    if row.get("call_id") is None:
        raise UnfitRowError("call_id", "is missing")
    line = encode_row(row)
    return f'{{"amended_at":"{at.isoformat(timespec="microseconds")}",'.encode() + line[1:]

"""Amendments are written into the segments whose rows they complete."""

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from lambdascope_analytics.store.compactor import Compactor
from lambdascope_analytics.store.directories import AMENDMENTS, OUTBOX, SEGMENTS, WORK
from lambdascope_analytics.store.publish import NewFile
from lambdascope_analytics.store.segments import scan, segments
from lambdascope_analytics.store.set_aside import set_lines_aside
from lambdascope_analytics.store.spool_file import new_writer_name
from lambdascope_analytics.store.views import file_list

# No row came for it: its spool is lost, or its day was removed.
_ORPHAN_AGE: Final = timedelta(days=30)


def apply_amendments(compactor: Compactor, files: Sequence[Path]) -> None:
    """Rewrite the segments these closed files of amendments concern; those whose row is in none yet are kept.

    Raises:
        duckdb.Error, OSError: it cannot be done now; everything stays.
    """
    amendments = _scan(files)
    touched = _touched(compactor, amendments)
    new, found = _completed(compactor, amendments, touched) if touched else ([], set[UUID]())
    waiting, orphans = _left_over(files, found)
    if not touched and not orphans:
        # Nothing to do about them yet: they are due again when they have waited as long once more.
        for file in files:
            os.utime(file)
        return
    if orphans:
        set_lines_aside(compactor.directory, orphans, f"{new_writer_name()}.jsonl", "no row came that they complete")
        compactor.report.set_aside += 1
    if waiting:
        new.append(_written(compactor.directory, waiting))
    compactor.publish(new, [*touched, *(compactor.name_of(file) for file in files)])
    compactor.report.amended += len(found)


def _completed(compactor: Compactor, amendments: str, touched: list[str]) -> tuple[list[NewFile], set[UUID]]:
    """Write the touched segments anew; return what takes their place, and the ids of the rows completed there."""
    source = scan(compactor.directory, touched)
    keys = f"SELECT call_id FROM {amendments} WHERE call_id IS NOT NULL"
    sql = f"SELECT DISTINCT call_id FROM {source} WHERE call_id IN ({keys})"
    found = {call_id for (call_id,) in compactor.connection.execute(sql).fetchall()}
    new, rows = compactor.write(source)
    compactor.check_whole(source, rows)
    if compactor.uploads:
        new += _upload(compactor, source, f"call_id IN ({keys})")
    return new, found


def _scan(files: Sequence[Path]) -> str:
    return (
        f"read_json({file_list(files)}, format = 'newline_delimited', ignore_errors = true, "
        "columns = {call_id: 'UUID', started_at: 'TIMESTAMPTZ'})"
    )


def _touched(compactor: Compactor, amendments: str) -> list[str]:
    connection = compactor.connection
    days = {
        day
        for (day,) in connection.execute(
            f"SELECT DISTINCT CAST(started_at AS DATE) FROM {amendments} WHERE started_at IS NOT NULL"
        ).fetchall()
    }
    candidates = [
        compactor.directory / segment.file for segment in segments(compactor.directory) if segment.day in days
    ]
    if not candidates:
        return []
    sql = (
        f"SELECT DISTINCT filename FROM read_parquet({file_list(candidates)}, filename = true, union_by_name = true, "
        f"hive_partitioning = false) WHERE call_id IN (SELECT call_id FROM {amendments})"
    )
    return sorted(compactor.name_of(Path(name)) for (name,) in connection.execute(sql).fetchall())


def _left_over(files: Sequence[Path], found: set[UUID]) -> tuple[list[bytes], list[bytes]]:
    """Return the lines whose row is yet to come, and those for which none will."""
    waiting: list[bytes] = []
    orphans: list[bytes] = []
    for line in (line for file in files for line in file.read_bytes().split(b"\n") if line.strip()):
        call_id, age = _keys(line)
        if call_id is None or age > _ORPHAN_AGE:
            orphans.append(line + b"\n")
        elif call_id not in found:
            waiting.append(line + b"\n")
    return waiting, [line for line in orphans if _keys(line)[0] not in found]


def _keys(line: bytes) -> tuple[UUID | None, timedelta]:
    try:
        row: dict[str, Any] = json.loads(line.decode())
        return UUID(row["call_id"]), datetime.now(UTC) - datetime.fromisoformat(row["amended_at"])
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError):
        return None, timedelta()


def _written(directory: Path, lines: list[bytes]) -> NewFile:
    name = f"{new_writer_name()}.jsonl"
    source = directory / WORK / name
    source.write_bytes(b"".join(lines))
    source.chmod(0o600)
    return NewFile(source=source, file=f"{AMENDMENTS}/{name}")


def _upload(compactor: Compactor, source: str, condition: str) -> list[NewFile]:
    """Write the completed rows by themselves: what S3 has of them already cannot be changed there."""
    new, _ = compactor.write(source, condition=condition)
    return [
        NewFile(source=file.source, file=f"{OUTBOX}/{AMENDMENTS}/{file.file.removeprefix(f'{SEGMENTS}/')}")
        for file in new
    ]

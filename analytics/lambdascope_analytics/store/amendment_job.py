"""Amendments are written into the segments whose rows they complete."""

import json
import logging
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from lambdascope_analytics.store.compactor import Compactor
from lambdascope_analytics.store.directories import AMENDMENTS, OUTBOX, SEGMENTS, WORK
from lambdascope_analytics.store.publish import NewFile
from lambdascope_analytics.store.segments import scan, segments
from lambdascope_analytics.store.set_aside import set_aside
from lambdascope_analytics.store.spool_file import new_writer_name
from lambdascope_analytics.store.views import file_list

_log: Final = logging.getLogger(__name__)

# No row came for it: its spool is lost, or its day was removed.
_ORPHAN_S: Final = 30 * 86_400


def apply_amendments(compactor: Compactor, files: Sequence[Path]) -> None:
    """Rewrite the segments these closed files of amendments concern; those whose row is in none yet are kept.

    Raises:
        duckdb.Error, OSError: it cannot be done now; everything stays.
    """
    amendments = _scan(files)
    touched = _touched(compactor, amendments)
    if not touched:
        _set_aside_orphans(compactor, files)
        return
    source = scan(compactor.directory, touched)
    keys = f"SELECT call_id FROM {amendments} WHERE call_id IS NOT NULL"
    found = {
        str(call_id)
        for (call_id,) in compactor.connection.execute(
            f"SELECT DISTINCT call_id FROM {source} WHERE call_id IN ({keys})"
        ).fetchall()
    }
    new, rows = compactor.write(source)
    (before,) = compactor.connection.execute(f"SELECT count(*) FROM {source}").fetchall()[0]
    assert rows == before, "completing rows keeps every row"
    new += _remainder(compactor.directory, files, found)
    if compactor.uploads:
        new += _upload(compactor, source, f"call_id IN ({keys})")
    compactor.publish(new, [*touched, *(compactor.name_of(file) for file in files)])
    compactor.report.amended += len(found)


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


def _remainder(directory: Path, files: Sequence[Path], found: set[str]) -> list[NewFile]:
    kept = [line for file in files for line in file.read_bytes().splitlines() if _call_id(line) not in found]
    if not kept:
        return []
    name = f"{new_writer_name()}.jsonl"
    source = directory / WORK / name
    source.write_bytes(b"".join(line + b"\n" for line in kept))
    source.chmod(0o600)
    return [NewFile(source=source, file=f"{AMENDMENTS}/{name}")]


def _call_id(line: bytes) -> str | None:
    try:
        row: dict[str, Any] = json.loads(line)
        return row.get("call_id")
    except ValueError:
        return None


def _upload(compactor: Compactor, source: str, condition: str) -> list[NewFile]:
    """Write the completed rows by themselves: what S3 has of them already cannot be changed there."""
    new, _ = compactor.write(source, condition=condition)
    return [
        NewFile(source=file.source, file=f"{OUTBOX}/{AMENDMENTS}/{file.file.removeprefix(f'{SEGMENTS}/')}")
        for file in new
    ]


def _set_aside_orphans(compactor: Compactor, files: Sequence[Path]) -> None:
    for file in files:
        if time.time() - file.stat().st_mtime > _ORPHAN_S:
            set_aside(compactor.directory, file, "no row came that it completes")
            compactor.report.set_aside += 1

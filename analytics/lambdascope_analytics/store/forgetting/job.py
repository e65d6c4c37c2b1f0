"""The part of every compaction that meets the requests to forget: rows leave segments, amendments, outbox, set-aside.

Killed anywhere it is done again by the next compaction: a request is removed last.
"""

import json
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from lambdascope_analytics.errors import UnlikeRowsError
from lambdascope_analytics.store.compactor import Compactor
from lambdascope_analytics.store.directories import AMENDMENTS, KEEP, SPOOL, WORK
from lambdascope_analytics.store.forgetting.leftovers import forget_in_outbox, forget_set_aside
from lambdascope_analytics.store.forgetting.request import (
    condition_of,
    remove_done,
    spools_now,
    standing_requests,
)
from lambdascope_analytics.store.hidden import hidden_files
from lambdascope_analytics.store.publish import NewFile, sweep
from lambdascope_analytics.store.segments import Segment, scan, segments
from lambdascope_analytics.store.spool_file import new_writer_name
from lambdascope_analytics.store.spools import closed_spools, scan_spools
from lambdascope_analytics.store.views import file_list

_BYTES_AT_ONCE: Final = 96 << 20
# What was asked to be forgotten is to be gone when we end; a query that began before looks once more.
_GRACE_S: Final = 5.0


def apply_standing_requests(compactor: Compactor) -> None:
    """Remove the rows that requests match from all that is not being written, for good; remove requests that are met.

    Raises:
        duckdb.Error, OSError: it cannot be done now; the requests stand.
    """
    directory = compactor.directory
    requests = list(standing_requests(directory).values())
    if not requests:
        return
    concerned = [
        segment for segment in segments(directory) if any(request.may_concern(segment.day) for request in requests)
    ]
    condition = condition_of(requests)
    # Amendments first: they are known by the ids of rows that are gone after.
    _forget_amendments(compactor, condition, concerned)
    for group in _groups(_touched(compactor, condition, concerned)):
        _forget_rows(compactor, condition, group)
    forget_in_outbox(compactor, requests)
    forget_set_aside(compactor, requests)
    _remove_superseded(directory)
    remove_done(directory)


def _touched(compactor: Compactor, condition: str, concerned: Sequence[Segment]) -> list[Segment]:
    if not concerned:
        return []
    paths = file_list(compactor.directory / segment.file for segment in concerned)
    source = f"read_parquet({paths}, union_by_name = true, hive_partitioning = false, filename = true)"
    found = compactor.connection.execute(f"SELECT DISTINCT filename FROM {source} WHERE {condition}").fetchall()
    names = {compactor.name_of(Path(name)) for (name,) in found}
    return [segment for segment in concerned if segment.file in names]


def _groups(touched: Sequence[Segment]) -> Iterator[list[Segment]]:
    group: list[Segment] = []
    for segment in touched:
        if group and sum(part.size for part in group) + segment.size > _BYTES_AT_ONCE:
            yield group
            group = []
        group.append(segment)
    if group:
        yield group


def _forget_rows(compactor: Compactor, condition: str, group: Sequence[Segment]) -> None:
    files = [segment.file for segment in group]
    source = scan(compactor.directory, files)
    counted = f"SELECT count(*), count(*) FILTER (WHERE {condition}) FROM {source}"
    ((before, forgotten),) = compactor.connection.execute(counted).fetchall()
    new, rows = compactor.write(source, condition=f"{condition} IS NOT TRUE")
    if rows != before - forgotten:
        raise UnlikeRowsError(f"{rows} rows were written where {before - forgotten} are to stay; nothing is exchanged")
    compactor.publish(new, files)
    compactor.report.forgotten += forgotten


def _forget_amendments(compactor: Compactor, condition: str, concerned: Sequence[Segment]) -> None:
    directory = compactor.directory
    files = closed_spools(directory, AMENDMENTS)
    if not files:
        return
    spools = scan_spools([directory / SPOOL / name for name in (KEEP, *spools_now(directory))])
    rows = " UNION ALL ".join(
        f"SELECT call_id FROM {source} WHERE {condition}"
        for source in (scan(directory, [segment.file for segment in concerned]), spools)
    )
    sql = f"SELECT DISTINCT call_id FROM {scan_spools(files)} WHERE call_id IN ({rows}) OR {condition}"
    ids = {str(call_id) for (call_id,) in compactor.connection.execute(sql).fetchall()}
    for file in files if ids else ():
        _rewrite_amendments(compactor, file, ids)


def _rewrite_amendments(compactor: Compactor, file: Path, ids: set[str]) -> None:
    lines = file.read_bytes().splitlines(keepends=True)
    kept = [line for line in lines if _call_id(line) not in ids]
    if len(kept) == len(lines):
        return
    name = f"{new_writer_name()}.jsonl"
    source = compactor.directory / WORK / name
    source.touch(mode=0o600)
    source.write_bytes(b"".join(kept))
    new = [NewFile(source=source, file=f"{AMENDMENTS}/{name}")] if kept else []
    compactor.publish(new, [compactor.name_of(file)])


def _call_id(line: bytes) -> str | None:
    try:
        document: dict[str, Any] = json.loads(line)
        return document.get("call_id")
    except (ValueError, AttributeError):
        return None


def _remove_superseded(directory: Path) -> None:
    if hidden_files(directory):
        time.sleep(_GRACE_S)
        sweep(directory, segment_grace=timedelta(seconds=_GRACE_S))

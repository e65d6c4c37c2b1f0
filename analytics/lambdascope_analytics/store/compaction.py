"""Compaction: spools become segments, amendments are written into them, small ones merge, expired days go.

Runs in a process of its own, in one at a time for a history: `python -m lambdascope_analytics.store.compaction DIR`.
Every step exchanges files for others through `publish`, so it may be killed at any moment.
"""

import argparse
import json
import logging
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from lambdascope_analytics.errors import HistoryError, UnlikeRowsError
from lambdascope_analytics.store.amendment_job import apply_amendments
from lambdascope_analytics.store.compactor import Compactor, Report
from lambdascope_analytics.store.connection import connect
from lambdascope_analytics.store.due import STAMP, UpkeepOptions, due_age_s, due_amendments, due_spools
from lambdascope_analytics.store.durable import write_durably
from lambdascope_analytics.store.forgetting.job import apply_standing_requests
from lambdascope_analytics.store.integrity import set_aside_foreign
from lambdascope_analytics.store.maintenance import OccupiedError, maintenance
from lambdascope_analytics.store.merge_job import merge_segments
from lambdascope_analytics.store.merging import plan_merges
from lambdascope_analytics.store.prepare import prepare
from lambdascope_analytics.store.publish import sweep
from lambdascope_analytics.store.retention import expired_days
from lambdascope_analytics.store.rollups import keep_rollups
from lambdascope_analytics.store.segments import segments
from lambdascope_analytics.store.spool_job import compact_spools

_log: Final = logging.getLogger(__name__)

_BATCH_BYTES: Final = 128 << 20
_BATCH_FILES: Final = 512
# Where new rows are always due, the rest has its turn after so long; the next compaction goes on.
_CATCH_UP_S: Final = 600.0


def compact(directory: Path, options: UpkeepOptions, *, everything: bool = False, wait_s: float = 0.0) -> Report | None:
    """Compact what is due in the history in `directory`, or with `everything` all that is closed.

    Returns what was done; None if another process is at it and was not done within `wait_s`.

    Raises:
        HistoryError: it could not be done; nothing is lost, and the next compaction tries again.
    """
    import duckdb

    directory = directory.resolve()
    try:
        prepare(directory)
        with maintenance(directory, wait_s=wait_s):
            return _compact(directory, options, everything=everything)
    except OccupiedError:
        return None
    except (OSError, duckdb.Error, UnlikeRowsError) as error:
        _write_stamp(directory, str(error))
        raise HistoryError(f"the history in {directory} cannot be compacted: {error}") from error


def _compact(directory: Path, options: UpkeepOptions, *, everything: bool) -> Report:
    age_s = float("-inf") if everything else due_age_s(directory, options)
    with connect(directory) as connection:
        compactor = Compactor(directory=directory, connection=connection, uploads=options.uploads)
        # What makes room comes first. One job that fails, for want of memory or room, must not stop the others.
        jobs: list[Callable[[], object]] = [
            lambda: _remove_expired(compactor, options),
            lambda: _check_segments(compactor),
            lambda: _catch_up(compactor, age_s),
            lambda: _amend(compactor, age_s),
            lambda: apply_standing_requests(compactor),
            lambda: _remove_expired(compactor, options),
            lambda: keep_rollups(compactor),
        ]
        errors = [error for job in jobs if (error := _error_of(job))]
    while wait := sweep(directory):
        time.sleep(wait.total_seconds())
    if errors:
        raise errors[0]
    _write_stamp(directory, None)
    return compactor.report


def _error_of(job: Callable[[], object]) -> Exception | None:
    import duckdb

    try:
        job()
    except (OSError, HistoryError, duckdb.Error) as error:
        return error
    return None


def _check_segments(compactor: Compactor) -> None:
    compactor.report.set_aside += set_aside_foreign(compactor.connection, compactor.directory)


def _catch_up(compactor: Compactor, age_s: float) -> None:
    deadline = time.monotonic() + _CATCH_UP_S
    while (_compact_spools(compactor, age_s) or _merge(compactor)) and time.monotonic() < deadline:
        _merge(compactor)  # also while rows keep coming faster than they can be caught up with
        sweep(compactor.directory)


def _write_stamp(directory: Path, error: str | None) -> None:
    """Leave behind when the last compaction was and what it met, for people who look."""
    with suppress(OSError):
        write_durably(directory / STAMP, json.dumps({"ended_at": datetime.now(UTC).isoformat(), "error": error}) + "\n")


def _compact_spools(compactor: Compactor, age_s: float) -> bool:
    batch: list[Path] = []
    size = 0
    for path in due_spools(compactor.directory, age_s)[:_BATCH_FILES]:
        size += path.stat().st_size
        if batch and size > _BATCH_BYTES:
            break
        batch.append(path)
    if batch:
        _compact_batch(compactor, batch)
    return bool(batch)


def _compact_batch(compactor: Compactor, batch: list[Path]) -> None:
    import duckdb

    try:
        compact_spools(compactor, batch)
    except duckdb.OutOfMemoryException:
        if len(batch) == 1:
            raise
        for half in (batch[: len(batch) // 2], batch[len(batch) // 2 :]):
            _compact_batch(compactor, half)


def _merge(compactor: Compactor) -> bool:
    found = [segment for segment in segments(compactor.directory) if segment.file not in compactor.unmergeable]
    groups = plan_merges(found, today=datetime.now(UTC).date())
    if groups:
        merge_segments(compactor, groups[0])
    return bool(groups)


def _amend(compactor: Compactor, age_s: float) -> None:
    if files := due_amendments(compactor.directory, age_s):
        apply_amendments(compactor, files)


def _remove_expired(compactor: Compactor, options: UpkeepOptions) -> None:
    found = segments(compactor.directory)
    days = expired_days(
        found, today=datetime.now(UTC).date(), keep_days=options.keep_days, keep_bytes=options.keep_bytes
    )
    if days:
        compactor.publish([], [segment.file for segment in found if segment.day in days])
        compactor.report.days_removed += len(days)


def main(arguments: list[str]) -> int:
    """Compact the directory named first; options come as JSON. Prints a report as JSON; 1 if it could not be done."""
    parser = argparse.ArgumentParser(prog="lambdascope_analytics.store.compaction", description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--options", type=json.loads, default={}, help="fields of UpkeepOptions, as JSON")
    parser.add_argument("--everything", action="store_true", help="also what is not due yet")
    given = parser.parse_args(arguments)
    logging.basicConfig(format="%(levelname)s %(message)s")
    try:
        report = compact(given.directory, UpkeepOptions(**given.options), everything=given.everything)
    except HistoryError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(json.dumps(asdict(report) if report else None) + "\n")
    return 0


if __name__ == "__main__":
    os.nice(10)  # the calls go first
    sys.exit(main(sys.argv[1:]))

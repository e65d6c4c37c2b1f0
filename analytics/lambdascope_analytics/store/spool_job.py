"""Spools become segments; lines that are no rows are set aside first."""

import logging
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from lambdascope_analytics.store.compactor import Compactor
from lambdascope_analytics.store.directories import SET_ASIDE, SPOOL, make_private
from lambdascope_analytics.store.integrity import is_readable
from lambdascope_analytics.store.publish import NewFile
from lambdascope_analytics.store.set_aside import SALVAGED, salvage, set_aside
from lambdascope_analytics.store.spools import count_lines, scan_spools

_log: Final = logging.getLogger(__name__)


def compact_spools(compactor: Compactor, spools: Sequence[Path]) -> None:
    """Write the rows of these closed spools into segments that take their place.

    Raises:
        duckdb.Error, OSError: it cannot be done now; the spools stay.
    """
    import duckdb

    try:
        new, rows = compactor.write(scan_spools(spools))
        is_whole = rows == count_lines(spools)
    except (duckdb.Error, OSError):
        if not mend_spools(compactor, spools):
            raise
        return
    if is_whole or not mend_spools(compactor, spools):
        compactor.publish(new, [compactor.name_of(spool) for spool in spools], is_first=True)
        compactor.report.rows += rows
        compactor.report.spools += len(spools)


def mend_spools(compactor: Compactor, spools: Sequence[Path]) -> bool:
    """Exchange each closed spool that holds more than rows for one that holds only rows; whether there was one."""
    is_mended = [_mend_one(compactor, spool) for spool in spools if not _is_whole(compactor, spool)]
    return any(is_mended)


def _is_whole(compactor: Compactor, spool: Path) -> bool:
    import duckdb

    # The same rows as store/write_segments.sql writes.
    days = "started_at >= TIMESTAMPTZ '0001-01-01 00:00:00Z' AND started_at < TIMESTAMPTZ '10000-01-01 00:00:00Z'"
    sql = f"SELECT count(*) FROM {scan_spools([spool])} WHERE {days}"
    try:
        (rows,) = compactor.connection.execute(sql).fetchall()[0]
        return rows == count_lines([spool])
    except (duckdb.Error, OSError):
        return False


def _mend_one(compactor: Compactor, spool: Path) -> bool:
    directory = compactor.directory
    if SALVAGED in spool.name:
        # Its lines look like rows and some are not what DuckDB takes for one: keep the whole beside what can be read.
        return _keep_copy(directory, spool)
    try:
        good = salvage(directory, spool)
    except OSError as error:
        set_aside(directory, spool, str(error))
        compactor.report.set_aside += 1
        return True
    new = [NewFile(source=good, file=f"{SPOOL}/{spool.stem}{SALVAGED}.jsonl")] if good else []
    compactor.publish(new, [compactor.name_of(spool)])
    if not is_readable(compactor.connection, spool):
        spool.unlink()  # it makes every query fail, also those that pass its rows over
    compactor.report.set_aside += 1
    return True


def _keep_copy(directory: Path, spool: Path) -> bool:
    make_private(directory / SET_ASIDE)
    target = directory / SET_ASIDE / spool.name
    if not target.exists():
        shutil.copy2(spool, target)
        _log.warning("%s holds lines that do not fit the history; a copy of it is set aside", spool)
    return False

"""A history that cannot be written, as on a read-only mount: views over those of its files that can be read."""

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lambdascope_analytics.store.directories import AMENDMENTS, SEGMENTS, SPOOL
from lambdascope_analytics.store.hidden import HIDDEN
from lambdascope_analytics.store.integrity import is_readable
from lambdascope_analytics.store.prepare import run_all
from lambdascope_analytics.store.views import (
    OPEN_FILES,
    SETTLED_FILES,
    empty_segment_statement,
    file_list,
    literal,
    rollup_statement,
    view_statements,
)

if TYPE_CHECKING:
    import duckdb

_log: Final = logging.getLogger(__name__)


def frozen_connection(directory: Path, empty: Path) -> "duckdb.DuckDBPyConnection":
    """Return a connection with the views of the history in `directory` (absolute), as it is now.

    Files that cannot be read are left out; the log names them. `empty` is a directory for files without rows, which
    the views need for as long as they are used.
    """
    import duckdb

    connection = duckdb.connect()
    connection.execute(empty_segment_statement(empty / "none.parquet"))
    connection.execute(rollup_statement([empty / "none.parquet"], empty / "no-rollup.parquet"))
    (empty / "none.jsonl").touch()
    files = {
        "settled": _readable(connection, directory.glob(f"{SEGMENTS}/{SETTLED_FILES}"), empty / "none.parquet"),
        "open": _readable(connection, directory.glob(f"{SEGMENTS}/{OPEN_FILES}"), empty / "none.parquet"),
        "spools": _readable(connection, directory.glob(f"{SPOOL}/*.jsonl"), empty / "none.jsonl"),
        "amendments": _readable(connection, directory.glob(f"{AMENDMENTS}/*.jsonl"), empty / "none.jsonl"),
        # Every call is read.
        "rollups": file_list([empty / "no-rollup.parquet"]),
        "rollups_pattern": literal(str(empty / "no-rollup.parquet")),
        "hidden": _readable(connection, directory.glob(HIDDEN), empty / "none.jsonl"),
    }
    run_all(connection, view_statements(directory, files))
    return connection


def _readable(connection: "duckdb.DuckDBPyConnection", paths: Iterable[Path], none: Path) -> str:
    kept: list[Path] = []
    for path in sorted(paths):
        if is_readable(connection, path):
            kept.append(path)
        else:
            _log.warning("%s cannot be read and is left out", path)
    return file_list([none, *kept])

"""One DuckDB file: held open where a process is alone with it, else opened and closed again for every batch."""

import importlib
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from bench.history.recorders import BusyError
from bench.history.rows import Row
from lambdascope_analytics.store.row import COLUMN_NAMES, COLUMNS

FILE = "calls.duckdb"
BUSY_S = 5.0
RETRY_S = 0.01
TABLE = ", ".join(f"{column.name} {column.type}" for column in COLUMNS)
INSERT = f"INSERT INTO calls VALUES ({', '.join('?' * len(COLUMNS))})"


class DuckdbSink:
    """Writes one row with a prepared statement and more through a DataFrame, the fastest way without an extension."""

    def __init__(self, directory: Path, *, stays_open: bool) -> None:
        directory.mkdir(exist_ok=True)
        self._path = directory / FILE
        self._kept = connect(self._path) if stays_open else None

    def write(self, rows: Sequence[Row]) -> None:
        """Write a batch."""
        if self._kept is not None:
            _insert(self._kept, rows)
            return
        with connect(self._path) as connection:
            _insert(connection, rows)

    def close(self) -> None:
        """Close the file."""
        if self._kept is not None:
            self._kept.close()


def connect(path: Path, *, read_only: bool = False, patience_s: float = BUSY_S) -> duckdb.DuckDBPyConnection:
    """Open the file, with its table unless only to read.

    Raises:
        BusyError: another process held it all the time that was waited.
    """
    until = time.monotonic() + patience_s
    while True:
        try:
            connection = duckdb.connect(str(path), read_only=read_only)
            break
        except duckdb.IOException as error:
            # While another process makes the file, 2.0.0 finds it and takes it for a broken one.
            if "lock" not in str(error) and "not a valid DuckDB database" not in str(error):
                raise
            if time.monotonic() >= until:
                raise BusyError from error
            time.sleep(RETRY_S)
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET TimeZone = 'UTC'")
    if not read_only:
        connection.execute(f"CREATE TABLE IF NOT EXISTS calls ({TABLE})")
    return connection


def _pandas() -> Any:
    return importlib.import_module("pandas")  # by name: it brings no types


def _insert(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> None:
    if len(rows) == 1:
        connection.execute(INSERT, [rows[0].get(name) for name in COLUMN_NAMES])
        return
    connection.register("batch", _pandas().DataFrame.from_records(list(rows), columns=list(COLUMN_NAMES)))
    try:
        connection.execute("INSERT INTO calls SELECT * FROM batch")
    finally:
        connection.unregister("batch")

"""One SQLite file in WAL mode: prepared statements, one transaction a batch, and its own waiting for the lock."""

import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from bench.history.recorders import BusyError
from bench.history.rows import Row
from lambdascope_analytics.store.row import COLUMNS

FILE = "calls.sqlite"
BUSY_S = 5.0
# What SQLite has no type for is kept as the smallest it has: times as microseconds, money as 10^-12 dollars.
TYPES = {
    "VARCHAR": "TEXT",
    "UUID": "BLOB",
    "TIMESTAMPTZ": "INTEGER",
    "DECIMAL(18,12)": "INTEGER",
    "DOUBLE": "REAL",
    "BOOLEAN": "INTEGER",
    "INTEGER": "INTEGER",
    "BIGINT": "INTEGER",
}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
INSERT = f"INSERT INTO calls VALUES ({', '.join('?' * len(COLUMNS))})"
INDEXES = {"started_at": "calls_started_at", "trace_id": "calls_trace_id"}


class SqliteSink:
    """Writes each batch in one transaction."""

    def __init__(self, directory: Path, *, synchronous: str) -> None:
        directory.mkdir(exist_ok=True)
        self._connection = connect(directory / FILE)
        self._connection.execute(f"PRAGMA synchronous = {synchronous}")
        create(self._connection)

    def write(self, rows: Sequence[Row]) -> None:
        """Write a batch."""
        values = [_values(row) for row in rows]
        try:
            # IMMEDIATE: a transaction that begins by reading could not wait for the lock later on.
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(INSERT, values)
            self._connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            if "locked" in str(error):
                raise BusyError from error
            raise

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def connect(path: Path) -> sqlite3.Connection:
    """Open a database in WAL mode, transactions left to the caller."""
    connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    return connection


def create(connection: sqlite3.Connection) -> None:
    """Make the table unless it is there."""
    columns = ", ".join(f"{column.name} {TYPES[column.type]}" for column in COLUMNS)
    connection.execute(f"CREATE TABLE IF NOT EXISTS calls ({columns})")


def index(connection: sqlite3.Connection) -> None:
    """Make the indexes that the questions of the benchmark can use."""
    for column, name in INDEXES.items():
        connection.execute(f"CREATE INDEX IF NOT EXISTS {name} ON calls ({column})")


def _values(row: Row) -> list[Any]:
    return [None if (value := row.get(name)) is None else encode(value) for name, encode in _ENCODERS]


def _same(value: Any) -> Any:
    return value


def _uuid(value: str) -> bytes:
    return UUID(value).bytes


def _microseconds(value: datetime) -> int:
    return (value - EPOCH) // timedelta(microseconds=1)


def _picodollars(value: Decimal) -> int:
    return int(value.scaleb(12))


_BY_TYPE: dict[str, Callable[[Any], Any]] = {
    "UUID": _uuid,
    "TIMESTAMPTZ": _microseconds,
    "DECIMAL(18,12)": _picodollars,
}
_ENCODERS = [(column.name, _BY_TYPE.get(column.type, _same)) for column in COLUMNS]

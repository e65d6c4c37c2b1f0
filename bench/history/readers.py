"""Reading back what a recorder kept: how far it is, each row's identity, and the bytes it takes."""

import json
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from bench.history import json_lines, sqlite_file
from bench.history.recorders import DUCKDB, JSON_LINES, LAMBDASCOPE, SQLITE, SQLITE_FULL
from bench.history.verdict import Found

PROGRESS = "SELECT count(*) AS calls, max(started_at) AS newest FROM calls"
NUMBERS = "SELECT CAST(call_id AS VARCHAR) AS call_id, request_bytes AS number, cost_source FROM calls"
DISTINCT = "SELECT count(DISTINCT call_id) AS calls FROM calls"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How many rows a reader sees, and when the newest of them arrived (Unix seconds)."""

    rows: int
    newest_s: float


class Reader(Protocol):
    """Sees what the recorders of a directory have kept."""

    def progress(self) -> Progress:
        """Return how far the recorders are.

        Raises:
            BusyError: a recorder keeps readers out.
        """
        ...

    def distinct(self) -> int:
        """Return how many different call ids there are."""
        ...

    def numbers(self) -> list[Found]:
        """Return every row's identity."""
        ...


class HistoryReader:
    """Reads lambdascope's history, opened anew for each question as a new process would."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def progress(self) -> Progress:
        """Ask the history."""
        (row,) = self._query(PROGRESS)
        return Progress(rows=row["calls"], newest_s=_seconds(row["newest"]))

    def distinct(self) -> int:
        """Ask the history."""
        return self._query(DISTINCT)[0]["calls"]

    def numbers(self) -> list[Found]:
        """Ask the history."""
        return [(row["call_id"], row["number"], row["cost_source"]) for row in self._query(NUMBERS)]

    def _query(self, sql: str) -> list[dict[str, Any]]:
        from lambdascope_analytics.history import open_history

        with open_history(self._directory) as history:
            return history.query(sql)


class DuckdbReader:
    """Reads the shared DuckDB file, opened for each question and closed again: else it would keep the writers out."""

    def __init__(self, directory: Path) -> None:
        from bench.history import duckdb_file

        self._path = directory / duckdb_file.FILE
        self._connect = duckdb_file.connect

    def progress(self) -> Progress:
        """Ask the file, and wait a second for it."""
        rows, newest = self._row(PROGRESS, patience_s=1.0)[0]
        return Progress(rows=rows, newest_s=_seconds(newest))

    def distinct(self) -> int:
        """Ask the file."""
        return self._row(DISTINCT)[0][0]

    def numbers(self) -> list[Found]:
        """Ask the file."""
        return self._row(NUMBERS)

    def _row(self, sql: str, *, patience_s: float = 10.0) -> list[Any]:
        with self._connect(self._path, read_only=True, patience_s=patience_s) as connection:
            return connection.execute(sql).fetchall()


class JsonLinesReader:
    """Reads the JSON lines with DuckDB; a line that is not JSON is skipped, as nobody could do more with it."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / json_lines.FILE

    def progress(self) -> Progress:
        """Scan the file."""
        import duckdb

        source = f"read_json('{self._path}', format = 'newline_delimited', ignore_errors = true, columns = $columns)"
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            rows, newest = connection.execute(
                f"WITH calls AS (FROM {source} WHERE started_at IS NOT NULL) {PROGRESS}",
                {"columns": {"started_at": "TIMESTAMPTZ"}},
            ).fetchall()[0]
        return Progress(rows=rows, newest_s=_seconds(newest))

    def distinct(self) -> int:
        """Scan the file."""
        return len({call_id for call_id, *_ in self.numbers()})

    def numbers(self) -> list[Found]:
        """Scan the file."""
        with self._path.open("rb") as file:
            return list(_parsed(file))


class SqliteReader:
    """Reads the SQLite file."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / sqlite_file.FILE

    def progress(self) -> Progress:
        """Ask the file."""
        rows, newest = self._rows(PROGRESS)[0]
        return Progress(rows=rows, newest_s=(newest or 0) / 1e6)

    def distinct(self) -> int:
        """Ask the file."""
        return self._rows(DISTINCT)[0][0]

    def numbers(self) -> list[Found]:
        """Ask the file."""
        return [
            (str(UUID(bytes=call_id)), number, cost_source)
            for call_id, number, cost_source in self._rows("SELECT call_id, request_bytes, cost_source FROM calls")
        ]

    def _rows(self, sql: str) -> list[Any]:
        connection = sqlite3.connect(self._path, timeout=sqlite_file.BUSY_S)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()


_READERS: dict[str, Callable[[Path], Reader]] = {
    LAMBDASCOPE: HistoryReader,
    JSON_LINES: JsonLinesReader,
    SQLITE: SqliteReader,
    SQLITE_FULL: SqliteReader,
    DUCKDB: DuckdbReader,
}


def reader(name: str, directory: Path) -> Reader:
    """Return what reads back a recorder's rows."""
    return _READERS[name](directory)


def bytes_on_disk(directory: Path, pattern: str = "*") -> int:
    """Return the size of all files below a directory."""
    return sum(path.stat().st_size for path in directory.rglob(pattern) if path.is_file())


def _parsed(lines: Iterable[bytes]) -> Iterable[Found]:
    for line in lines:
        try:
            row = json.loads(line)
            yield row["call_id"], row["request_bytes"], row["cost_source"]
        except (ValueError, LookupError, TypeError):
            continue


def _seconds(newest: datetime | None) -> float:
    return newest.timestamp() if newest else 0.0

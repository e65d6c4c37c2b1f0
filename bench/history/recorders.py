"""Ways of keeping rows, behind one interface: lambdascope's spool, and a batch at a time into a file that all share."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from bench.history.rows import Row

# As many as lambdascope's own queue holds: what waits beyond is lost with every contestant alike.
CAPACITY = 10_000
LAMBDASCOPE, JSON_LINES, SQLITE, SQLITE_FULL, DUCKDB = (
    "lambdascope",
    "JSON lines",
    "SQLite WAL, NORMAL",
    "SQLite WAL, FULL",
    "one DuckDB file",
)
ALTERNATIVES = (JSON_LINES, SQLITE, SQLITE_FULL, DUCKDB)


class Recorder(Protocol):
    """Takes rows now and keeps them by and by."""

    def append(self, row: Row) -> bool:
        """Take a row; False if it is lost because too many wait."""
        ...

    def flush(self, timeout_s: float) -> bool:
        """Keep every row taken so far, so that a kill cannot lose it; False if that was not possible in time."""
        ...

    def close(self, timeout_s: float) -> bool:
        """Flush and stop."""
        ...


class BusyError(Exception):
    """Another process holds the file; nothing was written."""


class Sink(Protocol):
    """Writes batches to one file that several processes share."""

    def write(self, rows: Sequence[Row]) -> None:
        """Write all rows or none.

        Raises:
            BusyError: another process holds the file.
        """
        ...

    def close(self) -> None: ...


class Batcher:
    """Makes a recorder of a sink: rows wait until the next flush, which writes them in one go."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._waiting: list[Row] = []

    def append(self, row: Row) -> bool:
        """Take a row."""
        if len(self._waiting) >= CAPACITY:
            return False
        self._waiting.append(row)
        return True

    def flush(self, timeout_s: float) -> bool:
        """Write what waits, trying once: how long a busy file is waited for is the sink's own setting."""
        if self._waiting:
            with suppress(BusyError):
                self._sink.write(self._waiting)
                self._waiting.clear()
        return not self._waiting

    def close(self, timeout_s: float) -> bool:
        """Flush and close the sink."""
        done = self.flush(timeout_s)
        self._sink.close()
        return done


def recorder(name: str, directory: Path, *, alone: bool = False) -> Recorder:
    """Return the recorder of a name for a directory; `alone` says that no other process shares it."""
    return _MAKERS[name](directory, alone)


# Each imports what only it needs, so that a child process is as small as what it measures.
def _lambdascope(directory: Path, _alone: bool) -> Recorder:
    from lambdascope_analytics.store.spool import SpoolWriter

    return SpoolWriter(directory, capacity=CAPACITY)


def _json_lines(directory: Path, _alone: bool) -> Recorder:
    from bench.history.json_lines import JsonLinesSink

    return Batcher(JsonLinesSink(directory))


def _sqlite(directory: Path, _alone: bool) -> Recorder:
    from bench.history.sqlite_file import SqliteSink

    return Batcher(SqliteSink(directory, synchronous="NORMAL"))


def _sqlite_full(directory: Path, _alone: bool) -> Recorder:
    from bench.history.sqlite_file import SqliteSink

    return Batcher(SqliteSink(directory, synchronous="FULL"))


def _duckdb(directory: Path, alone: bool) -> Recorder:
    from bench.history.duckdb_file import DuckdbSink

    return Batcher(DuckdbSink(directory, stays_open=alone))


_MAKERS: dict[str, Callable[[Path, bool], Recorder]] = {
    LAMBDASCOPE: _lambdascope,
    JSON_LINES: _json_lines,
    SQLITE: _sqlite,
    SQLITE_FULL: _sqlite_full,
    DUCKDB: _duckdb,
}

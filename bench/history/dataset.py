"""Makes large histories, and the same rows in a DuckDB and a SQLite file, for the questions that are timed.

`python -m bench.history.dataset KIND DIRECTORY ROWS [SOURCE]`: KIND is `history`, written through the store's own
segment writer; `huge`, a history ten times the one at SOURCE; `duckdb` or `sqlite`, the rows of the one at SOURCE.
"""

import json
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from string import Template

import duckdb

from bench.history import duckdb_file, sqlite_file
from lambdascope_analytics.statements import statement
from lambdascope_analytics.store.connection import connect
from lambdascope_analytics.store.prepare import prepare
from lambdascope_analytics.store.publish import publish
from lambdascope_analytics.store.row import COLUMN_NAMES, COLUMNS, SCHEMA_VERSION
from lambdascope_analytics.store.segments import write_segments

DAYS = 30
DAY_US = 86_400_000_000
TIMES = 10
FETCHED = 20_000
MEMORY = "2GB"
SQL = Template(Path(__file__).with_name("calls_of_a_day.sql").read_text())
COMMENT = re.compile(r"--.*")


def recipe() -> str:
    """Return what changes when a history made now would differ from one made before."""
    return sha256((SQL.template + statement("store/write_segments") + str(SCHEMA_VERSION)).encode()).hexdigest()[:16]


def make_history(directory: Path, rows: int, _source: Path) -> None:
    """Make a history of so many rows over thirty days, a segment a day."""
    store, a_day = _Store(directory), rows // DAYS
    for day in range(DAYS):
        numbers = {"first": day * a_day, "last": (day + 1) * a_day}
        calls = SQL.substitute(numbers, step_us=DAY_US // a_day, schema_version=SCHEMA_VERSION)
        store.add(f"({calls})")


def make_huge(directory: Path, rows: int, source: Path) -> None:
    """Make a history of ten times the rows: those of the source again and again, with other dates and ids."""
    store = _Store(directory)
    for days in range(0, TIMES * DAYS, DAYS):
        for segment in _segments(source):
            store.add(f"({_again(segment, days)})")


def make_duckdb(directory: Path, rows: int, source: Path) -> None:
    """Make a DuckDB file, its rows in the order of their days as they would have come."""
    with duckdb_file.connect(directory / duckdb_file.FILE) as connection:
        connection.execute(f"SET memory_limit = '{MEMORY}'")
        for segment in _segments(source):
            connection.execute(f"INSERT INTO calls SELECT {_columns()} FROM read_parquet(?)", [str(segment)])


def make_sqlite(directory: Path, rows: int, source: Path) -> None:
    """Make a SQLite file with indexes on the time and the trace."""
    target = sqlite_file.connect(directory / sqlite_file.FILE)
    sqlite_file.create(target)
    target.execute("PRAGMA synchronous = OFF")  # it is only being made
    with duckdb.connect(config={"threads": 2, "memory_limit": MEMORY}) as connection:
        for segment in _segments(source):
            cursor = connection.execute(f"SELECT {_plain_columns()} FROM read_parquet(?)", [str(segment)])
            target.execute("BEGIN")
            while values := cursor.fetchmany(FETCHED):
                target.executemany(sqlite_file.INSERT, values)
            target.execute("COMMIT")
    sqlite_file.index(target)
    target.execute("ANALYZE")
    target.close()


class _Store:
    """Puts segments in place as a compaction does, but without waiting for readers: there are none yet."""

    def __init__(self, directory: Path) -> None:
        prepare(directory)
        self._directory = directory.absolute()
        self._connection = connect(self._directory, memory_limit=MEMORY)

    def add(self, source: str) -> None:
        """Write the rows of a source into segments."""
        line = " ".join(COMMENT.sub("", source).split())  # the store's own statement takes it in one line
        new, _ = write_segments(self._connection, self._directory, line, now=datetime.now(UTC))
        publish(self._directory, new, [], bind_s=0.0)


def _segments(source: Path) -> list[Path]:
    found = sorted(source.glob("segments/date=2*/*-settled.parquet"))
    if not found:
        raise SystemExit(f"{source} holds no segments")
    return found


def _again(segment: Path, days: int) -> str:
    return f"""
        SELECT * REPLACE (
            started_at - to_days({days}) AS started_at,
            gen_random_uuid() AS call_id,
            replace(CAST(gen_random_uuid() AS VARCHAR), '-', '') AS trace_id,
            left(replace(CAST(gen_random_uuid() AS VARCHAR), '-', ''), 16) AS span_id,
            CAST(gen_random_uuid() AS VARCHAR) AS request_id
        )
        FROM read_parquet('{segment}')
    """


def _columns() -> str:
    return ", ".join(COLUMN_NAMES)


def _plain_columns() -> str:
    """Return the columns as SQLite holds them, converted by DuckDB, which is faster at it than Python."""
    forms = {
        "UUID": "unhex(replace(CAST({0} AS VARCHAR), '-', ''))",
        "TIMESTAMPTZ": "epoch_us({0})",
        "DECIMAL(18,12)": "CAST({0} * 1000000000000 AS BIGINT)",
    }
    return ", ".join(forms.get(column.type, "{0}").format(column.name) for column in COLUMNS)


MAKERS: dict[str, Callable[[Path, int, Path], None]] = {
    "history": make_history,
    "huge": make_huge,
    "duckdb": make_duckdb,
    "sqlite": make_sqlite,
}


def main(kind: str, directory: str, rows: str, source: str = "") -> None:
    """Make one."""
    Path(directory).mkdir(parents=True, exist_ok=True)
    MAKERS[kind](Path(directory), int(rows), Path(source))
    print(json.dumps({"made": kind}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

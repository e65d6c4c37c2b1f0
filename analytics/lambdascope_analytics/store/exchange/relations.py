"""What an import reads, as DuckDB sees it: an export or another file with our columns, or another history."""

import csv
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lambdascope_analytics.errors import HistoryError
from lambdascope_analytics.store.directories import AMENDMENTS, SEGMENTS, SPOOL
from lambdascope_analytics.store.exchange.formats import Format
from lambdascope_analytics.store.hidden import HIDDEN
from lambdascope_analytics.store.prepare import newer_format
from lambdascope_analytics.store.row import COLUMN_NAMES, COLUMNS
from lambdascope_analytics.store.views import (
    OPEN_FILES,
    SETTLED_FILES,
    empty_segment_statement,
    file_list,
    literal,
    view_statements,
)

if TYPE_CHECKING:
    import duckdb

# Above the longest line that we write, also with its quotes doubled.
_LINE_BYTES: Final = 4 << 20
# Where DuckDB keeps the lines of a CSV file that are no rows.
REJECTS: Final = "rejected_lines"
_LONG_NAMES: Final = {"TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """Rows to import: SQL to select from, and the type of each column there is.

    `sql_again` reads the same rows without noting once more which lines are none.
    """

    sql: str
    columns: Mapping[str, str]
    sql_again: str = ""

    @property
    def unknown(self) -> tuple[str, ...]:
        """The columns the history has not."""
        return tuple(name for name in self.columns if name not in COLUMN_NAMES)


def file_relation(connection: "duckdb.DuckDBPyConnection", path: Path, file_format: Format) -> Relation:
    """Return the rows of a file; of a text format, every value is text.

    Raises:
        OSError, duckdb.Error: it cannot be read.
        HistoryError: it has not the columns that make a row.
    """
    match file_format:
        case "parquet":
            sql = f"read_parquet({file_list([path])}, hive_partitioning = false)"
            relation = Relation(sql=sql, columns=_described(connection, sql))
        case "csv":
            relation = _csv(path)
        case "jsonl":
            relation = _json_lines(connection, path)
    for key in ("call_id", "started_at"):
        if key not in relation.columns:
            raise HistoryError(f"{path} has no column {key}, without which nothing is a call")
    return relation


def history_relation(connection: "duckdb.DuckDBPyConnection", directory: Path, empty: Path) -> Relation:
    """Return the rows of another history, which may be written meanwhile; nothing is changed there.

    `empty` is a directory for files without rows.

    Raises:
        duckdb.Error: some of it cannot be read.
    """
    connection.execute(empty_segment_statement(empty / "none.parquet"))
    (empty / "none.jsonl").touch(mode=0o600)
    (calls, *_) = view_statements(directory, _missing(directory, empty))
    connection.execute(calls)
    return calls_relation()


def calls_relation() -> Relation:
    """Return the rows of a connection's view `calls`."""
    return Relation(sql="calls", columns={column.name: column.type for column in COLUMNS})


def check_history(directory: Path) -> None:
    """Refuse what an import could not read right.

    Raises:
        HistoryError: there is no history, or one that a newer version wrote.
    """
    if (number := newer_format(directory)) is not None:
        raise HistoryError(
            f"{directory} was written by a newer lambdascope (format {number}): export it there and import the export"
        )
    if not any((directory / folder).is_dir() for folder in (SPOOL, SEGMENTS)):
        raise HistoryError(f"there is no history in {directory}")


def _missing(directory: Path, empty: Path) -> dict[str, str]:
    """What an older or a bare history has no file of would be an error: then a file without rows is read."""
    patterns = {
        "settled": (f"{SEGMENTS}/{SETTLED_FILES}", "none.parquet"),
        "open": (f"{SEGMENTS}/{OPEN_FILES}", "none.parquet"),
        "spools": (f"{SPOOL}/*.jsonl", "none.jsonl"),
        "amendments": (f"{AMENDMENTS}/*.jsonl", "none.jsonl"),
        "hidden": (HIDDEN, "none.jsonl"),
    }
    return {
        parameter: file_list([empty / none])
        for parameter, (pattern, none) in patterns.items()
        if not any(directory.glob(pattern))
    }


def _json_lines(connection: "duckdb.DuckDBPyConnection", path: Path) -> Relation:
    options = f"{file_list([path])}, format = 'newline_delimited', ignore_errors = true"
    found = _described(connection, f"read_json({options})")
    unknown = {name: "VARCHAR" for name in found if name not in COLUMN_NAMES and name != "json"}
    columns = dict.fromkeys(COLUMN_NAMES, "VARCHAR")
    return Relation(sql=f"read_json({options}, columns = {_types(columns)})", columns={**columns, **unknown})


def _csv(path: Path) -> Relation:
    # The dialect is the one we write; DuckDB would guess another from odd lines, and needs far more memory for it.
    with path.open(encoding="utf-8", errors="replace", newline="") as lines:
        names = [name.removeprefix("\ufeff") for line in itertools.islice(csv.reader(lines), 1) for name in line]
    if len(set(names)) != len(names) or not all(names):
        raise HistoryError(f"the first line of {path} does not name columns")
    columns = dict.fromkeys(names, "VARCHAR")
    options = (
        f"{file_list([path])}, auto_detect = false, columns = {_types(columns)}, header = true, delim = ',', "
        f"quote = '\"', escape = '\"', allow_quoted_nulls = false, max_line_size = {_LINE_BYTES}"
    )
    noting = f"store_rejects = true, rejects_table = '{REJECTS}', rejects_scan = '{REJECTS}_scan'"
    return Relation(
        sql=f"read_csv({options}, {noting})", columns=columns, sql_again=f"read_csv({options}, ignore_errors = true)"
    )


def _described(connection: "duckdb.DuckDBPyConnection", sql: str) -> dict[str, str]:
    rows: list[tuple[str, ...]] = connection.execute(f"DESCRIBE SELECT * FROM {sql}").fetchall()
    return {name: _LONG_NAMES.get(kind, kind) for name, kind, *_ in rows}


def _types(columns: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in columns.items()) + "}"

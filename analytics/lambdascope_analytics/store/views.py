"""The views of the history: their SQL for one directory, and a fingerprint that changes with it."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from string import Template
from typing import Final

from lambdascope_analytics.statements import statement
from lambdascope_analytics.store.day_files import DayFiles
from lambdascope_analytics.store.directories import AMENDMENTS, KEEP, SEGMENTS, SPOOL
from lambdascope_analytics.store.hidden import HIDDEN
from lambdascope_analytics.store.rollup_files import ROLLED_FILES, ROLLUPS_OF_NOW
from lambdascope_analytics.store.row import COLUMN_NAMES, COLUMNS

# `calls` first: the others read it.
VIEWS: Final = (
    *("calls", "calls_today", "errors", "cold_starts", "cost_by_function_day"),
    *("daily", "daily_sketches", "rolled_days"),
)
SETTLED_FILES: Final = "*/*-settled.parquet"
OPEN_FILES: Final = "*/*-open.parquet"
# What an amendment cannot change: it tells by them which row it completes.
_KEYS: Final = ("call_id", "started_at")
_AMENDABLE: Final = tuple(name for name in COLUMN_NAMES if name not in _KEYS)


def view_statements(directory: Path, files: Mapping[str, str] | None = None) -> list[str]:
    """Return the `CREATE VIEW` statements over the history in `directory`, an absolute path.

    `files` (SQL by parameter of the view) replaces what is read by pattern.
    """
    # DDL takes no parameters, so these few literals are put in here, quoted.
    literals = {
        **completion_literals(directory),
        "base": literal(f"{directory}/"),
        "segments_root": literal(f"{directory}/{SEGMENTS}/"),
        "rollups_root": literal(f"{directory}/{ROLLUPS_OF_NOW}/"),
        "hidden": literal(_glob(directory, HIDDEN)),
        "settled": literal(_glob(directory / SEGMENTS, SETTLED_FILES)),
        "settled_pattern": literal(_glob(directory / SEGMENTS, SETTLED_FILES)),
        "rollups": literal(_glob(directory / ROLLUPS_OF_NOW, ROLLED_FILES)),
        "rollups_pattern": literal(_glob(directory / ROLLUPS_OF_NOW, ROLLED_FILES)),
        "open": literal(_glob(directory / SEGMENTS, OPEN_FILES)),
        "spools": literal(_glob(directory / SPOOL, "*.jsonl")),
        "spool_columns": spool_columns(),
        **(files or {}),
    }
    literals |= {"unsettled_rows": _part("store/unsettled_rows", literals)}
    literals |= {
        "daily_sums": _part("store/daily_rows", literals | {"rollup_rows": _rollup_rows("exact", has_sketches=False)}),
        "daily_rows": _part("store/daily_rows", literals | {"rollup_rows": _rollup_rows("exact")}),
    }
    return [Template(statement(f"views/{name}")).substitute(literals) for name in VIEWS]


def rollup_statement(segments: Iterable[Path], target: Path) -> str:
    """Return the statement that writes the rollup of segments to `target`; one of them must have all columns."""
    rows = f"read_parquet({file_list(segments)}, union_by_name = true, filename = true, hive_partitioning = false)"
    literals = {"rollup_rows": _rollup_rows(rows), "target": literal(str(target))}
    return Template(statement("store/write_rollup")).substitute(literals)


def settled_rows(directory: Path, files: DayFiles) -> str:
    """Return the query for the rows of the settled ones of these files in the history in `directory` (absolute)."""
    keep = directory / SEGMENTS / "date=1970-01-01" / "_keep-settled.parquet"
    literals = {"columns": ", ".join(COLUMN_NAMES), "settled": file_list([keep, *files.settled])}
    return _part("store/settled_rows", literals)


def unsettled_rows(directory: Path, files: DayFiles) -> str:
    """Return the query for the rows of the others, completed."""
    keep = directory / SEGMENTS / "date=1970-01-01" / "_keep-open.parquet"
    literals = {
        **completion_literals(directory),
        "open": file_list([keep, *files.open]),
        "spools": file_list([directory / SPOOL / KEEP, *files.spools]),
        "amendments": file_list([directory / AMENDMENTS / KEEP, *files.amendments]),
        "spool_columns": spool_columns(),
    }
    return f"SELECT {literals['columns']} FROM ({_part('store/unsettled_rows', literals)})"


def completion_literals(directory: Path) -> dict[str, str]:
    """Return what a statement needs that completes rows by the amendments in `directory`, an absolute path."""
    latest = (f"arg_max({name}, amended_at) AS {name}" for name in _AMENDABLE)
    completed = (
        f"base.{name}" if name in _KEYS else f"coalesce(amended.{name}, base.{name}) AS {name}" for name in COLUMN_NAMES
    )
    return {
        "columns": ", ".join(COLUMN_NAMES),
        "completed": ", ".join(completed),
        "latest": ", ".join(latest),
        "amendments": literal(_glob(directory / AMENDMENTS, "*.jsonl")),
        "amendment_columns": _types([("amended_at", "TIMESTAMPTZ"), *_row_types()]),
    }


def spool_columns() -> str:
    """Return the columns of a spool as `read_json` takes them."""
    return _types(_row_types())


def empty_segment_statement(path: Path) -> str:
    """Return the statement that writes a segment with all columns and no row to `path`."""
    columns = ", ".join(f"CAST(NULL AS {column.type}) AS {column.name}" for column in COLUMNS)
    return f"COPY (SELECT {columns} LIMIT 0) TO {literal(str(path))} (FORMAT parquet)"


def views_version(directory: Path) -> str:
    """Return a value that differs when the views over `directory` would."""
    return hashlib.sha256("\n".join(view_statements(directory)).encode()).hexdigest()


def literal(text: str) -> str:
    """Return `text` as a string of SQL."""
    return "'" + text.replace("'", "''") + "'"


def file_list(paths: Iterable[Path]) -> str:
    """Return `paths` as a list of SQL, each meaning that very file and no pattern."""
    return "[" + ", ".join(literal(_escaped(path)) for path in paths) + "]"


def _rollup_rows(rows: str, *, has_sketches: bool = True) -> str:
    return _part("store/rollup_rows", {"rows": rows, "sketches": _sketches() if has_sketches else ""})


def _sketches() -> str:
    clocks = ("total", "duration")
    return "".join(f", {_part('store/sketch', {'clock': f'{clock}_ms'})} AS {clock}_sketch" for clock in clocks)


def _part(name: str, literals: Mapping[str, str]) -> str:
    """Return a query to stand within another, without its comments."""
    lines = (line for line in statement(name).splitlines() if not line.lstrip().startswith("--"))
    return Template("\n".join(lines)).substitute(literals)


def _row_types() -> list[tuple[str, str]]:
    return [(column.name, column.type) for column in COLUMNS]


def _types(columns: list[tuple[str, str]]) -> str:
    return "{" + ", ".join(f"{name}: {literal(kind)}" for name, kind in columns) + "}"


def _glob(directory: Path, pattern: str) -> str:
    return f"{_escaped(directory)}/{pattern}"


def _escaped(path: Path) -> str:
    return re.sub(r"([*?\[])", r"[\1]", str(path))

"""The views of the history: their SQL for one directory, and a fingerprint that changes with it."""

import hashlib
import re
from pathlib import Path
from string import Template
from typing import Final

from lambdascope_analytics.statements import statement
from lambdascope_analytics.store.directories import SEGMENTS, SPOOL
from lambdascope_analytics.store.row import COLUMN_NAMES, COLUMNS

# `calls` first: the others read it.
VIEWS: Final = ("calls", "calls_today", "errors", "cold_starts", "cost_by_function_day")


def view_statements(directory: Path) -> list[str]:
    """Return the `CREATE VIEW` statements over the history in `directory`, an absolute path."""
    # DDL takes no parameters, so these few literals are put in here, quoted.
    literals = {
        "columns": ", ".join(COLUMN_NAMES),
        "segments": _literal(_glob(directory / SEGMENTS, "*/*.parquet")),
        "spools": _literal(_glob(directory / SPOOL, "*.jsonl")),
        "spool_columns": "{" + ", ".join(f"{column.name}: {_literal(column.type)}" for column in COLUMNS) + "}",
    }
    return [Template(statement(f"views/{name}")).substitute(literals) for name in VIEWS]


def empty_segment_statement(path: Path) -> str:
    """Return the statement that writes a segment with all columns and no row to `path`."""
    columns = ", ".join(f"CAST(NULL AS {column.type}) AS {column.name}" for column in COLUMNS)
    return f"COPY (SELECT {columns} LIMIT 0) TO {_literal(str(path))} (FORMAT parquet)"


def views_version(directory: Path) -> str:
    """Return a value that differs when the views over `directory` would."""
    return hashlib.sha256("\n".join(view_statements(directory)).encode()).hexdigest()


def _glob(directory: Path, pattern: str) -> str:
    escaped = re.sub(r"([*?\[])", r"[\1]", str(directory))
    return f"{escaped}/{pattern}"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

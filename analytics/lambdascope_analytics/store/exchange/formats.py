"""The file formats in which rows are exchanged, and how each column is written in them so that nothing is lost."""

from pathlib import Path
from typing import Final, Literal, get_args

from lambdascope_analytics.store.row import COLUMNS

Format = Literal["parquet", "csv", "jsonl"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)

_SUFFIXES: Final[dict[str, Format]] = {".parquet": "parquet", ".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
_TYPES: Final = {column.name: column.type for column in COLUMNS}
_COPY_OPTIONS: Final[dict[Format, str]] = {
    "parquet": "FORMAT parquet, COMPRESSION zstd",
    "csv": "FORMAT csv, HEADER true",
    "jsonl": "FORMAT json",
}


def format_of(path: Path) -> Format:
    """Return the format that a file's name tells.

    Raises:
        ValueError: it tells none.
    """
    try:
        return _SUFFIXES[path.suffix.lower()]
    except KeyError:
        known = ", ".join(_SUFFIXES)
        raise ValueError(f"{path.name!r} does not tell its format: name it with one of {known}, or say it") from None


def copy_options(file_format: Format) -> str:
    """Return the options of COPY that write the format to the very file named."""
    # DuckDB's own detour over a temporary file would lose the mode that the file was made with.
    return f"({_COPY_OPTIONS[file_format]}, USE_TMP_FILE false)"


def written(column: str, file_format: Format) -> str:
    """Return the SQL that gives a column as the format has it, under its name.

    Text formats have times as ISO 8601 in UTC; JSON has decimals as text, because most readers make doubles of numbers,
    and so what JSON has no number for.
    """
    kind = _TYPES[column]
    if file_format != "parquet" and kind == "TIMESTAMPTZ":
        return f"strftime(timezone('UTC', {column}), '%Y-%m-%dT%H:%M:%S.%fZ') AS {column}"
    if file_format == "jsonl" and kind.startswith("DECIMAL"):
        return f"CAST({column} AS VARCHAR) AS {column}"
    if file_format == "jsonl" and kind == "DOUBLE":
        return (
            f"CASE WHEN isfinite({column}) THEN to_json({column}) "
            f"WHEN {column} IS NOT NULL THEN to_json(CAST({column} AS VARCHAR)) END AS {column}"
        )
    return column

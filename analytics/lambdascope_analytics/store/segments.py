"""Segments: the Parquet files of the history, one directory a day, written by DuckDB and never changed.

A settled segment holds rows that are final; an open one rows that may still be completed, which the views look up
among the amendments.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Final

from lambdascope_analytics.statements import statement
from lambdascope_analytics.store.directories import SEGMENTS, WORK, make_private
from lambdascope_analytics.store.hidden import hidden_files
from lambdascope_analytics.store.publish import NewFile
from lambdascope_analytics.store.spool_file import new_writer_name
from lambdascope_analytics.store.views import completion_literals, file_list, literal

if TYPE_CHECKING:
    import duckdb

# Lambda retries an asynchronous call for up to six hours; logs come within minutes after.
SETTLE_AFTER: Final = timedelta(days=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One segment that the views read: its path within the history, its day (UTC), kind and size in bytes."""

    file: str
    day: date
    is_open: bool
    size: int


def segments(directory: Path) -> list[Segment]:
    """Return the segments that the views read, in the order of their days and names."""
    hidden = {entry.file for entry in hidden_files(directory)}
    found = (
        segment for path in directory.glob(f"{SEGMENTS}/date=*/*.parquet") for segment in _segment(directory, path)
    )
    return sorted((segment for segment in found if segment.file not in hidden), key=lambda segment: segment.file)


def scan(directory: Path, files: list[str]) -> str:
    """Return the SQL that reads these segments, columns by name."""
    keep = directory / SEGMENTS / "date=1970-01-01" / "_keep-settled.parquet"
    paths = file_list([keep, *(directory / file for file in files)])
    return f"read_parquet({paths}, union_by_name = true, hive_partitioning = false)"


def write_segments(
    connection: "duckdb.DuckDBPyConnection", directory: Path, source: str, *, now: datetime, condition: str = "true"
) -> tuple[list[NewFile], int]:
    """Write the rows of `source` (SQL, after FROM) that meet `condition`, completed and sorted, as new segments.

    They lie in the work directory, to be published; returned with the number of rows in them.

    Raises:
        duckdb.Error: the source cannot be read, or the files not be written.
    """
    name = new_writer_name()
    target = directory / WORK / name
    make_private(target.parent)
    literals = {
        **completion_literals(directory),
        "source": source,
        "condition": condition,
        "settle_before": f"TIMESTAMPTZ {literal((now - SETTLE_AFTER).isoformat())}",
        "target": literal(str(target)),
        "name": literal("part-{i}"),
    }
    written = connection.execute(Template(statement("store/write_segments")).substitute(literals)).fetchall()
    return [_new_segment(Path(row[0]), name) for row in written], sum(row[1] for row in written)


def _new_segment(path: Path, name: str) -> NewFile:
    path.chmod(0o600)
    part = path.stem.removeprefix("part-")
    kind = "open" if path.parent.name == "is_open=true" else "settled"
    return NewFile(source=path, file=f"{SEGMENTS}/{path.parents[1].name}/{name}-{part}-{kind}.parquet")


def _segment(directory: Path, path: Path) -> Iterator[Segment]:
    if not path.name.endswith(("-settled.parquet", "-open.parquet")) or path.name.startswith("_keep"):
        return
    try:
        day = date.fromisoformat(path.parent.name.removeprefix("date="))
        size = path.stat().st_size
    except (ValueError, FileNotFoundError):
        return
    yield Segment(
        file=str(path.relative_to(directory)), day=day, is_open=path.name.endswith("-open.parquet"), size=size
    )

"""Segments that are none: files in the segments' place that DuckDB cannot read as such are found and set aside."""

import errno
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lambdascope_analytics.store.directories import SEGMENTS
from lambdascope_analytics.store.hidden import hidden_files
from lambdascope_analytics.store.row import COLUMNS
from lambdascope_analytics.store.segments import segments
from lambdascope_analytics.store.set_aside import set_aside
from lambdascope_analytics.store.spools import scan_spools
from lambdascope_analytics.store.views import file_list

if TYPE_CHECKING:
    import duckdb

_log: Final = logging.getLogger(__name__)

_LONG_NAMES: Final = {"TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE"}
_EXPECTED: Final = {column.name: _LONG_NAMES.get(column.type, column.type) for column in COLUMNS}
_OF_THE_SYSTEM: Final = (errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOSPC)
_SCHEMA: Final = "SELECT name, duckdb_type FROM parquet_schema({files})"


def set_aside_foreign(connection: "duckdb.DuckDBPyConnection", directory: Path, *, thoroughly: bool = False) -> int:
    """Set aside what lies among the segments and is none, or none that can be read; return how many files.

    Looks at the files' footers, or with `thoroughly` at every value in them.

    Raises:
        OSError: a file cannot be moved.
    """
    warn_of_closed_folders(directory)
    known = {entry.file for entry in hidden_files(directory)} | {segment.file for segment in segments(directory)}
    strangers = [
        path
        for path in directory.glob(f"{SEGMENTS}/*/*")
        if not path.name.startswith("_keep") and str(path.relative_to(directory)) not in known
    ]
    for path in strangers:
        set_aside(directory, path, "it is no segment of this history")
    return len(strangers) + _set_aside_broken(connection, directory, thoroughly=thoroughly)


def warn_of_closed_folders(directory: Path) -> None:
    """Log which folders of segments may not be looked into; DuckDB passes over them without a word."""
    for folder in directory.glob(f"{SEGMENTS}/*"):
        if folder.is_dir() and not os.access(folder, os.R_OK | os.X_OK):
            _log.warning("%s may not be read: its rows are missing from every answer", folder)


def is_readable(connection: "duckdb.DuckDBPyConnection", path: Path) -> bool:
    """Whether DuckDB can read a segment or a spool to its end; lines that are no rows do not count against it."""
    import duckdb

    if path.suffix == ".parquet":
        return _fault(connection, path, thoroughly=True) is None
    try:
        connection.execute(f"SELECT count(started_at) FROM {scan_spools([path])}").fetchall()
    except duckdb.Error:
        return False
    return True


def _set_aside_broken(connection: "duckdb.DuckDBPyConnection", directory: Path, *, thoroughly: bool) -> int:
    import duckdb

    paths = [directory / segment.file for segment in segments(directory)]
    try:
        if not thoroughly and (not paths or _fits(connection, paths)):
            return 0
    except duckdb.Error:
        pass  # one of them; which one is seen below
    count = 0
    for path in paths:
        if (reason := _fault(connection, path, thoroughly=thoroughly)) and path.exists():
            set_aside(directory, path, reason)
            count += 1
    return count


def _fault(connection: "duckdb.DuckDBPyConnection", path: Path, *, thoroughly: bool) -> str | None:
    import duckdb

    try:
        if not _fits(connection, [path]):
            return "its columns are not those of the history"
        if thoroughly:
            connection.execute(f"SELECT hash(segment) FROM read_parquet({file_list([path])}) AS segment").fetchall()
    except duckdb.OutOfMemoryException:
        raise  # says nothing of the file
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        if any(os.strerror(number) in reason for number in _OF_THE_SYSTEM):
            raise
        return reason
    return None


def _fits(connection: "duckdb.DuckDBPyConnection", paths: list[Path]) -> bool:
    found = _schema(connection, paths)
    keys = sum(name in ("call_id", "started_at") for name, _ in found)
    return keys == 2 * len(paths) and all(_EXPECTED.get(name, kind) == kind for name, kind in found)


def _schema(connection: "duckdb.DuckDBPyConnection", paths: list[Path]) -> list[tuple[str, str | None]]:
    return connection.execute(_SCHEMA.format(files=file_list(paths))).fetchall()

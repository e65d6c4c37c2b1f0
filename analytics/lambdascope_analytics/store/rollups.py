"""Rollups: for each settled segment a small file of what its calls come to by day and function.

They save reading the calls and hold nothing of their own: the view `daily` counts one only while its segment is in
place and not hidden, and reads the calls of every other. So they need no exchange, and may be missing.
"""

import logging
import shutil
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lambdascope_analytics.store.compactor import Compactor
from lambdascope_analytics.store.directories import ROLLUPS, SEGMENTS, WORK, make_private
from lambdascope_analytics.store.durable import move_durably
from lambdascope_analytics.store.rollup_files import ROLLED_FILES, ROLLUPS_OF_NOW, rollup_of, segment_of
from lambdascope_analytics.store.segments import segments
from lambdascope_analytics.store.views import file_list, rollup_statement

if TYPE_CHECKING:
    import duckdb

_log: Final = logging.getLogger(__name__)

# A few thousand calls in a few files are read as fast as their rollups would be.
_WORTH_BYTES: Final = 256 << 10
# Of more than fifty segments without a rollup DuckDB no longer opens only those, but all.
_WORTH_FILES: Final = 32
# The first compaction of a large history that has none; the next goes on.
_LONGEST_S: Final = 300.0
_KEEP: Final = f"{SEGMENTS}/date=1970-01-01/_keep-settled.parquet"


def keep_rollups(compactor: Compactor) -> None:
    """Make the rollups match the segments: remove those of segments that are gone, write those that are missing.

    What cannot be done now is left to the next compaction, and the log says so: it is read call by call till then.
    """
    directory = compactor.directory
    with _forgiven("rollups cannot be looked after"):
        mend_rollups(compactor.connection, directory)
    deadline = time.monotonic() + _LONGEST_S
    for segment in _worth_rolling(directory):
        if time.monotonic() > deadline:
            return
        with _forgiven(f"{directory / segment} has no rollup"):
            _write(compactor.connection, directory, segment)
            compactor.report.rollups += 1


def remove_stale(directory: Path) -> int:
    """Remove the rollups whose segment is not there any more, and those of earlier versions; return how many."""
    removed = 0
    for folder in directory.glob(f"{ROLLUPS}/*"):
        if folder != directory / ROLLUPS_OF_NOW:
            shutil.rmtree(folder, ignore_errors=True)
    for path in directory.glob(f"{ROLLUPS_OF_NOW}/*/*"):
        if not (directory / segment_of(str(path.relative_to(directory)))).exists():
            path.unlink(missing_ok=True)
            removed += 1
            with suppress(OSError):  # not empty, most of the time
                path.parent.rmdir()
    return removed


def mend_rollups(connection: "duckdb.DuckDBPyConnection", directory: Path) -> int:
    """Remove stale rollups, and those that DuckDB cannot read, which are then written anew; return how many it were.

    Raises:
        duckdb.OutOfMemoryException, OSError: they cannot be read now, or not removed.
    """
    stale = remove_stale(directory)
    paths = list(directory.glob(f"{ROLLUPS_OF_NOW}/{ROLLED_FILES}"))
    if not paths or _is_readable(connection, paths):
        return stale
    broken = [path for path in paths if not _is_readable(connection, [path])]
    for path in broken:
        _log.warning("%s cannot be read and is made anew", path)
        path.unlink(missing_ok=True)
        with _forgiven(f"{path} is missing"):
            _write(connection, directory, segment_of(str(path.relative_to(directory))))
    return stale + len(broken)


@contextmanager
def _forgiven(consequence: str) -> Generator[None]:
    """Rollups are a shortcut: no reason for anything to fail."""
    import duckdb

    try:
        yield
    except (OSError, duckdb.Error) as error:
        _log.warning("%s for now: %s", consequence, error)


def _is_readable(connection: "duckdb.DuckDBPyConnection", paths: list[Path]) -> bool:
    import duckdb

    rows = f"read_parquet({file_list(paths)}, hive_partitioning = false)"
    try:
        connection.execute(f"SELECT bit_xor(hash(rollup)) FROM {rows} AS rollup").fetchall()
    except duckdb.OutOfMemoryException:
        raise  # says nothing of the files
    except duckdb.Error:
        return False
    return True


def _worth_rolling(directory: Path) -> Iterator[str]:
    settled = (segment for segment in segments(directory) if not segment.is_open)
    found = [segment for segment in settled if not (directory / rollup_of(segment.file)).exists()]
    if len(found) >= _WORTH_FILES or sum(segment.size for segment in found) >= _WORTH_BYTES:
        yield from (segment.file for segment in found)


def _write(connection: "duckdb.DuckDBPyConnection", directory: Path, segment: str) -> None:
    target = directory / WORK / "rollup.parquet"
    make_private(target.parent)
    connection.execute(rollup_statement([directory / _KEEP, directory / segment], target))
    target.chmod(0o600)
    move_durably(target, directory / rollup_of(segment))

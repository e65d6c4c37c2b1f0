"""Preparing a history directory: the files that make it readable through `history.duckdb`, made once and then kept.

`history.duckdb` holds views only, so nobody who has it open can lose data or stand in a writer's way. duckdb is
imported when first used.
"""

import logging
import os
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lambdascope_analytics.errors import HistoryError
from lambdascope_analytics.store.directories import AMENDMENTS, KEEP, SEGMENTS, SPOOL, make_private
from lambdascope_analytics.store.hidden import HIDDEN
from lambdascope_analytics.store.locks import exclusive
from lambdascope_analytics.store.rollup_files import rollup_of
from lambdascope_analytics.store.views import (
    empty_segment_statement,
    rollup_statement,
    view_statements,
    views_version,
)

if TYPE_CHECKING:
    import duckdb

_log: Final = logging.getLogger(__name__)

DATABASE: Final = "history.duckdb"
# Raised by one when older versions of this package could no longer maintain what newer ones write.
FORMAT: Final = 2
VERSION: Final = "history.version"
_LOCK: Final = "prepare.lock"
# A glob that matches nothing is an error in DuckDB, so each always matches one empty file.
_EMPTY_LINES: Final = (Path(SPOOL) / KEEP, Path(AMENDMENTS) / KEEP, Path(HIDDEN))
_NO_DAY: Final = Path(SEGMENTS) / "date=1970-01-01"
_EMPTY_SEGMENTS: Final = (_NO_DAY / "_keep-settled.parquet", _NO_DAY / "_keep-open.parquet")
_EMPTY_ROLLUP: Final = Path(rollup_of(str(_EMPTY_SEGMENTS[0])))
_NEEDED: Final = (*_EMPTY_LINES, *_EMPTY_SEGMENTS, _EMPTY_ROLLUP)
# Readable by DuckDB 1.5 and 2.0; what 2.0 writes by default is not readable by 1.5.
_STORAGE_VERSION: Final = "v1.5.0"
_LOCK_TIMEOUT_S: Final = 30.0


def is_prepared(directory: Path) -> bool:
    """Whether `directory` holds all the views need, made by this version for where it lies now, or by a newer one."""
    directory = directory.resolve()
    needed = (*_NEEDED, DATABASE)
    number, views = _version(directory)
    if number > FORMAT:
        return True
    try:
        return views == views_version(directory) and all((directory / name).exists() for name in needed)
    except OSError:  # a folder that may not be looked into
        return False


def newer_format(directory: Path) -> int | None:
    """Return the format of a history that a newer version of this package wrote; None if it is one we know."""
    number, _ = _version(directory)
    return number if number > FORMAT else None


def check_owner(directory: Path) -> None:
    """Refuse to change what another user made: the files would become ours, and unreadable to them.

    Raises:
        HistoryError: the history belongs to another user.
    """
    spool = directory / SPOOL
    if spool.exists() and spool.stat().st_uid != os.geteuid():
        raise HistoryError(
            f"the history in {directory} belongs to the user with id {spool.stat().st_uid}, this is {os.geteuid()}: "
            "do this as that user"
        )


def check_format(directory: Path) -> None:
    """Refuse to change what a newer version wrote.

    Raises:
        HistoryError: the history's format is newer than this version knows.
    """
    if (number := newer_format(directory)) is not None:
        raise HistoryError(
            f"the history in {directory} was written by a newer lambdascope (format {number}; this one knows "
            f"{FORMAT}): it can be read, and is left as it is; upgrade to maintain it"
        )


def prepare(directory: Path) -> None:
    """Make `directory` readable through `history.duckdb`; does nothing where that is so already.

    Raises:
        HistoryError: it cannot be written.
    """
    if is_prepared(directory):
        return
    import duckdb

    directory = directory.resolve()
    try:
        check_owner(directory)
        for needed in _NEEDED:
            make_private((directory / needed).parent)
        with exclusive(directory / _LOCK, wait_s=_LOCK_TIMEOUT_S):
            if not is_prepared(directory):
                _build(directory)
    except (OSError, duckdb.Error) as error:
        raise HistoryError(f"the history in {directory} cannot be prepared: {error}") from error


def _version(directory: Path) -> tuple[int, str]:
    """The format's number and the fingerprint of the views; nothing that can be read counts as older than any."""
    try:
        number, _, views = (directory / VERSION).read_text(encoding="utf-8").partition(" ")
        return int(number), views
    except (OSError, ValueError):
        return 0, ""


def _build(directory: Path) -> None:
    import duckdb

    for name in _EMPTY_LINES:
        (directory / name).touch(mode=0o600)
    with duckdb.connect() as connection:
        for name in _EMPTY_SEGMENTS:
            with _aside(directory / name) as partial:
                connection.execute(empty_segment_statement(partial))
        with _aside(directory / _EMPTY_ROLLUP) as partial:
            connection.execute(rollup_statement([directory / _EMPTY_SEGMENTS[0]], partial))
    # Never opened in place, not even to look: closing any other descriptor of it would drop DuckDB's lock.
    with (
        _aside(directory / DATABASE) as partial,
        duckdb.connect(str(partial), config={"storage_compatibility_version": _STORAGE_VERSION}) as connection,
    ):
        run_all(connection, view_statements(directory))
    with _aside(directory / VERSION) as partial:
        partial.write_text(f"{FORMAT} {views_version(directory)}", encoding="utf-8")


def run_all(connection: "duckdb.DuckDBPyConnection", statements: Iterable[str]) -> None:
    """Execute the statements one after the other."""
    for sql in statements:
        connection.execute(sql)


@contextmanager
def _aside(path: Path) -> Generator[Path]:
    partial = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        yield partial
        partial.chmod(0o600)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)

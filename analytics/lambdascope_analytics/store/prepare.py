"""Preparing a history directory: the files that make it readable through `history.duckdb`, made once and then kept.

`history.duckdb` holds views only, so nobody who has it open can lose data or stand in a writer's way. duckdb is
imported when first used; the proxy process has the directory prepared by a child.
"""

import logging
import os
import sys
import threading
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lambdascope_analytics.errors import HistoryError
from lambdascope_analytics.store.directories import AMENDMENTS, KEEP, SEGMENTS, SPOOL, make_private
from lambdascope_analytics.store.hidden import HIDDEN
from lambdascope_analytics.store.locks import exclusive
from lambdascope_analytics.store.views import empty_segment_statement, view_statements, views_version

if TYPE_CHECKING:
    import duckdb

_log: Final = logging.getLogger(__name__)

DATABASE: Final = "history.duckdb"
_VERSION: Final = "history.version"
_LOCK: Final = "prepare.lock"
# A glob that matches nothing is an error in DuckDB, so each always matches one empty file.
_EMPTY_LINES: Final = (Path(SPOOL) / KEEP, Path(AMENDMENTS) / KEEP, Path(HIDDEN))
_NO_DAY: Final = Path(SEGMENTS) / "date=1970-01-01"
_EMPTY_SEGMENTS: Final = (_NO_DAY / "_keep-settled.parquet", _NO_DAY / "_keep-open.parquet")
# Readable by DuckDB 1.5 and 2.0; what 2.0 writes by default is not readable by 1.5.
_STORAGE_VERSION: Final = "v1.5.0"
_LOCK_TIMEOUT_S: Final = 30.0


def is_prepared(directory: Path) -> bool:
    """Whether `directory` holds everything the current views need, made for where it lies now."""
    directory = directory.absolute()
    needed = (*_EMPTY_LINES, *_EMPTY_SEGMENTS, DATABASE)
    try:
        version = (directory / _VERSION).read_text(encoding="utf-8")
    except OSError:
        return False
    return version == views_version(directory) and all((directory / name).exists() for name in needed)


def prepare(directory: Path) -> None:
    """Make `directory` readable through `history.duckdb`; does nothing where that is so already.

    Raises:
        HistoryError: it cannot be written.
    """
    if is_prepared(directory):
        return
    import duckdb

    directory = directory.absolute()
    try:
        for needed in (*_EMPTY_LINES, *_EMPTY_SEGMENTS):
            make_private((directory / needed).parent)
        with exclusive(directory / _LOCK, wait_s=_LOCK_TIMEOUT_S):
            if not is_prepared(directory):
                _build(directory)
    except (OSError, duckdb.Error) as error:
        raise HistoryError(f"the history in {directory} cannot be prepared: {error}") from error


def prepare_in_background(directory: Path) -> None:
    """Have a child process prepare `directory`; returns at once and never raises, failures are logged."""
    try:
        if not is_prepared(directory):
            threading.Thread(target=_prepare_in_child, args=(directory,), name="prepare-history", daemon=True).start()
    except Exception:
        _log.exception("the history in %s is not prepared", directory)


def _prepare_in_child(directory: Path) -> None:
    import subprocess

    # -P: a module that lies in the working directory must not take the place of one of ours.
    command = [sys.executable, "-P", "-m", "lambdascope_analytics.store.prepare", str(directory.absolute())]
    try:
        child = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
        )
    except Exception:
        _log.exception("the history in %s is not prepared", directory)
        return
    if child.returncode:
        _log.warning("the history is not prepared: %s", child.stderr.decode(errors="replace").strip())


def _build(directory: Path) -> None:
    import duckdb

    for name in _EMPTY_LINES:
        (directory / name).touch(mode=0o600)
    for name in _EMPTY_SEGMENTS:
        with duckdb.connect() as connection, _aside(directory / name) as partial:
            connection.execute(empty_segment_statement(partial))
    # Never opened in place, not even to look: closing any other descriptor of it would drop DuckDB's lock.
    with (
        _aside(directory / DATABASE) as partial,
        duckdb.connect(str(partial), config={"storage_compatibility_version": _STORAGE_VERSION}) as connection,
    ):
        run_all(connection, view_statements(directory))
    with _aside(directory / _VERSION) as partial:
        partial.write_text(views_version(directory), encoding="utf-8")


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


def main(arguments: list[str]) -> int:
    """Prepare the directory named on the command line; the exit code says whether it went well."""
    try:
        prepare(Path(arguments[0]))
    except HistoryError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The history as DuckDB sees it: read access through views, for this package's questions and for anybody's own.

duckdb is imported when first used.
"""

import logging
import tempfile
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from copy import copy
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from lambdascope_analytics.errors import HistoryError
from lambdascope_analytics.store.calls_of_period import CallsOfPeriod, from_connection, from_files
from lambdascope_analytics.store.connection import SETTINGS
from lambdascope_analytics.store.frozen import frozen_connection
from lambdascope_analytics.store.integrity import warn_of_closed_folders
from lambdascope_analytics.store.narrowed import Narrowed
from lambdascope_analytics.store.prepare import DATABASE, prepare, run_all
from lambdascope_analytics.store.repair import at_rest, repair
from lambdascope_analytics.store.views import view_statements

if TYPE_CHECKING:
    import duckdb

T = TypeVar("T")

_log: Final = logging.getLogger(__name__)

# One more look nearly always does; while rows come by the ten thousand a second files vanish every few seconds.
_LOOKS: Final = 9


class History:
    """Read access to one history; safe to share between threads.

    `at_rest` is held for a question whose files vanish again and again; while it is, nobody exchanges them.
    `repair` is called when files cannot be read, and returns whether it set some of them aside. `calls_of` says how
    calls of a period are read.
    """

    def __init__(
        self,
        connection: "duckdb.DuckDBPyConnection",
        *,
        at_rest: Callable[[], AbstractContextManager[object]] = nullcontext,
        repair: Callable[[], bool] = lambda: False,
        on_close: Callable[[], object] = lambda: None,
        calls_of: CallsOfPeriod = from_connection,
    ) -> None:
        self._connection = connection
        self._cursor: Callable[[], AbstractContextManager[duckdb.DuckDBPyConnection]] = connection.cursor
        self._calls_of = calls_of
        self._at_rest = at_rest
        self._repair = repair
        self._on_close = on_close

    def query(self, sql: str, params: Mapping[str, object] | None = None) -> list[dict[str, Any]]:
        """Run one statement with named parameters (`$name`); return its rows.

        Raises:
            HistoryError: DuckDB refuses the statement or cannot read the files.
        """
        return self._answer(_rows, sql, params)

    def query_once(self, sql: str) -> list[dict[str, Any]]:
        """Run one statement as `query` does, but never a second time: for one whose effect cannot be taken back.

        Raises:
            HistoryError: DuckDB refuses the statement or cannot read the files.
        """
        import duckdb

        try:
            return self._fetch(_rows, sql, None)
        except duckdb.Error as error:
            raise HistoryError(str(error)) from error

    def frame(self, sql: str = "FROM calls", params: Mapping[str, object] | None = None) -> Any:
        """Run one statement; return its rows as a `pandas.DataFrame`, money as the nearest double.

        Raises:
            HistoryError: DuckDB refuses the statement or cannot read the files.
        """
        return self._answer(_frame, sql, params)

    def arrow(self, sql: str = "FROM calls", params: Mapping[str, object] | None = None) -> Any:
        """Run one statement; return its rows as a `pyarrow.Table`, every type as it is.

        Raises:
            HistoryError: pyarrow is not installed, DuckDB refuses the statement or cannot read the files.
        """
        try:
            return self._answer(_arrow, sql, params)
        except ModuleNotFoundError as error:
            raise HistoryError(f"Arrow needs {error.name}, which lambdascope does not install: add pyarrow") from error

    @contextmanager
    def within(self, after: datetime | None, before: datetime | None) -> "Generator[History]":
        """Give a history whose `calls` are those that began from `after` up to `before` (None is open), as of now.

        It answers faster than the whole one, as far as the period has fewer files. Other views it has as they are.
        """
        narrowed = Narrowed(self._connection, lambda: self._calls_of(after, before))
        history = copy(self)
        history._cursor = narrowed.cursor
        try:
            yield history
        finally:
            narrowed.close()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
        self._on_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _answer(self, fetch: Callable[..., T], sql: str, params: Mapping[str, object] | None) -> T:
        import duckdb

        try:
            return self._persistently(fetch, sql, params)
        except duckdb.Error as error:
            if isinstance(error, _no_files_fault()) or not self._repair():
                raise HistoryError(str(error)) from error
        try:
            return self._persistently(fetch, sql, params)
        except duckdb.Error as error:
            raise HistoryError(str(error)) from error

    def _persistently(self, fetch: Callable[..., T], sql: str, params: Mapping[str, object] | None) -> T:
        import duckdb

        for _ in range(_LOOKS):
            try:
                return self._fetch(fetch, sql, params)
            except duckdb.IOException:
                pass  # a compactor may remove a file between the glob and the open; another look finds its successor
        with self._at_rest():
            return self._fetch(fetch, sql, params)

    def _fetch(self, fetch: Callable[..., T], sql: str, params: Mapping[str, object] | None) -> T:
        # A cursor of its own: threads on one connection can be handed each other's rows.
        with self._cursor() as cursor:
            return fetch(cursor, sql, dict(params or {}))


def _rows(cursor: "duckdb.DuckDBPyConnection", sql: str, params: dict[str, object]) -> list[dict[str, Any]]:
    cursor.execute(sql, params)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


def _frame(cursor: "duckdb.DuckDBPyConnection", sql: str, params: dict[str, object]) -> Any:
    described = cursor.execute(f"DESCRIBE {sql}", params).fetchall()
    zoned = [name for name, kind, *_ in described if kind == "TIMESTAMP WITH TIME ZONE"]
    if not zoned:
        return cursor.execute(sql, params).df()
    # duckdb gives zones to columns in a way that pandas warns about, so it is left to pandas.
    quoted = ['"' + name.replace('"', '""') + '"' for name in zoned]
    plain = ", ".join(f"timezone('UTC', {name}) AS {name}" for name in quoted)
    statement = sql.rstrip("; \n")
    frame: Any = cursor.execute(f"SELECT * REPLACE ({plain}) FROM (\n{statement}\n)", params).df()  # noqa: S608 -- whoever calls gives the statement anyway
    return frame.assign(**{name: frame[name].dt.tz_localize("UTC") for name in zoned})


def _arrow(cursor: "duckdb.DuckDBPyConnection", sql: str, params: dict[str, object]) -> Any:
    return cursor.sql(sql, params=params).to_arrow_table()


def _no_files_fault() -> tuple[type[Exception], ...]:
    """The errors for which a statement or the machine is to blame."""
    import duckdb

    statement = (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException, duckdb.PermissionException)
    values = (duckdb.DataError, duckdb.ConversionException, duckdb.OutOfRangeException)
    return (*statement, *values, duckdb.OutOfMemoryException, duckdb.InterruptException)


def open_history(directory: Path) -> History:
    """Open the history in `directory` for reading, and prepare it first where needed.

    A history that cannot be written is read as it is, without what cannot be read; the log says so.

    Raises:
        HistoryError: there is no such directory and it cannot be made, or something else is in its place.
    """
    import duckdb

    directory = directory.resolve()
    try:
        prepare(directory)
    except HistoryError as error:
        if not directory.is_dir():
            raise
        _log.warning("%s; what can be read there is read", error)
        return _open_frozen(directory)
    warn_of_closed_folders(directory)
    try:
        connection = duckdb.connect(str(directory / DATABASE), read_only=True)
    except duckdb.Error as error:
        # Somebody has the file open for writing, as the duckdb shell does by default. The views need no file.
        _log.info("%s cannot be opened, its views are made in memory: %s", directory / DATABASE, error)
        connection = duckdb.connect()
        run_all(connection, view_statements(directory))
    run_all(connection, SETTINGS)
    return History(
        connection,
        at_rest=lambda: at_rest(directory),
        repair=lambda: repair(directory),
        calls_of=from_files(directory),
    )


def _open_frozen(directory: Path) -> History:
    empty = tempfile.TemporaryDirectory(prefix="lambdascope-")
    warn_of_closed_folders(directory)
    connection = frozen_connection(directory, Path(empty.name))
    run_all(connection, SETTINGS)
    return History(connection, on_close=empty.cleanup)

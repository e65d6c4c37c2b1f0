"""A cursor in whose sight `calls` are those of a period, read from as few files as can hold them."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


class Narrowed:
    """Gives the cursor to one thread at a time; where a statement fails it is made anew, for files may have gone.

    So statements that follow one another read the same files. `calls` returns the statement that makes its view.
    """

    def __init__(self, connection: "duckdb.DuckDBPyConnection", calls: Callable[[], str]) -> None:
        self._connection = connection
        self._calls = calls
        self._lock = threading.Lock()
        self._cursor: duckdb.DuckDBPyConnection | None = None

    @contextmanager
    def cursor(self) -> "Generator[duckdb.DuckDBPyConnection]":
        """Give out the cursor."""
        with self._lock:
            try:
                yield self._opened()
            except BaseException:
                self.close()
                raise

    def close(self) -> None:
        """Close the cursor, if there is one."""
        if self._cursor is not None:
            self._cursor.close()
            self._cursor = None

    def _opened(self) -> "duckdb.DuckDBPyConnection":
        if self._cursor is None:
            self._cursor = self._connection.cursor()
            self._cursor.execute(self._calls())
        return self._cursor

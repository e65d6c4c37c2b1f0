"""The DuckDB side of an ad hoc query: a parser without data, and a database that knows the history's views alone.

Both are locked before they see a word of the query: no file but those of the history, no extension, no setting.
"""

import json
import os
import re
from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import duckdb

from lambdascope_analytics.adhoc.files import ROOT, HistoryFiles
from lambdascope_analytics.adhoc.limits import Column
from lambdascope_analytics.adhoc.statement import READABLE
from lambdascope_analytics.errors import QueryError
from lambdascope_analytics.store.views import VIEWS, view_statements

_SETTINGS: Final = (
    "enable_progress_bar = false",
    "python_enable_replacements = false",
    "TimeZone = 'UTC'",
    "temp_directory = ''",
    "autoinstall_known_extensions = false",
    "autoload_known_extensions = false",
    "allow_community_extensions = false",
    "enable_external_file_cache = false",  # one query reads little twice; DuckDB 1.5 lets it outgrow the memory limit
    "parquet_metadata_cache = true",  # each footer is wanted twice: for the view and for the query on it
)
_LOCK: Final = ("enable_external_access = false", "lock_configuration = true")
_MOST_THREADS: Final = 4
_BATCH_ROWS: Final = 16
_MESSAGE_CHARS: Final = 1000
# Stands where the directory would; the views name files, and here files are named by protocol.
_PLACEHOLDER: Final = Path("/the-history")


class Parser:
    """DuckDB's parser, in a database that holds nothing."""

    def __init__(self) -> None:
        self._connection = _connect()
        _set(self._connection, (*_SETTINGS, *_LOCK))

    def parse(self, sql: str) -> dict[str, Any]:
        """Return the tree of a text, or what is wrong with it under `error_message`.

        Raises:
            QueryError: DuckDB cannot even say that.
        """
        with _explained():
            ((text,),) = self._connection.execute("SELECT json_serialize_sql($1)", [sql]).fetchall()
        return json.loads(text)

    def taken_names(self) -> frozenset[str]:
        """Return the names of DuckDB's own tables and views, in lower case."""
        rows = self._connection.execute(
            "SELECT lower(view_name) FROM duckdb_views() UNION SELECT lower(table_name) FROM information_schema.tables"
        ).fetchall()
        return frozenset(name for (name,) in rows)


class Room:
    """A database for one statement: made before the fences go up, furnished and locked behind them."""

    def __init__(self, memory_mb: int) -> None:
        # Not later: DuckDB looks at the machine's files when it connects.
        self._connection = _connect(memory_limit=f"{memory_mb}MB")
        _set(self._connection, _SETTINGS)

    def register(self, files: HistoryFiles) -> None:
        """Make `files` what there is to read, and nothing else from now on."""
        self._connection.register_filesystem(files)
        _set(self._connection, (f"threads = {min(_MOST_THREADS, os.cpu_count() or 1)}",))
        _set(self._connection, (f"allowed_directories = ['{ROOT}']", *_LOCK))

    def furnish(self, views: Collection[str]) -> None:
        """Make `calls` and the views named; each looks at every file.

        Raises:
            QueryError: the files cannot be read.
        """
        with _explained():
            for statement in _view_statements(views):
                self._connection.execute(statement)

    def execute(self, sql: str) -> tuple[list[Column], Iterator[Sequence[Any]]]:
        """Run the statement; the rows come as they are asked for.

        Raises:
            QueryError: here, or while rows are taken.
        """
        with _explained():
            result = self._connection.execute(sql)
        columns = [Column(name=str(column[0]), type=str(column[1])) for column in result.description or ()]
        return columns, _rows(result)


def warm_up() -> None:
    """Have duckdb import what it needs to take and hand out values: later no file can be read."""
    times = "now(), TIMESTAMP '2026-01-01', DATE '2026-01-01', TIME '01:02:03', INTERVAL 1 DAY"
    others = "uuid(), 1.5::DECIMAL(9, 2), 1::HUGEINT, 'x'::BLOB, [1], {'a': 1}, MAP {'a': 1}"
    with _connect() as connection:
        connection.execute(f"SELECT $1, {times}, {others}", ["x"]).fetchall()


def _connect(**config: str) -> duckdb.DuckDBPyConnection:
    """A database without a thread of its own: the kernel confines only threads that start behind the fences."""
    threads = {"threads": 1, "async_threads": 0} if duckdb.__version__[:2] != "1." else {"threads": 1}
    return duckdb.connect(config={**threads, **config})


def _set(connection: duckdb.DuckDBPyConnection, settings: Sequence[str]) -> None:
    for setting in settings:
        connection.execute(f"SET {setting}")


def _view_statements(views: Collection[str]) -> Iterator[str]:
    for name, statement in zip(VIEWS, view_statements(_PLACEHOLDER), strict=True):
        if name in views or (views and name == "calls"):
            yield statement.replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1).replace(f"{_PLACEHOLDER}/", ROOT)


def _rows(result: duckdb.DuckDBPyConnection) -> Iterator[Sequence[Any]]:
    while batch := _fetch(result):
        yield from batch


def _fetch(result: duckdb.DuckDBPyConnection) -> list[Any]:
    with _explained():
        # Few at a time: a single row can be large.
        return result.fetchmany(_BATCH_ROWS)


@contextmanager
def _explained() -> Generator[None]:
    try:
        yield
    except duckdb.Error as error:
        raise _explanation(error) from error
    except MemoryError as error:
        raise out_of_memory() from error
    except (ValueError, OverflowError) as error:
        # Such as a year before 1, which Python has no value for.
        raise QueryError("invalid", f"A value cannot be shown: {error}", "Cast it to VARCHAR.") from error


def out_of_memory() -> QueryError:
    """Return what to say when a query needs more memory than it may have."""
    hint = "Narrow started_at, name only the columns you need, aggregate before sorting, or ask for fewer groups."
    return QueryError("limit", "The query needs more memory than it may have.", hint)


def _explanation(error: duckdb.Error) -> QueryError:
    message = str(error)[:_MESSAGE_CHARS]
    if isinstance(error, duckdb.OutOfMemoryException):
        return out_of_memory()
    if isinstance(error, duckdb.PermissionException):
        return QueryError("refused", message, READABLE)
    if type(error) is duckdb.Error:
        # Raised by our own file system; around its words stands a traceback.
        found = re.search(r"^\w*Error: (.*)$", str(error), re.MULTILINE)
        return QueryError("failed", found[1] if found else "A file of the history cannot be read.", "Try again.")
    if isinstance(error, duckdb.IOException | duckdb.InternalException | duckdb.FatalException):
        return QueryError("failed", message, "Try again.")
    return QueryError("invalid", message, READABLE if isinstance(error, duckdb.CatalogException) else "")

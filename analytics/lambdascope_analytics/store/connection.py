"""The DuckDB connection of a process that maintains the store: bounded in memory, and on its own."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from lambdascope_analytics.store.directories import WORK, make_private

if TYPE_CHECKING:
    import duckdb

SETTINGS: Final = (
    "SET enable_progress_bar = false",  # it would go to stdout, which may belong to MCP
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET GLOBAL TimeZone = 'UTC'",  # days are days in UTC, for every cursor
)


def connect(directory: Path, *, memory_limit: str = "1GB") -> "duckdb.DuckDBPyConnection":
    """Return a connection without a database that may spill into the history's work directory."""
    import duckdb

    make_private(directory / WORK)
    connection = duckdb.connect(
        config={"threads": 2, "memory_limit": memory_limit, "temp_directory": str(directory / WORK / "spill")}
    )
    for setting in SETTINGS:
        connection.execute(setting)
    return connection

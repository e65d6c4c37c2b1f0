"""The history's files behind a file system of the test's, which is told of every look DuckDB takes at them."""

import glob
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import duckdb
import fsspec

from lambdascope_analytics.store.views import VIEWS, view_statements

ROOT = "watched://"


class WatchedFiles(fsspec.AbstractFileSystem):
    """Lists and opens real files; calls `before` first, with what is going to be looked at."""

    protocol = "watched"
    cachable = False

    def __init__(self, before: Callable[[str], None]) -> None:
        super().__init__()
        self._before = before
        self._opened: list[IO[bytes]] = []
        self.vanished = False

    def glob(self, path: str, **_: Any) -> list[str]:
        self._before(f"glob {path}")
        found = glob.glob(path.removeprefix(ROOT))  # noqa: PTH207 -- an absolute pattern
        return [ROOT + name for name in sorted(found)]

    def open(self, path: str, mode: str = "rb", **_: Any) -> Any:
        self._before(f"open {path}")
        try:
            self._opened.append(Path(path.removeprefix(ROOT)).open("rb"))  # noqa: SIM115 -- DuckDB closes it
        except FileNotFoundError:
            self.vanished = True
            raise
        return self._opened[-1]

    def close(self) -> None:
        """Close what DuckDB left open."""
        for file in self._opened:
            file.close()

    def exists(self, path: str, **_: Any) -> bool:
        return Path(path.removeprefix(ROOT)).exists()

    isfile = exists

    def isdir(self, path: str) -> bool:
        return False

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        return {"name": path, "type": "file", "size": Path(path.removeprefix(ROOT)).stat().st_size}

    def modified(self, path: str) -> datetime:
        return datetime.fromtimestamp(Path(path.removeprefix(ROOT)).stat().st_mtime, UTC)


def watched_numbers(directory: Path, before: Callable[[str], None]) -> list[int] | None:
    """Read the numbers of all rows through the view `calls`, watched; None if a file had vanished."""
    found = watched_rows(directory, before, "calls", "SELECT pid FROM calls ORDER BY pid")
    return None if found is None else [number for (number,) in found]


def watched_rows(directory: Path, before: Callable[[str], None], view: str, sql: str) -> list[tuple[Any, ...]] | None:
    """Ask one of the views, watched; None if a file had vanished."""
    made = view_statements(directory)[VIEWS.index(view)]
    looks: list[Callable[[str], None]] = []
    files = WatchedFiles(lambda what: [look(what) for look in looks])
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register_filesystem(files)
        connection.execute(made.replace(f"'{directory}/", f"'{ROOT}{directory}/"))
        looks.append(before)
        try:
            return connection.execute(sql).fetchall()
        except duckdb.Error:
            if not files.vanished:
                raise
            return None
        finally:
            connection.unregister_filesystem("watched")
            files.close()

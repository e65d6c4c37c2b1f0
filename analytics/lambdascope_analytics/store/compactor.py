"""What every job of a compaction works with: the directory, a connection, and how files are exchanged."""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lambdascope_analytics.errors import UnlikeRowsError
from lambdascope_analytics.store.publish import NewFile, publish
from lambdascope_analytics.store.segments import write_segments
from lambdascope_analytics.store.views import view_statements

if TYPE_CHECKING:
    import duckdb

_LEAST_BIND_S: Final = 0.25
_BIND_FACTOR: Final = 10


@dataclass(slots=True, kw_only=True)
class Report:
    """What a compaction did: rows written from spools, and counts of files and days."""

    rows: int = 0
    spools: int = 0
    merged: int = 0
    amended: int = 0
    forgotten: int = 0
    forgotten_elsewhere: int = 0
    set_aside: int = 0
    days_removed: int = 0
    rollups: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Compactor:
    """The holder of the compaction lock of one history (an absolute path)."""

    directory: Path
    connection: "duckdb.DuckDBPyConnection"
    uploads: bool
    report: Report = field(default_factory=Report)
    unmergeable: set[str] = field(default_factory=set[str])

    def write(self, source: str, *, condition: str = "true") -> tuple[list[NewFile], int]:
        """Write the rows of `source` as segments to be published; return them and their number of rows."""
        return write_segments(self.connection, self.directory, source, now=datetime.now(UTC), condition=condition)

    def check_whole(self, source: str, rows: int) -> None:
        """Compare what was written with what `source` holds.

        Raises:
            UnlikeRowsError: they differ; nothing may take the place of anything.
        """
        ((expected,),) = self.connection.execute(f"SELECT count(*) FROM {source}").fetchall()
        if rows != expected:
            raise UnlikeRowsError(f"{rows} rows were written where {expected} were read; nothing is exchanged")

    def publish(self, new: Sequence[NewFile], superseded: Collection[str], *, is_first: bool = False) -> None:
        """Exchange files; those that hold rows for the first time also go to S3, if anything does."""
        files = [replace(file, is_uploaded=True) for file in new] if is_first and self.uploads else new
        publish(self.directory, files, superseded, bind_s=self._bind_s() if new else 0.0)

    def name_of(self, path: Path) -> str:
        """Return a path as the history's lists carry it."""
        return str(path.relative_to(self.directory))

    def _bind_s(self) -> float:
        # How long a query needs to look for its files grows with their number: measured, with a wide margin.
        (calls, *_) = view_statements(self.directory)
        began = time.perf_counter()
        self.connection.execute("EXPLAIN " + calls[calls.index("SELECT") :])
        return max(_LEAST_BIND_S, _BIND_FACTOR * (time.perf_counter() - began))

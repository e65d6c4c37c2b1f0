"""What one ad hoc query may use, and what it answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

MAX_SQL_BYTES: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds of one query: the process is killed at the time, DuckDB stops at the memory, the answer is cut."""

    timeout_s: float = 30.0
    memory_mb: int = 1024
    max_rows: int = 1000
    max_bytes: int = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of an answer: its name and DuckDB type."""

    name: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryAnswer:
    """The rows of an answer as values JSON can hold exactly.

    `truncated_by` says which limit cut the rows off ("rows" or "bytes"), None if they are all there; `cut_cells`
    counts the values too long to be shown whole. `elapsed_ms` is the time in the query's process with its start,
    `waited_ms` the time before, for others to end.
    """

    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Any]]
    truncated_by: str | None
    cut_cells: int
    elapsed_ms: float
    waited_ms: float

"""A history that remembers what it was asked, so that another engine can be asked the same."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lambdascope_analytics.history import History


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One statement with its parameters, and the rows DuckDB answered."""

    sql: str
    params: Mapping[str, object]
    rows: list[dict[str, Any]]


@dataclass(slots=True)
class RecordedHistory:
    """Stands before a history and lets an analysis ask it."""

    history: History
    asked: list[Asked] = field(default_factory=list[Asked])

    def query(self, sql: str, params: Mapping[str, object] | None = None) -> list[dict[str, Any]]:
        """As the history answers."""
        rows = self.history.query(sql, params)
        self.asked.append(Asked(sql=sql, params=dict(params or {}), rows=rows))
        return rows

    @contextmanager
    def within(self, after: datetime | None, before: datetime | None) -> "Generator[RecordedHistory]":
        """As the history does; the other engine is asked about all calls."""
        with self.history.within(after, before) as narrowed:
            yield RecordedHistory(narrowed, self.asked)

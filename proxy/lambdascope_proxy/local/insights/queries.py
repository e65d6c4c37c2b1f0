"""Queries that were started: their answers, and the states a caller sees before an answer is complete.

A query is evaluated when it starts. Its answer is then told as CloudWatch tells it: first states without rows or with
some of them, one at each time it is asked for, then all rows, in pages. How many states come is a choice of ours.
"""

import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from lambdascope_proxy.local.errors import AwsError
from lambdascope_proxy.local.insights.evaluation import Result

MAX_RUNNING = 100
MAX_KEPT = 1000
MAX_KEPT_ROWS = 300_000
_ABANDONED_S = 60  # after which a query nobody asked about has long completed


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What a query read."""

    records: int
    size_bytes: int
    groups: Sequence[str]


@dataclass(slots=True, kw_only=True)
class Query:
    """One query: its text and answer, and the states yet to be told."""

    text: str
    result: Result
    scan: Scan
    coming: list[str]
    started_s: float
    status: str = "Scheduled"
    query_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def is_running(self) -> bool:
        """Whether more is to come."""
        return self.status in {"Scheduled", "Running"}

    @property
    def row_count(self) -> int:
        """How many rows the caller may see in this state: half of them while the query runs."""
        total = len(self.result.rows)
        return {"Scheduled": 0, "Running": total // 2, "Cancelled": 0}.get(self.status, total)


class Queries:
    """The queries of an account, within bounds: the oldest answers go first."""

    def __init__(
        self, states: Sequence[str] = ("Scheduled", "Running"), clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._states = states
        self._clock = clock
        self._queries: dict[str, Query] = {}
        self._lock = threading.Lock()

    def admit(self) -> None:
        """Let one more query start. Raises: AwsError, if too many are running."""
        with self._lock:
            recent_s = self._clock() - _ABANDONED_S
            running = [query for query in self._queries.values() if query.is_running and query.started_s > recent_s]
        if len(running) >= MAX_RUNNING:
            message = f"Account maximum query concurrency limit of [{MAX_RUNNING}] reached."
            raise AwsError("LimitExceededException", message)

    def add(self, text: str, result: Result, scan: Scan) -> Query:
        """Keep a query that has started."""
        query = Query(text=text, result=result, scan=scan, coming=list(self._states), started_s=self._clock())
        with self._lock:
            self._queries[query.query_id] = query
            rows = sum(len(each.result.rows) for each in self._queries.values())
            while len(self._queries) > MAX_KEPT or (rows > MAX_KEPT_ROWS and len(self._queries) > 1):
                oldest = self._queries.pop(next(iter(self._queries)))
                rows -= len(oldest.result.rows)
        return query

    def poll(self, query_id: str) -> Query:
        """The query in its next state. Raises: AwsError, if there is none."""
        with self._lock:
            query = self._find(query_id)
            if query.is_running:
                query.status = query.coming.pop(0) if query.coming else "Complete"
            return query

    def stop(self, query_id: str) -> None:
        """Cancel a query. Raises: AwsError, if there is none or it has ended."""
        with self._lock:
            query = self._find(query_id)
            if not query.is_running:
                message = f"Query with query id {query_id} is not running: it is {query.status}."
                raise AwsError("InvalidParameterException", message)
            query.status = "Cancelled"

    def _find(self, query_id: str) -> Query:
        query = self._queries.get(query_id)
        if query is None:
            raise AwsError("ResourceNotFoundException", f"Query with id {query_id} does not exist.")
        return query

"""Asks Logs Insights: starts a query, follows it to its end or ours, and tells how whole the answer is and its cost."""

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import anyio

from lambdascope_proxy.aws.places import Place, Places
from lambdascope_proxy.call import OutcomeKind, Progress
from lambdascope_proxy.cloudwatch.bill import Bill
from lambdascope_proxy.cloudwatch.log_groups import in_gb
from lambdascope_proxy.cloudwatch.sending import Sender, Sleep
from lambdascope_proxy.cloudwatch.started_query import StartedQuery
from lambdascope_proxy.cloudwatch.window import Window
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.threads import Threads

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
MOST_GROUPS: Final = 50
MOST_ROWS: Final = 100_000
LONGEST_TEXT: Final = 10_000
# AWS runs 100 at once for a whole account, its dashboards and schedules included.
AT_ONCE: Final = 7
TIMEOUT_S: Final = 60.0
_FIRST_PAUSE_S: Final = 0.2
_LONGEST_PAUSE_S: Final = 5.0
_BYTES_PER_GB: Final = 10**9
# Unknown is not among them: AWS may still find out.
_ENDED: Final = {"Complete", "Failed", "Cancelled", "Timeout"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LogQuery:
    """A query over log groups of one place, and how many rows are wanted; above 10,000 they come in pages.

    AWS takes whole seconds, turns them into milliseconds and includes both ends (github.com/aws/aws-sdk/issues/280).
    The window is widened to whole seconds, so that no event in it is missed; of windows that meet at a whole second
    only an event in the very millisecond where they meet is in both.
    """

    groups: tuple[str, ...]
    text: str
    window: Window
    limit: int = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LogAnswer:
    """Rows as Insights gives them: texts by field, absent fields missing, `@ptr` only if the query names it.

    Without `is_complete` the rows are what was found until `status`, and `shortfall` says in words who ended the query:
    AWS (Timeout, Cancelled), else we, when our patience or what may be scanned was used up. `more` says that there are
    rows beyond the limit. `scanned_bytes` are billed, whole answer or not.
    """

    rows: list[dict[str, str]]
    matched: int
    scanned_records: int
    scanned_bytes: int
    status: str
    is_complete: bool
    shortfall: str = ""
    more: bool
    query_id: str
    bill: Bill


class Insights:
    """Runs queries, at most `AT_ONCE` of them in each place; one that takes or scans too much is stopped.

    Stored bytes, which the estimate before a query goes by, are told hours late: `max_scan_gb` (of 10^9 bytes) holds
    against what AWS says it has scanned.
    """

    def __init__(
        self,
        places: Places,
        threads: Threads,
        *,
        timeout_s: float = TIMEOUT_S,
        max_scan_gb: float = math.inf,
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = anyio.sleep,
    ) -> None:
        self._places = places
        self._threads = threads
        self._timeout_s = timeout_s
        self._max_scan_gb = max_scan_gb
        self._clock = clock
        self._sleep = sleep
        self._slots: dict[Place, anyio.Semaphore] = {}

    async def run(self, place: Place, query: LogQuery, progress: Progress | None = None) -> LogAnswer:
        """The answer, partial if the query does not end in time or scans more than it may.

        It is stopped then, and when the caller is cancelled.

        Raises: CallFailed for a query that cannot be asked, that AWS refuses (a malformed one with the place), or that
        fails there.
        """
        _check(query)
        progress = progress or Progress()
        progress.message = "waiting for other Logs Insights queries to end"
        async with self._slots.setdefault(place, anyio.Semaphore(AT_ONCE)):
            sender = Sender(self._places, self._threads, place, sleep=self._sleep)
            return await self._ask(StartedQuery(sender, _as_asked(query)), place, query, progress)

    async def _ask(self, started: StartedQuery, place: Place, query: LogQuery, progress: Progress) -> LogAnswer:
        has_ended = False
        try:
            progress.message = "starting a Logs Insights query"
            await started.start()
            page, shortfall = await self._follow(started, place, progress)
            has_ended = page["status"] in _ENDED
            if page["status"] == "Failed":
                raise _failed(page, started.query_id)
            rows, more = await _read_rows(started, page, query)
        except CallFailed as failed:
            failed.bill = progress.bills.get(started.query_id)
            raise
        finally:
            if not has_ended:
                await started.stop()
        return _answer(place, page, started.query_id, rows, shortfall=shortfall, more=more)

    async def _follow(self, started: StartedQuery, place: Place, progress: Progress) -> tuple[Mapping[str, Any], str]:
        """The results when it has ended, or as far as they are when it must; and in words what they lack."""
        deadline = self._clock() + self._timeout_s
        pause_s = _FIRST_PAUSE_S
        while True:
            await self._sleep(min(pause_s, max(0.0, deadline - self._clock())))
            page = await started.results()
            progress.message = _told(page)
            progress.bills[started.query_id] = _bill(place, page)
            shortfall = self._shortfall(page, is_late=self._clock() >= deadline)
            if shortfall or page["status"] in _ENDED:
                return page, shortfall
            pause_s = min(_LONGEST_PAUSE_S, pause_s * 1.5)

    def _shortfall(self, page: Mapping[str, Any], *, is_late: bool) -> str:
        """Why the query ends before it is complete, if it does."""
        status, scanned_gb = page["status"], _statistic(page, "bytesScanned") / _BYTES_PER_GB
        if status in _ENDED:
            return "" if status == "Complete" else f"AWS ended it early ({status})"
        if scanned_gb > self._max_scan_gb:
            return f"it was stopped after {in_gb(scanned_gb)}, more than the {in_gb(self._max_scan_gb)} allowed"
        return f"it did not end in time ({self._timeout_s:g} s)" if is_late else ""


def _check(query: LogQuery) -> None:
    for is_wrong, message, hint in (
        (not query.groups, "No log group was named.", "Name a function."),
        (
            len(query.groups) > MOST_GROUPS,
            f"{len(query.groups)} log groups are more than the {MOST_GROUPS} that one query takes.",
            "Ask for fewer functions at a time.",
        ),
        (not query.text.strip(), "The query is empty.", "Write one, or use a preset."),
        (
            len(query.text) > LONGEST_TEXT,
            f"The query has {len(query.text):,} characters; Logs Insights takes {LONGEST_TEXT:,}.",
            "Shorten it.",
        ),
        (
            not 1 <= query.limit <= MOST_ROWS,
            f"limit is {query.limit}; Logs Insights gives 1 to {MOST_ROWS:,} rows.",
            "Correct the limit, or aggregate with stats.",
        ),
    ):
        if is_wrong:
            raise CallFailed(OutcomeKind.INVALID_ARGUMENTS, "InvalidLogQuery", message, hint)


def _as_asked(query: LogQuery) -> dict[str, Any]:
    return {
        "logGroupNames": list(query.groups),
        "startTime": math.floor(query.window.start.timestamp()),
        "endTime": math.ceil(query.window.end.timestamp()),
        "queryString": query.text,
        # One row beyond what is wanted tells whether there are more.
        "limit": min(query.limit + 1, MOST_ROWS),
    }


async def _read_rows(
    started: StartedQuery, page: Mapping[str, Any], query: LogQuery
) -> tuple[list[dict[str, str]], bool]:
    """The rows wanted, from as many pages as that takes, and whether there are more."""
    keeps_ptr = "@ptr" in query.text
    is_complete, is_cut = page["status"] == "Complete", _statistic(page, "recordsMatched") > MOST_ROWS
    rows = _rows(page, keeps_ptr=keeps_ptr)
    while is_complete and len(rows) < query.limit and (token := page.get("nextToken")):
        page = await started.results(nextToken=token)
        further = _rows(page, keeps_ptr=keeps_ptr)
        if not further and page.get("nextToken") == token:
            break
        rows += further
    more = len(rows) > query.limit or bool(page.get("nextToken")) or (len(rows) == MOST_ROWS and is_cut)
    return rows[: query.limit], more


def _rows(page: Mapping[str, Any], *, keeps_ptr: bool) -> list[dict[str, str]]:
    return [dict(_cells(row, keeps_ptr=keeps_ptr)) for row in page.get("results", ())]


def _cells(row: Iterable[Mapping[str, str]], *, keeps_ptr: bool) -> Iterable[tuple[str, str]]:
    for cell in row:
        name, value = cell.get("field"), cell.get("value")
        if name is not None and value is not None and (keeps_ptr or name != "@ptr"):
            yield name, value


def _answer(
    place: Place, page: Mapping[str, Any], query_id: str, rows: list[dict[str, str]], *, shortfall: str, more: bool
) -> LogAnswer:
    return LogAnswer(
        rows=rows,
        matched=_statistic(page, "recordsMatched"),
        scanned_records=_statistic(page, "recordsScanned"),
        scanned_bytes=_statistic(page, "bytesScanned"),
        status=page["status"],
        is_complete=page["status"] == "Complete",
        shortfall=shortfall,
        more=more,
        query_id=query_id,
        bill=_bill(place, page),
    )


def _bill(place: Place, page: Mapping[str, Any]) -> Bill:
    return Bill(region=place.region, queries=1, scanned_bytes=_statistic(page, "bytesScanned"))


def _failed(page: Mapping[str, Any], query_id: str) -> CallFailed:
    scanned = _statistic(page, "bytesScanned")
    return CallFailed(
        OutcomeKind.AWS_ERROR,
        "LogQueryFailed",
        f"Logs Insights query {query_id} failed at AWS after {scanned:,} bytes were scanned; AWS gives no reason.",
        "Ask again, for a shorter time_range.",
    )


def _told(page: Mapping[str, Any]) -> str:
    records, scanned = _statistic(page, "recordsScanned"), _statistic(page, "bytesScanned")
    return f"Logs Insights query {page['status'].lower()}: {records:,} records, {scanned:,} bytes scanned"


def _statistic(page: Mapping[str, Any], name: str) -> int:
    statistics: Mapping[str, float] = page.get("statistics") or {}
    return round(statistics.get(name, 0))

"""The tool that tells everything known of one execution, from the history and from its log."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from lambdascope_analytics.asking.questions import Questions
from lambdascope_analytics.errors import HistoryError
from lambdascope_analytics.pricing import load_rates
from lambdascope_proxy.call import Aim, Call, Outcome, OutcomeKind
from lambdascope_proxy.catalogs import Catalogs
from lambdascope_proxy.cloudwatch.log_events import LogEvents
from lambdascope_proxy.cloudwatch.log_scope import group_of
from lambdascope_proxy.cloudwatch.window import TIME_RANGE_SCHEMA, Window, read_window
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.function_name import REGION_ARGUMENT, guessed_name
from lambdascope_proxy.monitoring.execution_id import read_id
from lambdascope_proxy.monitoring.inspection import NEVER_RAN, Inspection, has_ended, looks_after, priced
from lambdascope_proxy.monitoring.inspection_text import data_of, log_lines, notes_of, text_of
from lambdascope_proxy.monitoring.log_question import iso
from lambdascope_proxy.monitoring.request_reading import RequestLog, read_request_log
from lambdascope_proxy.selection import Function
from lambdascope_proxy.tool import ToolSpec

NEIGHBOURS: Final = 3
BEFORE: Final = timedelta(minutes=1)
# A request id says nothing of its time.
DEFAULT_S: Final = 86_400.0
FOR_EVER_S: Final = 30 * 365 * 86_400.0

SPEC: Final = ToolSpec(
    name="inspect_execution",
    title="Inspect one execution",
    description=(
        "Everything known of one execution: outcome, where its time went, cost, log lines, attempts, trace links, "
        "calls around it. If it was not called through here give function_name, and time_range if older than a day."
    ),
    input_schema={
        "type": "object",
        "properties": {
            "request_id": {"type": "string", "description": "AWS request id"},
            "call_id": {"type": "string", "description": "Instead: of an answer or the history"},
            "function_name": {"type": "string", "minLength": 1},
            "region": REGION_ARGUMENT,
            "time_range": TIME_RANGE_SCHEMA,
        },
        "additionalProperties": False,
    },
    output_schema={
        "type": "object",
        "properties": {
            "execution": {"type": "object"},
            "clocks": {"type": "array"},
            "log_lines": {"type": "array"},
            "session": {"type": "array"},
            "next_step": {"type": "string"},
        },
    },
    read_only=True,
    idempotent=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the history says of an id: the row, if there is one, and why nothing more could be had."""

    id: str
    row: Mapping[str, Any] | None
    shortfalls: tuple[str, ...] = ()


class InspectExecution:
    """Asks the history first, then the log; what one of them lacks does not hide what the other knows."""

    spec = SPEC

    def __init__(
        self,
        questions: Questions,
        catalogs: Catalogs,
        events: LogEvents,
        scrub: Callable[[str], str],
        *,
        trace_url: str,
        max_result_bytes: int,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._questions = questions
        self._catalogs = catalogs
        self._events = events
        self._scrub = scrub
        self._trace_url = trace_url
        self._max_result_bytes = max_result_bytes
        self._now = now

    def aim(self, arguments: Mapping[str, Any]) -> Aim:
        """At CloudWatch, about the function if it is named."""
        named = guessed_name(arguments)
        return Aim(
            target="cloudwatch", function_name=named.name or None, region=named.region, account_id=named.account_id
        )

    async def run(self, call: Call) -> Outcome:
        """Everything known. Raises CallFailed with what is wrong and what to do."""
        about = _about(call.arguments)
        known = await self._known(read_id(call.arguments), about)
        if known.row is None:
            inspection = await self._by_log(known, call)
        else:
            inspection = await self._by_row(known, known.row, call, about)
        lines, left_out = log_lines(inspection, self._scrub, self._max_result_bytes // 2)
        return Outcome(
            kind=OutcomeKind.OK,
            text=text_of(inspection, lines, left_out),
            data=data_of(inspection, lines, left_out),
            notes=notes_of(inspection),
            bill=inspection.bill,
        )

    async def _known(self, wanted: str, about: Mapping[str, str]) -> Known:
        try:
            rows = await self._questions.ask("monitoring/execution_by_id", {"id": wanted})
        except HistoryError as error:
            return Known(id=wanted, row=None, shortfalls=(f"The history could not be asked: {error}",))
        return Known(id=wanted, row=_chosen([row for row in rows if _is_about(row, about)], wanted))

    async def _by_log(self, known: Known, call: Call) -> Inspection:
        """An execution that the history does not know. Raises: CallFailed."""
        name, region = call.arguments.get("function_name"), call.arguments.get("region")
        if "call_id" in call.arguments or not name:
            raise _unknown(known, call.arguments)
        window = read_window(call.arguments.get("time_range"), self._now(), default_s=DEFAULT_S, retention_s=FOR_EVER_S)
        function = await self._catalogs.find(name, region)
        call.progress.message = f"looking for the request in {group_of(function)}"
        log = await read_request_log(self._events, function, known.id, window)
        if not log.attempts:
            raise _not_in_log(known, function, window, is_unfinished=log.is_unfinished)
        return self._inspection(known, known.id, function, log, ())

    async def _by_row(self, known: Known, row: Mapping[str, Any], call: Call, about: Mapping[str, str]) -> Inspection:
        """An execution that came through a proxy, or was imported; what else can be had adds to it."""
        shortfalls = list(known.shortfalls)
        function, log = None, None
        if row.get("target") == "lambda" and row.get("request_id") and row.get("outcome") not in NEVER_RAN:
            try:
                name, account_id = row["function_name"], row.get("account_id")
                function = await self._catalogs.find(name, row.get("region"), account_id=account_id)
                call.progress.message = f"reading the log of request {row['request_id']}"
                log = await self._log_of(function, row)
            except CallFailed as failed:
                shortfalls.append(f"Log lines missing: {failed} {failed.failure.hint}".strip())
            if log and not log.attempts:
                shortfalls.append("No log lines: they take some seconds to arrive, and leave with their retention.")
        neighbours = [each for each in await self._neighbours(row, shortfalls) if _is_about(each, about)]
        known = Known(id=known.id, row=row, shortfalls=tuple(shortfalls))
        return self._inspection(known, row.get("request_id"), function, log, neighbours)

    async def _log_of(self, function: Function, row: Mapping[str, Any]) -> RequestLog:
        began: datetime = row["started_at"]
        first, *later = (
            Window(start=began - BEFORE, end=began + after) for after in looks_after(row, function.timeout_s)
        )
        log, read = await read_request_log(self._events, function, row["request_id"], first), first
        for window in later:
            if has_ended(log) or self._now() < read.end:
                break
            log, read = await read_request_log(self._events, function, row["request_id"], window), window
        return log

    async def _neighbours(self, row: Mapping[str, Any], shortfalls: list[str]) -> Sequence[Mapping[str, Any]]:
        parameters = {"call_id": row["call_id"], "limit": NEIGHBOURS}
        try:
            return await self._questions.ask("monitoring/session_neighbours", parameters)
        except HistoryError as error:
            shortfalls.append(f"The calls around it are missing: {error}")
            return ()

    def _inspection(
        self,
        known: Known,
        request_id: str | None,
        function: Function | None,
        log: RequestLog | None,
        neighbours: Sequence[Mapping[str, Any]],
    ) -> Inspection:
        attempts = priced(log.attempts, function, load_rates(), self._scrub) if log and function else ()
        return Inspection(
            request_id=request_id,
            row=known.row,
            function=function,
            log=log,
            attempts=attempts,
            neighbours=neighbours,
            trace_url=self._trace_url,
            shortfalls=known.shortfalls,
        )


def _about(arguments: Mapping[str, Any]) -> dict[str, str]:
    """What a row must say to be told of: the function that access rules were asked about, if one is named."""
    named = guessed_name(arguments)
    about = {"function_name": named.name, "region": named.region, "account_id": named.account_id}
    return {column: value for column, value in about.items() if value} if named.name else {}


def _is_about(row: Mapping[str, Any], about: Mapping[str, str]) -> bool:
    return all(row.get(column) == value for column, value in about.items())


def _chosen(rows: Sequence[Mapping[str, Any]], wanted: str) -> Mapping[str, Any] | None:
    """The row of that call, else of the request as it came through a proxy, else of its last imported attempt."""
    own = [row for row in rows if row.get("transport") != "backfill"]
    exact = [row for row in rows if row["call_id"] == wanted]
    return next(iter([*exact, *own, *reversed(rows)]), None)


def _unknown(known: Known, arguments: Mapping[str, Any]) -> CallFailed:
    why = " ".join(known.shortfalls)
    if "call_id" in arguments:
        return CallFailed(
            OutcomeKind.NOT_FOUND,
            "CallNotFound",
            f"The history has no call {known.id}. {why}".strip(),
            "A call is recorded within a second of its end; older ones leave after LAMBDASCOPE_HISTORY_DAYS.",
        )
    return CallFailed(
        OutcomeKind.INVALID_ARGUMENTS,
        "FunctionNameNeeded",
        f"No call with request id {known.id} came through this proxy. {why}".strip(),
        "Give function_name, so that its log can be searched, and time_range if it is older than a day.",
    )


def _not_in_log(known: Known, function: Function, window: Window, *, is_unfinished: bool) -> CallFailed:
    span = f"between {iso(window.start)} and {iso(window.end)}"
    if is_unfinished:
        return CallFailed(
            OutcomeKind.NOT_FOUND,
            "SearchUnfinished",
            f"Request {known.id} was not found in the part of the log of {function.name} that was searched {span}.",
            "This log group is large: give a time_range of an hour or less around the request.",
        )
    return CallFailed(
        OutcomeKind.NOT_FOUND,
        "RequestNotFound",
        f"No log line of {function.name} names request {known.id} {span}.",
        "Lines take some seconds to arrive. Give another time_range, or the function that ran it.",
    )

"""The tool that asks Logs Insights about the logs of functions, by a preset or a query."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from lambdascope_proxy.call import Aim, Call, Outcome, OutcomeKind
from lambdascope_proxy.catalogs import Catalogs
from lambdascope_proxy.cloudwatch.asked import Asked
from lambdascope_proxy.cloudwatch.bill import Bill
from lambdascope_proxy.cloudwatch.insights import MOST_ROWS, Insights, LogAnswer, LogQuery
from lambdascope_proxy.cloudwatch.log_events import LogEvents
from lambdascope_proxy.cloudwatch.log_groups import LogGroup, LogGroups, check_scan
from lambdascope_proxy.cloudwatch.period import aligned
from lambdascope_proxy.cloudwatch.presets import ERRORS, PRESETS
from lambdascope_proxy.cloudwatch.window import TIME_RANGE_SCHEMA, Window, read_window
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.function_name import REGION_ARGUMENT, guessed_name
from lambdascope_proxy.monitoring.log_answer import LogFindings, data_of, notes_of, text_of
from lambdascope_proxy.monitoring.log_question import LogQuestion, iso, log_question
from lambdascope_proxy.monitoring.log_table import LogTable, table_of
from lambdascope_proxy.monitoring.request_naming import name_requests
from lambdascope_proxy.selection import Function
from lambdascope_proxy.tool import ToolSpec

TTL_S: Final = 60
ALIGNED_S: Final = 60
AT_ONCE: Final = 8
# Log groups may keep events for ever; what a group keeps is checked once it is described.
FOR_EVER_S: Final = 30 * 365 * 86_400.0

SPEC: Final = ToolSpec(
    name="query_logs",
    title="Query function logs",
    description=(
        "Asks CloudWatch Logs Insights about the logs of Lambda functions, whoever called them, by a preset or a "
        "query. AWS charges for bytes scanned; the answer says how much."
    ),
    input_schema={
        "type": "object",
        "properties": {
            "function_names": {"type": "array", "items": {"type": "string"}, "minItems": 1},
            "preset": {"type": "string", "enum": list(PRESETS)},
            "query": {"type": "string", "description": "Instead: Logs Insights QL"},
            "time_range": TIME_RANGE_SCHEMA,
            "limit": {"type": "integer", "minimum": 1, "maximum": MOST_ROWS},
            "region": REGION_ARGUMENT,
        },
        "required": ["function_names"],
        "additionalProperties": False,
    },
    output_schema={
        "type": "object",
        "properties": {
            "columns": {"type": "array"},
            "rows": {"type": "array"},
            "truncated": {"type": "boolean"},
            "is_complete": {"type": "boolean"},
            "next_step": {"type": "string"},
        },
    },
    read_only=True,
    idempotent=True,
)


class Found(NamedTuple):
    """What is kept of an answer for a while."""

    table: LogTable
    answer: LogAnswer


class QueryLogs:
    """Refuses what would scan too much, asks once for the same question, and hands out scrubbed rows.

    With `events` it also finds the requests of errors whose lines name none.
    """

    spec = SPEC

    def __init__(
        self,
        catalogs: Catalogs,
        groups: LogGroups,
        insights: Insights,
        asked: Asked,
        scrub: Callable[[str], str],
        *,
        max_scan_gb: float,
        max_result_bytes: int,
        events: LogEvents | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._catalogs = catalogs
        self._groups = groups
        self._insights = insights
        self._asked = asked
        self._scrub = scrub
        self._max_scan_gb = max_scan_gb
        self._max_result_bytes = max_result_bytes
        self._events = events
        self._now = now

    def aim(self, arguments: Mapping[str, Any]) -> Aim:
        """At CloudWatch, about the function if it is one."""
        match arguments.get("function_names"):
            case [str(only)]:
                named = guessed_name({**arguments, "function_name": only})
                return Aim(
                    target="cloudwatch",
                    function_name=named.name or None,
                    region=named.region,
                    account_id=named.account_id,
                )
            case _:
                return Aim(target="cloudwatch")

    async def run(self, call: Call) -> Outcome:
        """The rows and what it cost to get them. Raises CallFailed with what is wrong and what to do."""
        now = self._now()
        window = aligned(read_window(call.arguments.get("time_range"), now, retention_s=FOR_EVER_S), ALIGNED_S)
        functions = await self._functions(call.arguments)
        asked_for = log_question(functions, window, call.arguments)
        groups = await self._described(asked_for)
        question = replace(asked_for, groups=tuple(groups))
        check_kept([*groups.values()], question, now)
        check_scan([*groups.values()], question.window, now, self._max_scan_gb)
        # Who joins somebody else's query hears nothing of its course.
        call.progress.message = f"asking Logs Insights about {len(groups)} log group{'s' if len(groups) > 1 else ''}"
        (table, answer), is_cached = await self._asked.get(
            _key(question), TTL_S, lambda: self._ask(question, call), is_whole=lambda found: found.answer.is_complete
        )
        findings = LogFindings(
            question=question,
            table=table,
            answer=answer,
            bill=Bill(region=question.place.region) if is_cached else answer.bill,
            is_cached=is_cached,
            without_logs=tuple(name for name in asked_for.groups if name not in groups),
            dropped=tuple(group.name for group in groups.values() if _has_dropped(group, window, now)),
        )
        return Outcome(
            kind=OutcomeKind.OK,
            text=text_of(findings),
            data=data_of(findings),
            notes=notes_of(findings),
            bill=findings.bill,
        )

    async def _functions(self, arguments: Mapping[str, Any]) -> list[Function]:
        region = arguments.get("region")
        # One after the other: the catalogue is read once for all of them.
        found = [await self._catalogs.find(name, region) for name in dict.fromkeys(arguments["function_names"])]
        return [*{function.arn: function for function in found}.values()]

    async def _described(self, question: LogQuestion) -> dict[str, LogGroup]:
        """Its log groups that exist, a few read at a time. Raises: CallFailed when none does, or one is unreadable."""
        limiter = asyncio.Semaphore(AT_ONCE)

        async def describe(name: str) -> LogGroup:
            async with limiter:
                return await self._groups.describe(question.place, name)

        found = await asyncio.gather(*(describe(name) for name in question.groups), return_exceptions=True)
        failed = [each for each in found if isinstance(each, BaseException)]
        fatal = [each for each in failed if not (isinstance(each, CallFailed) and each.kind is OutcomeKind.NOT_FOUND)]
        if fatal or len(failed) == len(found):
            raise (fatal or failed)[0]
        return {each.name: each for each in found if isinstance(each, LogGroup)}

    async def _ask(self, question: LogQuestion, call: Call) -> Found:
        """The answer without its rows, which are many times what fits an answer, and what fits of them."""
        query = LogQuery(groups=question.groups, text=question.text, window=question.window, limit=question.limit)
        answer = await self._insights.run(question.place, query, call.progress)
        rows = answer.rows
        if self._events is not None and question.preset is ERRORS:
            rows = await name_requests(self._events, question, rows)
        try:
            table = table_of(question, rows, self._scrub, most_bytes=self._max_result_bytes)
        except CallFailed as failed:
            failed.bill = answer.bill
            raise
        return Found(table, replace(answer, rows=[]))


def check_kept(groups: Sequence[LogGroup], question: LogQuestion, now: datetime) -> None:
    """Raises CallFailed for a window that ends before anything its groups still keep."""
    begins = min(_kept_since(group, now) for group in groups)
    if question.window.end <= begins:
        raise CallFailed(
            OutcomeKind.INVALID_ARGUMENTS,
            "BeyondRetention",
            f"These logs begin at {iso(begins)}; the time range ends at {iso(question.window.end)}.",
            "Give a later time_range: a log group drops events after its retention, and has none of before it existed.",
        )


def _kept_since(group: LogGroup, now: datetime) -> datetime:
    return (
        max(group.created_at, now - timedelta(days=group.retention_days)) if group.retention_days else group.created_at
    )


def _has_dropped(group: LogGroup, window: Window, now: datetime) -> bool:
    """Whether its retention took events of the window; before it was made there were none to take."""
    return window.start < _kept_since(group, now) != group.created_at


def _key(question: LogQuestion) -> tuple[Any, ...]:
    """What its answer depends on: a preset and a query of the same text are put into different tables."""
    functions = tuple(function.arn for function in question.functions)
    what = question.preset and question.preset.name, question.text, functions
    return question.place, question.groups, question.window, question.limit, *what

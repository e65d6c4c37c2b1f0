"""Asks each source about the executions of one function: metrics, logs twice, and the history."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, Protocol, TypeVar

import anyio

from lambdascope_analytics.errors import HistoryError
from lambdascope_proxy.call import OutcomeKind, Progress
from lambdascope_proxy.cloudwatch.asked import Asked
from lambdascope_proxy.cloudwatch.insights import Insights, LogAnswer, LogQuery
from lambdascope_proxy.cloudwatch.log_groups import LogGroups, check_scan
from lambdascope_proxy.cloudwatch.metrics import Metrics
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.monitoring.attempts import Priced
from lambdascope_proxy.monitoring.execution_question import Errors, Question, Seen
from lambdascope_proxy.monitoring.failed_requests import FailedRequests
from lambdascope_proxy.monitoring.log_coverage import expired
from lambdascope_proxy.monitoring.log_queries import (
    ERROR_LINES,
    LogFigures,
    errors_query,
    figures_query,
    read_figures,
)
from lambdascope_proxy.monitoring.measures import metric_queries
from lambdascope_proxy.monitoring.metric_figures import MetricFigures, read_metrics
from lambdascope_proxy.monitoring.top_errors import sightings_of, top_errors
from lambdascope_proxy.selection import Function

T = TypeVar("T")
SEEN: Final = "monitoring/executions_seen"
HISTORY_S: Final = 10.0


class AsksHistory(Protocol):
    """Answers a statement over the history."""

    async def ask(self, statement_name: str, parameters: Mapping[str, object] | None = None) -> list[dict[str, Any]]:
        """Its rows. Raises: HistoryError."""
        ...


class ExecutionSources:
    """What CloudWatch answered is kept for as long as the question says; what failed or is not whole is asked again."""

    def __init__(
        self,
        *,
        metrics: Metrics,
        insights: Insights,
        log_groups: LogGroups,
        failed_requests: FailedRequests,
        history: AsksHistory,
        asked: Asked,
        max_scan_gb: float,
    ) -> None:
        self._metrics = metrics
        self._insights = insights
        self._log_groups = log_groups
        self._failed_requests = failed_requests
        self._history = history
        self._asked = asked
        self._max_scan_gb = max_scan_gb

    async def metrics(self, question: Question, progress: Progress) -> Priced[MetricFigures]:
        """The statistics of the whole window and the series, in one GetMetricData call. Raises: CallFailed."""
        priced = await self._once(("metrics", question.wanted, question.series), question, self._read_metrics)
        progress.bills["metrics"] = priced.bill
        return priced

    async def figures(self, question: Question, progress: Progress) -> Priced[LogFigures | None]:
        """What the reports of all executions add up to, by one Insights query; None if it did not end in time.

        Sums over a part of the log would pass for sums over all of it. Raises: CallFailed.
        """

        async def ask(question: Question) -> Priced[LogFigures | None]:
            answer, lacks = await self._query(question, figures_query, progress, limit=1)
            try:
                figures = read_figures(answer.rows) if answer.is_complete else None
            except ValueError as error:
                failed = CallFailed(OutcomeKind.AWS_ERROR, "UnreadableFigures", str(error))
                failed.bill = answer.bill
                raise failed from error
            return Priced(value=figures, bill=answer.bill, partial=lacks, is_whole=answer.is_complete)

        return await self._once(("figures",), question, ask)

    async def errors(self, question: Question, progress: Progress) -> Priced[Errors]:
        """The kinds of error, by one Insights query. Raises: CallFailed."""

        async def ask(question: Question) -> Priced[Errors]:
            answer, lacks = await self._query(question, errors_query, progress, limit=ERROR_LINES)
            kinds = top_errors(sightings_of(answer.rows, is_text_log=question.function.log_format == "Text"))
            named = await self._failed_requests.named(question, kinds)
            is_cut = answer.more or len(answer.rows) >= ERROR_LINES
            errors = Errors(kinds=named, is_cut=is_cut)
            return Priced(value=errors, bill=answer.bill, partial=lacks, is_whole=answer.is_complete)

        return await self._once(("errors",), question, ask)

    async def seen(self, question: Question) -> Seen:
        """How many executions came through this proxy, as of when the metrics were read. Raises: CallFailed."""
        key = ("seen", question.function.arn, question.qualifier, question.window.start, question.window.end)
        seen, _ = await self._asked.get(key, question.ttl_s, lambda: self._read_seen(question))
        return seen

    async def _read_seen(self, question: Question) -> Seen:
        parameters = {
            "function_name": question.function.name,
            "region": question.function.region,
            "account_id": question.function.account_id,
            "started_after": question.window.start,
            "started_before": question.window.end,
            "qualifier": question.qualifier,
        }
        try:
            with anyio.fail_after(HISTORY_S):
                (row,) = await self._history.ask(SEEN, parameters)
        except (HistoryError, TimeoutError) as error:
            message = f"the history could not be asked: {error or f'no answer within {HISTORY_S:g} s'}"
            raise CallFailed(OutcomeKind.TOOL_ERROR, type(error).__name__, message) from error
        return Seen(executions=int(row["invocations"]), asynchronous=int(row["asynchronous"]))

    async def _once(
        self, what: tuple[object, ...], question: Question, ask: Callable[[Question], Awaitable[Priced[T]]]
    ) -> Priced[T]:
        function, window = question.function, question.window
        key = (*what, function.arn, question.qualifier, question.versions, window.start, window.end)
        priced, is_cached = await self._asked.get(
            key, question.ttl_s, lambda: ask(question), is_whole=lambda priced: priced.is_whole
        )
        return priced.as_cached() if is_cached else priced

    async def _read_metrics(self, question: Question) -> Priced[MetricFigures]:
        queries = metric_queries(
            question.function,
            question.qualifier,
            question.wanted,
            question.series,
            whole_s=question.whole_s,
            period_s=question.period_s,
        )
        answer = await self._metrics.read(question.function.place, queries, question.window)
        figures = read_metrics(answer.series, question.window, question.period_s)
        return Priced(value=figures, bill=answer.bill, partial=answer.partial, is_whole=not answer.partial)

    async def _query(
        self,
        question: Question,
        text_of: Callable[[Function, Sequence[str]], str],
        progress: Progress,
        *,
        limit: int,
    ) -> tuple[LogAnswer, tuple[str, ...]]:
        """The answer, and in words what it lacks."""
        place = question.function.place
        group = await self._log_groups.describe(place, question.log_group)
        check_scan([group], question.window, question.asked_at, self._max_scan_gb)
        text = text_of(question.function, question.versions)
        query = LogQuery(groups=(group.name,), text=text, window=question.window, limit=limit)
        answer = await self._insights.run(place, query, progress)
        return answer, (*expired(group, question.window, question.asked_at), *_unfinished(answer))


def _unfinished(answer: LogAnswer) -> tuple[str, ...]:
    if answer.is_complete:
        return ()
    return (f"What a Logs Insights query found is incomplete: {answer.shortfall}. Ask for a shorter time_range.",)

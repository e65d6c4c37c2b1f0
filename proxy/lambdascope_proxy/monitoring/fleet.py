"""Asks CloudWatch about all functions at once, five figures each over the whole window, each account by itself."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lambdascope_proxy.cloudwatch.asked import Asked
from lambdascope_proxy.cloudwatch.bill import Bill
from lambdascope_proxy.cloudwatch.metrics import MetricQuery, Metrics, Series
from lambdascope_proxy.cloudwatch.period import aligned, series_period_s, whole_period_s
from lambdascope_proxy.cloudwatch.window import Window
from lambdascope_proxy.monitoring.attempts import Attempt, Priced, run_together
from lambdascope_proxy.monitoring.measures import NAMESPACE, dimensions_of
from lambdascope_proxy.selection import Function, Place

LONGEST_TTL_S: Final = 300.0
STATISTICS: Final[Mapping[str, tuple[str, str]]] = {
    "invocations": ("Invocations", "Sum"),
    "errors": ("Errors", "Sum"),
    "throttles": ("Throttles", "Sum"),
    "duration_p95": ("Duration", "p95"),
    "duration_sum": ("Duration", "Sum"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetQuestion:
    """Functions by the name each is called by, over a window of whole bins that is asked for as one."""

    functions: Mapping[str, Function]
    window: Window
    period_s: int
    whole_s: int

    @property
    def ttl_s(self) -> float:
        """How long an answer is as good as a new one."""
        return min(self.period_s / 2, LONGEST_TTL_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetRow:
    """One function's figures over the whole window; None is unknown, and zero of the counts is a true zero."""

    name: str
    function: Function
    invocations: float | None
    errors: float | None
    throttles: float | None
    duration_p95_ms: float | None
    duration_sum_ms: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """All functions that could be asked about; `partial` says in words what could not."""

    rows: tuple[FleetRow, ...]
    partial: tuple[str, ...]
    bill: Bill | None
    is_cached: bool


def fleet_question(functions: Mapping[str, Function], window: Window, now: datetime) -> FleetQuestion:
    """The question over the whole bins that cover a window."""
    period_s = series_period_s(window, now)
    whole = aligned(window, period_s)
    return FleetQuestion(functions=functions, window=whole, period_s=period_s, whole_s=whole_period_s(whole, now))


class Fleets:
    """Answers with one GetMetricData call per hundred functions and account, all at once."""

    def __init__(self, metrics: Metrics, asked: Asked) -> None:
        self._metrics = metrics
        self._asked = asked

    async def look(self, question: FleetQuestion) -> Fleet:
        """The figures of all functions. Raises: CallFailed when no account could be asked."""
        by_place: dict[Place, dict[str, Function]] = defaultdict(dict)
        for name, function in question.functions.items():
            by_place[function.place][name] = function
        attempts = [
            Attempt(_told(place), lambda place=place, functions=functions: self._ask(place, functions, question))
            for place, functions in by_place.items()
        ]
        await run_together(attempts)
        answers = [attempt.value for attempt in attempts if attempt.value]
        failures = [(attempt.name, attempt.failure) for attempt in attempts if attempt.failure]
        if failures and not answers:
            raise failures[0][1].with_traceback(None)
        return Fleet(
            rows=tuple(row for answer in answers for row in answer.value),
            partial=(
                *(f"No metrics of {name}: {failed} {failed.failure.hint}".strip() for name, failed in failures),
                *(shortfall for answer in answers for shortfall in answer.partial),
            ),
            bill=_sum([answer.bill for answer in answers]),
            is_cached=bool(answers) and all(answer.is_cached for answer in answers),
        )

    async def _ask(
        self, place: Place, functions: Mapping[str, Function], question: FleetQuestion
    ) -> Priced[tuple[FleetRow, ...]]:
        key = ("fleet", place, tuple(functions), question.window.start, question.window.end)
        priced, is_cached = await self._asked.get(
            key,
            question.ttl_s,
            lambda: self._read(place, functions, question),
            is_whole=lambda priced: priced.is_whole,
        )
        return priced.as_cached() if is_cached else priced

    async def _read(
        self, place: Place, functions: Mapping[str, Function], question: FleetQuestion
    ) -> Priced[tuple[FleetRow, ...]]:
        queries = [query for function in functions.values() for query in _queries(function, question.whole_s)]
        answer = await self._metrics.read(place, queries, question.window)
        rows = tuple(_row(name, function, answer.series) for name, function in functions.items())
        return Priced(value=rows, bill=answer.bill, partial=answer.partial, is_whole=not answer.partial)


def _queries(function: Function, whole_s: int) -> list[MetricQuery]:
    return [
        MetricQuery(
            key=f"{function.name} {key}",
            namespace=NAMESPACE,
            name=metric,
            statistic=statistic,
            dimensions=dimensions_of(function, None),
            period_s=whole_s,
        )
        for key, (metric, statistic) in STATISTICS.items()
    ]


def _row(name: str, function: Function, series: Mapping[str, Series]) -> FleetRow:
    found = {key: series[f"{function.name} {key}"] for key in STATISTICS}
    return FleetRow(
        name=name,
        function=function,
        invocations=_count(found["invocations"]),
        errors=_count(found["errors"]),
        throttles=_count(found["throttles"]),
        # Percentiles of several bins cannot be merged; the highest is an upper bound.
        duration_p95_ms=max(found["duration_p95"].values, default=None),
        duration_sum_ms=_count(found["duration_sum"]),
    )


def _count(series: Series) -> float | None:
    """No data is zero only where all of it came."""
    return sum(series.values) if series.values or series.status == "Complete" else None


def _told(place: Place) -> str:
    return f"{place.region} of account {place.account_id}" if place.account_id else place.region


def _sum(bills: Sequence[Bill]) -> Bill | None:
    return sum(bills[1:], bills[0]) if bills else None

"""Which figures of executions can be asked for, and what CloudWatch has to be asked for each. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from lambdascope_proxy.cloudwatch.metrics import MetricQuery
from lambdascope_proxy.selection import Function

NAMESPACE: Final = "AWS/Lambda"

METRIC_TYPES: Final = (
    "invocations",
    "errors",
    "throttles",
    "duration",
    "concurrency",
    "async",
    "iterator",
    "cold_starts",
    "timeouts",
    "memory",
    "cost",
)
FROM_LOGS: Final = frozenset({"cold_starts", "timeouts", "memory", "cost"})
USUAL_SERIES: Final = frozenset({"invocations", "errors", "duration"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One statistic of one metric: the key it is answered under, and the types of figure that need it."""

    key: str
    metric: str
    statistic: str
    types: frozenset[str]


def _measure(key: str, metric: str, statistic: str, *types: str) -> Measure:
    return Measure(key=key, metric=metric, statistic=statistic, types=frozenset(types))


# Invocations are asked for whatever is wanted: rates are of them, and without them zero could not be told from unknown.
WHOLE: Final = (
    _measure("invocations", "Invocations", "Sum", *METRIC_TYPES),
    _measure("errors", "Errors", "Sum", "errors"),
    _measure("throttles", "Throttles", "Sum", "throttles"),
    _measure("duration_p50", "Duration", "p50", "duration"),
    _measure("duration_p90", "Duration", "p90", "duration"),
    _measure("duration_p95", "Duration", "p95", "duration"),
    _measure("duration_p99", "Duration", "p99", "duration"),
    _measure("duration_max", "Duration", "Maximum", "duration"),
    _measure("duration_sum", "Duration", "Sum", "cost"),
    _measure("concurrency_max", "ConcurrentExecutions", "Maximum", "concurrency"),
    _measure("provisioned_utilization", "ProvisionedConcurrencyUtilization", "Maximum", "concurrency"),
    _measure("provisioned_spillover", "ProvisionedConcurrencySpilloverInvocations", "Sum", "concurrency"),
    _measure("async_received", "AsyncEventsReceived", "Sum", "async"),
    _measure("async_dropped", "AsyncEventsDropped", "Sum", "async"),
    _measure("async_age_max", "AsyncEventAge", "Maximum", "async"),
    _measure("dead_letter_errors", "DeadLetterErrors", "Sum", "async"),
    _measure("destination_failures", "DestinationDeliveryFailures", "Sum", "async"),
    _measure("iterator_age_max", "IteratorAge", "Maximum", "iterator"),
    _measure("offset_lag_max", "OffsetLag", "Maximum", "iterator"),
)
SERIES: Final = (
    _measure("series_invocations", "Invocations", "Sum", "invocations"),
    _measure("series_errors", "Errors", "Sum", "errors"),
    _measure("series_throttles", "Throttles", "Sum", "throttles"),
    _measure("series_duration_p95", "Duration", "p95", "duration"),
    _measure("series_concurrency_max", "ConcurrentExecutions", "Maximum", "concurrency"),
    _measure("series_async_age_max", "AsyncEventAge", "Maximum", "async"),
    _measure("series_iterator_age_max", "IteratorAge", "Maximum", "iterator"),
)


def metric_queries(
    function: Function,
    qualifier: str | None,
    wanted: Collection[str],
    series: Collection[str],
    *,
    whole_s: int,
    period_s: int,
) -> list[MetricQuery]:
    """The statistics of the whole window in one bin each, and the series; all fit one GetMetricData call."""
    dimensions = dimensions_of(function, qualifier)

    def query(measure: Measure, seconds: int) -> MetricQuery:
        return MetricQuery(
            key=measure.key,
            namespace=NAMESPACE,
            name=measure.metric,
            statistic=measure.statistic,
            dimensions=dimensions,
            period_s=seconds,
        )

    # The newest bin with invocations tells how fresh the data is.
    drawn = {*series, "invocations"}
    return [
        *(query(measure, whole_s) for measure in WHOLE if not measure.types.isdisjoint(wanted)),
        *(query(measure, period_s) for measure in SERIES if not measure.types.isdisjoint(drawn)),
    ]


def dimensions_of(function: Function, qualifier: str | None) -> tuple[tuple[str, str], ...]:
    """Of all executions of a function, or of those that named an alias or version."""
    name = ("FunctionName", function.name)
    return (name, ("Resource", f"{function.name}:{qualifier}")) if qualifier else (name,)

"""GetMetricStatistics: one metric, several statistics, at most 1,440 periods, one point per period and unit."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lambdascope_proxy.local.errors import AwsError
from lambdascope_proxy.local.metrics.aggregates import Statistic
from lambdascope_proxy.local.metrics.asked import Asked, invalid
from lambdascope_proxy.local.metrics.metric import (
    asked_period,
    asked_statistic,
    asked_unit,
    asked_window,
    metric_key,
)
from lambdascope_proxy.local.metrics.samples import Sample
from lambdascope_proxy.local.metrics.sources import Metrics

MAX_POINTS = 1440
_SIMPLE = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
_LISTS = ("Statistics", "ExtendedStatistics")


def get_metric_statistics(asked: Asked, metrics: Metrics, now_s: float) -> Mapping[str, Any]:
    """Answer the operation."""
    asked.only("Namespace", "MetricName", "Dimensions", "StartTime", "EndTime", "Period", "Unit", *_LISTS)
    key, unit, period_s, window = metric_key(asked), asked_unit(asked), asked_period(asked), asked_window(asked, now_s)
    statistics = _statistics(asked)
    if (count := len(window.starts(period_s))) > MAX_POINTS:
        raise _combination(
            f"You have requested up to {count} datapoints, which exceeds the limit of {MAX_POINTS}. You may reduce the "
            "datapoints requested by increasing Period, or decreasing the time range."
        )
    bins = window.bins([each for each in metrics.samples(key) if unit in {None, each.unit}], period_s)
    points = [_point(start_s, samples, statistics) for start_s, bin_ in bins.items() for samples in _by_unit(bin_)]
    return {"Label": key.name, "Datapoints": [point for point in points if point]}


def _statistics(asked: Asked) -> dict[str, Statistic]:
    given = [name for name in _LISTS if asked.has(name)]
    if len(given) != 1 or not (names := asked.texts(given[0])):
        raise _combination(f"Exactly one of the parameters {' and '.join(_LISTS)} must be specified.")
    for place, name in enumerate(names, 1):
        if (name in _SIMPLE) != (given[0] == "Statistics"):
            raise invalid(f"The value {name} for parameter {given[0]}.member.{place} is invalid.")
    return {name: asked_statistic(name, f"{given[0]}.member.{place}") for place, name in enumerate(names, 1)}


def _by_unit(samples: Sequence[Sample]) -> Iterator[list[Sample]]:
    for unit in sorted({each.unit for each in samples}):
        yield [each for each in samples if each.unit == unit]


def _point(start_s: int, samples: Sequence[Sample], statistics: Mapping[str, Statistic]) -> dict[str, Any]:
    values = {name: value for name, of in statistics.items() if (value := of(samples)) is not None}
    if not values:  # percentiles of what is only known as a summary
        return {}
    named = values if values.keys() <= set(_SIMPLE) else {"ExtendedStatistics": values}
    return {"Timestamp": start_s, "Unit": samples[0].unit, **named}


def _combination(message: str) -> AwsError:
    return AwsError("InvalidParameterCombination", message)

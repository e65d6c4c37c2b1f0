"""PutMetricData: checks what a caller publishes, all of it before any is kept.

Counts must be whole numbers here, which AWS does not demand: a percentile of half a value would be a guess.
"""

from lambdascope_proxy.local.errors import AwsError
from lambdascope_proxy.local.metrics.asked import Asked, invalid
from lambdascope_proxy.local.metrics.custom import CustomMetrics, Published
from lambdascope_proxy.local.metrics.metric import asked_dimensions, asked_unit
from lambdascope_proxy.local.metrics.samples import MetricKey, Sample, raw_sample

MAX_METRICS = 1000
MAX_VALUES = 150
_LARGEST = 2.0**360
_MAX_COUNT = 1e15
_PAST_S = 14 * 86_400
_FUTURE_S = 2 * 3600
_KINDS = ("Value", "Values", "StatisticValues")


def put_metric_data(asked: Asked, custom: CustomMetrics, now_s: float) -> None:
    """Carry out the operation."""
    asked.only("Namespace", "MetricData", "StrictEntityValidation")
    namespace = asked.text("Namespace")
    if not namespace.strip() or namespace.startswith((":", "AWS/")):
        raise _invalid(namespace, "Namespace")
    data = asked.each("MetricData")
    if not 1 <= len(data) <= MAX_METRICS:
        raise invalid(f"The collection MetricData must have 1 to {MAX_METRICS} members, not {len(data)}.")
    custom.add([published for each in data for published in _published(each, namespace, now_s)])


def _published(asked: Asked, namespace: str, now_s: float) -> list[Published]:
    asked.only("MetricName", "Dimensions", "Timestamp", "Unit", "StorageResolution", *_KINDS, "Counts")
    if asked.integer("StorageResolution", 60) not in {1, 60}:
        raise _invalid(asked.integer("StorageResolution"), asked.path("StorageResolution"))
    key = MetricKey(namespace=namespace, name=asked.text("MetricName"), dimensions=asked_dimensions(asked))
    at_ms, unit = int(_timestamp_s(asked, now_s) * 1000), asked_unit(asked) or "None"
    return [(key, sample) for sample in _samples(asked, at_ms, unit)]


def _timestamp_s(asked: Asked, now_s: float) -> float:
    at_s = asked.number("Timestamp", now_s)
    if not now_s - _PAST_S <= at_s <= now_s + _FUTURE_S:
        path = asked.path("Timestamp")
        raise invalid(f"The parameter {path} must specify a time no more than two weeks old or two hours ahead.")
    return at_s


def _samples(asked: Asked, at_ms: int, unit: str) -> list[Sample]:
    kinds = [kind for kind in _KINDS if asked.has(kind)]
    if len(kinds) != 1 or (asked.has("Counts") and kinds != ["Values"]):
        paths = ", ".join(asked.path(kind) for kind in _KINDS)
        raise AwsError("InvalidParameterCombination", f"Exactly one of {paths} must be specified, Counts with Values.")
    if kinds == ["Value"]:
        return [raw_sample(at_ms, _value(asked, "Value"), unit)]
    if kinds == ["Values"]:
        return _counted(asked, at_ms, unit)
    return [_summary(asked.inner("StatisticValues"), at_ms, unit)]


def _counted(asked: Asked, at_ms: int, unit: str) -> list[Sample]:
    values = [_in_range(value, asked.path("Values")) for value in asked.numbers("Values")]
    counts = asked.numbers("Counts") if asked.has("Counts") else [1.0] * len(values)
    if not 1 <= len(values) <= MAX_VALUES:
        raise invalid(f"The collection {asked.path('Values')} must have 1 to {MAX_VALUES} members.")
    if len(values) != len(counts):
        raise invalid(f"The parameters {asked.path('Values')} and {asked.path('Counts')} must have the same size.")
    checked = [_count(count, asked.path("Counts")) for count in counts]
    return [raw_sample(at_ms, value, unit, count) for value, count in zip(values, checked, strict=True)]


def _summary(asked: Asked, at_ms: int, unit: str) -> Sample:
    asked.only("SampleCount", "Sum", "Minimum", "Maximum")
    summary = Sample(
        timestamp_ms=at_ms,
        count=_count(_value(asked, "SampleCount"), asked.path("SampleCount")),
        total=_value(asked, "Sum"),
        minimum=_value(asked, "Minimum"),
        maximum=_value(asked, "Maximum"),
        unit=unit,
    )
    if summary.minimum > summary.maximum:
        raise invalid(f"The parameter {asked.path('Maximum')} must not be less than {asked.path('Minimum')}.")
    return summary


def _value(asked: Asked, name: str) -> float:
    return _in_range(asked.number(name), asked.path(name))


def _in_range(value: float, path: str) -> float:
    if not -_LARGEST <= value <= _LARGEST:
        raise _invalid(value, path)
    return value


def _count(count: float, path: str) -> float:
    if not 1 <= count <= _MAX_COUNT or count != int(count):
        raise _invalid(count, path)
    return count


def _invalid(value: object, path: str) -> AwsError:
    return invalid(f"The value {value} for parameter {path} is invalid.")

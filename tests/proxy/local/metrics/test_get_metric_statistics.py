"""GetMetricStatistics: the same figures in the older form."""

from typing import Any

import pytest

from lambdascope_proxy.local.errors import AwsError
from lambdascope_proxy.local.logs import Journal
from lambdascope_proxy.local.metrics.asked import Asked
from lambdascope_proxy.local.metrics.custom import CustomMetrics
from lambdascope_proxy.local.metrics.get_metric_statistics import get_metric_statistics
from lambdascope_proxy.local.metrics.samples import MetricKey, Sample, raw_sample
from lambdascope_proxy.local.metrics.sources import Metrics

BASE_S = 1_800_000_000
KEY = MetricKey(namespace="Mine", name="m")


@pytest.fixture
def metrics() -> Metrics:
    custom = CustomMetrics()
    values = [(0, 1.0, "Bytes"), (30, 3.0, "Bytes"), (40, 9.0, "Count"), (120, 5.0, "Bytes")]
    custom.add([(KEY, raw_sample((BASE_S + at_s) * 1000, value, unit)) for at_s, value, unit in values])
    at_ms = (BASE_S + 180) * 1000
    custom.add([(KEY, Sample(timestamp_ms=at_ms, count=2, total=3, minimum=1, maximum=2, unit="Bytes"))])
    return Metrics(Journal(), custom, 0)


def ask(metrics: Metrics, **more: Any) -> Any:
    asked = {"Namespace": "Mine", "MetricName": "m", "StartTime": BASE_S, "EndTime": BASE_S + 240, "Period": 60, **more}
    return get_metric_statistics(Asked(asked), metrics, BASE_S + 600)


def test_each_period_and_unit_has_a_point_with_all_statistics(metrics: Metrics) -> None:
    answer = ask(metrics, Statistics=["Sum", "SampleCount", "Average", "Minimum", "Maximum"])
    figures = {"SampleCount": 1, "Sum": 9, "Average": 9, "Minimum": 9, "Maximum": 9}
    assert answer["Label"] == "m"
    assert answer["Datapoints"][:2] == [
        {"Timestamp": BASE_S, "Unit": "Bytes", "SampleCount": 2, "Sum": 4, "Average": 2, "Minimum": 1, "Maximum": 3},
        {"Timestamp": BASE_S, "Unit": "Count", **figures},
    ]
    assert [each["Timestamp"] - BASE_S for each in answer["Datapoints"]] == [0, 0, 120, 180]


def test_percentiles_are_apart_and_missing_where_the_values_are(metrics: Metrics) -> None:
    answer = ask(metrics, ExtendedStatistics=["p50", "tm99"], Unit="Bytes")
    assert answer["Datapoints"] == [
        {"Timestamp": BASE_S, "Unit": "Bytes", "ExtendedStatistics": {"p50": 2, "tm99": 2}},
        {"Timestamp": BASE_S + 120, "Unit": "Bytes", "ExtendedStatistics": {"p50": 5, "tm99": 5}},
    ]


@pytest.mark.parametrize(
    ("more", "code", "message"),
    [
        ({}, "InvalidParameterCombination", "Exactly one"),
        ({"Statistics": []}, "InvalidParameterCombination", "Exactly one"),
        ({"Statistics": ["Sum"], "ExtendedStatistics": ["p9"]}, "InvalidParameterCombination", "Exactly one"),
        ({"Statistics": ["p50"]}, "ValidationError", "Statistics.member.1"),
        ({"ExtendedStatistics": ["p50", "Sum"]}, "ValidationError", "ExtendedStatistics.member.2"),
        ({"ExtendedStatistics": ["p500"]}, "ValidationError", "ExtendedStatistics.member.1"),
        ({"Statistics": ["Sum"], "EndTime": BASE_S + 1441 * 60}, "InvalidParameterCombination", "up to 1441 datap"),
        ({"Statistics": ["Sum"], "Period": 61}, "ValidationError", "Period"),
    ],
)
def test_what_is_wrong_is_refused(metrics: Metrics, more: dict[str, Any], code: str, message: str) -> None:
    with pytest.raises(AwsError, match=message) as caught:
        ask(metrics, **more)
    assert caught.value.code == code


def test_a_day_of_minutes_is_not_too_much(metrics: Metrics) -> None:
    assert len(ask(metrics, Statistics=["Sum"], EndTime=BASE_S + 1440 * 60)["Datapoints"]) == 4

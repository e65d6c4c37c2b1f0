"""What callers publish: the three forms of a value, and what AWS would refuse."""

from typing import Any

import pytest

from lambdascope_proxy.local.errors import AwsError
from lambdascope_proxy.local.metrics.asked import Asked
from lambdascope_proxy.local.metrics.custom import CustomMetrics
from lambdascope_proxy.local.metrics.put_metric_data import put_metric_data
from lambdascope_proxy.local.metrics.samples import MetricKey, Sample, raw_sample

NOW_S = 1_800_000_000
DAY = 86_400


def put(*data: dict[str, Any], namespace: str = "Mine") -> dict[MetricKey, list[Sample]]:
    custom = CustomMetrics()
    put_metric_data(Asked({"Namespace": namespace, "MetricData": list(data)}), custom, NOW_S)
    return custom.by_key()


def summary(count: float, total: float, low: float, high: float) -> dict[str, Any]:
    return {"SampleCount": count, "Sum": total, "Minimum": low, "Maximum": high}


def test_the_three_forms_of_a_value() -> None:
    dimensions = [{"Name": "b", "Value": "2"}, {"Name": "a", "Value": "1"}]
    found = put(
        {"MetricName": "value", "Value": 2, "Unit": "Bytes", "Dimensions": dimensions, "Timestamp": NOW_S - 60.5},
        {"MetricName": "values", "Values": [1, 2.5], "Counts": [3, 1]},
        {"MetricName": "once", "Values": [7]},
        {"MetricName": "summary", "StatisticValues": summary(4, 10, 1, 5), "StorageResolution": 1},
    )
    at_ms = NOW_S * 1000
    assert found == {
        MetricKey(namespace="Mine", name="value", dimensions=(("a", "1"), ("b", "2"))): [
            raw_sample(at_ms - 60_500, 2.0, "Bytes")
        ],
        MetricKey(namespace="Mine", name="values"): [
            raw_sample(at_ms, 1.0, "None", 3),
            raw_sample(at_ms, 2.5, "None"),
        ],
        MetricKey(namespace="Mine", name="once"): [raw_sample(at_ms, 7.0, "None")],
        MetricKey(namespace="Mine", name="summary"): [
            Sample(timestamp_ms=at_ms, count=4, total=10, minimum=1, maximum=5, unit="None")
        ],
    }


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({}, "InvalidParameterCombination", "MetricData.member.2.Value,"),
    ({"Value": 1, "Values": [1]}, "InvalidParameterCombination", "Exactly one"),
    ({"Value": 1, "Counts": [1]}, "InvalidParameterCombination", "Counts with Values"),
    ({"Value": 2.0**361}, "ValidationError", "MetricData.member.2.Value is invalid"),
    ({"Value": float("nan")}, "ValidationError", "is invalid"),
    ({"Values": [1, 2], "Counts": [1]}, "ValidationError", "same size"),
    ({"Values": [1], "Counts": [0]}, "ValidationError", "Counts"),
    ({"Values": [1], "Counts": [1.5]}, "ValidationError", "Counts"),
    ({"Values": []}, "ValidationError", "1 to 150"),
    ({"Values": [1] * 151}, "ValidationError", "1 to 150"),
    ({"Values": [1, float("inf")]}, "ValidationError", "Values.member.2"),
    ({"StatisticValues": summary(0, 0, 0, 0)}, "ValidationError", "SampleCount"),
    ({"StatisticValues": summary(2, 3, 2, 1)}, "ValidationError", "must not be less"),
    ({"StatisticValues": {"Sum": 1}}, "MissingParameter", "SampleCount is required"),
    ({"Value": 1, "Unit": "Furlongs"}, "ValidationError", "Furlongs"),
    ({"Value": 1, "Timestamp": NOW_S - 14 * DAY - 1}, "ValidationError", "two weeks"),
    ({"Value": 1, "Timestamp": NOW_S + 7201}, "ValidationError", "two hours"),
    ({"Value": 1, "StorageResolution": 30}, "ValidationError", "StorageResolution"),
    ({"Value": 1, "Entity": {}}, "ValidationError", "Entity is not implemented"),
]


@pytest.mark.parametrize(("datum", "code", "message"), REFUSED)
def test_what_is_wrong_is_refused_as_a_whole(datum: dict[str, Any], code: str, message: str) -> None:
    custom = CustomMetrics()
    data = [{"MetricName": "good", "Value": 1}, {"MetricName": "bad", **datum}]
    with pytest.raises(AwsError, match=message) as caught:
        put_metric_data(Asked({"Namespace": "Mine", "MetricData": data}), custom, NOW_S)
    assert caught.value.code == code
    assert custom.by_key() == {}


@pytest.mark.parametrize("namespace", ["AWS/Lambda", "AWS/", ":mine", " "])
def test_a_namespace_of_aws_is_not_for_callers(namespace: str) -> None:
    with pytest.raises(AwsError, match="for parameter Namespace is invalid"):
        put({"MetricName": "m", "Value": 1}, namespace=namespace)


def test_a_request_holds_a_thousand_metrics() -> None:
    many = [{"MetricName": f"m{number}", "Value": 1} for number in range(1001)]
    assert len(put(*many[:1000])) == 1000
    for data in (many, []):
        with pytest.raises(AwsError, match="1 to 1000"):
            put(*data)

"""Which metrics are listed: by name, by dimension, by age, page by page."""

from typing import Any

import pytest

from lambdascope_proxy.local.errors import AwsError
from lambdascope_proxy.local.logs import InvocationRecord, Journal
from lambdascope_proxy.local.metrics.asked import Asked
from lambdascope_proxy.local.metrics.custom import CustomMetrics
from lambdascope_proxy.local.metrics.list_metrics import list_metrics
from lambdascope_proxy.local.metrics.samples import MetricKey, dimensions_of, raw_sample
from lambdascope_proxy.local.metrics.sources import Metrics

NOW_S = 1_800_000_000
HOUR = 3600


@pytest.fixture
def metrics() -> Metrics:
    journal, custom = Journal(), CustomMetrics()
    given: dict[str, Any] = {"function_name": "f", "qualifier": "live", "version": "1", "request_id": "r"}
    journal.add_invocation(InvocationRecord(started_ms=NOW_S * 1000, outcome="success", **given))
    for name, age_s in (("new", HOUR), ("old", 4 * HOUR), ("gone", 15 * 24 * HOUR)):
        key = MetricKey(namespace="Mine", name=name, dimensions=dimensions_of({"site": name, "tier": "1"}))
        custom.add([(key, raw_sample((NOW_S - age_s) * 1000, 1.0, "None"))])
    return Metrics(journal, custom, NOW_S * 1000)


def names(metrics: Metrics, **asked: Any) -> list[str]:
    listed = list_metrics(Asked(asked), metrics, NOW_S)["Metrics"]
    return [
        " ".join([each["MetricName"], *(f"{pair['Name']}={pair['Value']}" for pair in each["Dimensions"])])
        for each in listed
    ]


FUNCTION = {"Name": "FunctionName", "Value": "f"}
RESOURCE = {"Name": "Resource"}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"Namespace": "Mine"}, ["new site=new tier=1", "old site=old tier=1"]),
        ({"Namespace": "Mine", "RecentlyActive": "PT3H"}, ["new site=new tier=1"]),
        ({"Dimensions": [{"Name": "site", "Value": "old"}]}, ["old site=old tier=1"]),
        ({"Dimensions": [{"Name": "site"}, {"Name": "tier", "Value": "2"}]}, []),
        ({"MetricName": "old"}, ["old site=old tier=1"]),
        ({"Namespace": "AWS/Lambda", "MetricName": "Errors", "Dimensions": [FUNCTION, RESOURCE]},
         ["Errors ExecutedVersion=1 FunctionName=f Resource=f:live", "Errors FunctionName=f Resource=f:live"]),
        ({"Namespace": "AWS/Lambda", "MetricName": "Errors", "Dimensions": [FUNCTION]},
         ["Errors ExecutedVersion=1 FunctionName=f Resource=f:live", "Errors FunctionName=f",
          "Errors FunctionName=f Resource=f:live"]),
        ({"Namespace": "AWS/Lambda", "MetricName": "AsyncEventAge"}, []),
    ],
)  # fmt: skip
def test_metrics_are_found_by_name_dimension_and_age(
    metrics: Metrics, asked: dict[str, Any], expected: list[str]
) -> None:
    assert names(metrics, **asked) == expected


def test_pages_of_five_hundred_list_every_metric_once() -> None:
    custom = CustomMetrics()
    keys = [MetricKey(namespace="Mine", name=f"m{number}") for number in range(1201)]
    custom.add([(key, raw_sample(NOW_S * 1000, 1.0, "None")) for key in keys])
    found, sizes, token = [], [], None
    for _ in range(5):
        answer = list_metrics(Asked({"NextToken": token}), Metrics(Journal(), custom, 0), NOW_S)
        found += [each["MetricName"] for each in answer["Metrics"]]
        sizes.append(len(answer["Metrics"]))
        token = answer.get("NextToken")
        if not token:
            break
    assert sizes == [500, 500, 201]
    assert sorted(found) == sorted(key.name for key in keys)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"NextToken": "nonsense"}, "not a page"),
        ({"RecentlyActive": "PT1H"}, "PT3H"),
        ({"Dimensions": [{"Name": "a"}] * 11}, "10"),
        ({"OwningAccount": "1"}, "OwningAccount is not implemented"),
    ],
)
def test_what_is_wrong_is_refused(metrics: Metrics, asked: dict[str, Any], message: str) -> None:
    with pytest.raises(AwsError, match=message):
        names(metrics, **asked)

"""How a request names a metric."""

from typing import Any

import boto3
import pytest

from lambdascope_proxy.local.errors import AwsError
from lambdascope_proxy.local.metrics.asked import Asked
from lambdascope_proxy.local.metrics.metric import UNITS, asked_period, asked_unit, metric_key


def test_the_units_are_those_of_the_service_model(boto_session: boto3.Session) -> None:
    client: Any = boto_session.client("cloudwatch")
    assert set(client.meta.service_model.shape_for("StandardUnit").enum) == UNITS
    client.close()


def test_dimensions_are_the_same_in_any_order_and_absent_ones_are_none() -> None:
    one, two = {"Name": "a", "Value": "1"}, {"Name": "b", "Value": "2"}
    names = {"Namespace": "n", "MetricName": "m"}
    assert metric_key(Asked({**names, "Dimensions": [one, two]})) == metric_key(
        Asked({**names, "Dimensions": [two, one]})
    )
    assert metric_key(Asked(names)) == metric_key(Asked({**names, "Dimensions": []}))
    assert metric_key(Asked(names)) != metric_key(Asked({**names, "Dimensions": [one]}))


@pytest.mark.parametrize(
    "dimensions", [[{"Name": "a", "Value": "1"}] * 2, [{"Name": f"a{n}", "Value": "1"} for n in range(31)]]
)
def test_dimensions_that_cannot_be_are_refused(dimensions: list[dict[str, str]]) -> None:
    with pytest.raises(AwsError, match="Dimensions"):
        metric_key(Asked({"Namespace": "n", "MetricName": "m", "Dimensions": dimensions}))


@pytest.mark.parametrize("period_s", [0, -60, 1, 59, 61])
def test_a_period_is_whole_minutes(period_s: int) -> None:
    assert asked_period(Asked({"Period": 120})) == 120
    with pytest.raises(AwsError, match="multiple of 60"):
        asked_period(Asked({"Period": period_s}))


def test_an_unknown_unit_is_refused() -> None:
    assert asked_unit(Asked({"Unit": "Bytes/Second"})) == "Bytes/Second"
    assert asked_unit(Asked({})) is None
    with pytest.raises(AwsError, match="hours"):
        asked_unit(Asked({"Unit": "hours"}))

"""What looking costs in the background, as a metric."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from lambdascope_proxy.telemetry.looking_meter import metering

ROW = {"tool_name": "reconcile", "region": "eu-west-1", "cost_usd": Decimal("0.0125")}
SERIES = (("cloud.region", "eu-west-1"), ("gen_ai.tool.name", "reconcile"))


def test_the_cost_of_a_look_is_metered_and_its_row_goes_on(metered: Any) -> None:
    kept: list[Mapping[str, Any]] = []
    append = metering(kept.append, metered.meters)
    append(ROW)
    append({**ROW, "cost_usd": None})
    assert kept == [ROW, {**ROW, "cost_usd": None}]
    assert metered.read()["lambdascope.monitoring.cost"] == {SERIES: 0.0125}


def test_without_metrics_rows_go_straight_on() -> None:
    kept: list[Mapping[str, Any]] = []
    append = metering(kept.append, None)
    append(ROW)
    assert kept == [ROW]

"""Meters what is asked of CloudWatch in the background, which no call of a tool shows."""

from collections.abc import Callable, Mapping
from typing import Any

from lambdascope_proxy import names
from lambdascope_proxy.guard import guarded
from lambdascope_proxy.telemetry.meters import Meters
from lambdascope_proxy.telemetry.metric_table import MONITORING_COST

Append = Callable[[Mapping[str, Any]], object]


def metering(append: Append, meters: Meters | None) -> Append:
    """`append`, which takes rows for the history, with their cost metered where metrics are on."""
    if meters is None:
        return append

    def append_metered(row: Mapping[str, Any]) -> object:
        guarded("metering a look", _meter, meters, row)
        return append(row)

    return append_metered


def _meter(meters: Meters, row: Mapping[str, Any]) -> None:
    labels = {names.TOOL_NAME: row["tool_name"], names.CLOUD_REGION: row["region"]}
    meters.add(MONITORING_COST, float(row["cost_usd"] or 0), labels)

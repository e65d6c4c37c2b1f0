"""Meters what the logs told of calls after they had ended for their callers: executions, prices, late outcomes."""

from collections.abc import Iterable
from typing import Any

from lambdascope_analytics.pricing import load_rates
from lambdascope_proxy import names
from lambdascope_proxy.reconcile.pending import Pending
from lambdascope_proxy.reconcile.settled import Settled
from lambdascope_proxy.reconcile.settling import executions_of
from lambdascope_proxy.telemetry import metric_table as m
from lambdascope_proxy.telemetry.execution_meter import meter_execution, told
from lambdascope_proxy.telemetry.meters import Meters


def meter_settled(meters: Meters, calls: Iterable[Settled]) -> None:
    """Meters calls that were completed. A counter cannot go down: what was estimated of a price stays."""
    for call in calls:
        labels = _labels(call.pending)
        executions = executions_of(call.pending, call.function, call.attempts, load_rates())
        for execution in executions:
            meter_execution(meters, execution, {**labels, names.COLD_START: told(execution.cold_start)})
        if not call.pending.is_event:
            continue
        if any(execution.cost_usd is None for execution in executions):
            meters.add(m.UNPRICED, 1, labels)
        if call.outcome:
            meters.add(m.CALLS_COMPLETED, 1, {**labels, names.OUTCOME: call.outcome.value})


def _labels(pending: Pending) -> dict[str, Any]:
    """As the call itself was metered, whose cost must stand beside its count."""
    return {
        names.TOOL_NAME: pending.tool_name,
        names.CLIENT_NAME: pending.client_name,
        names.OUTCOME: pending.outcome,
        names.COST_SOURCE: "logs",
        names.FAAS_NAME: pending.function_name,
        names.FAAS_REGION: pending.region,
    }

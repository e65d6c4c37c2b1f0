"""Meters one execution: what its REPORT line told, wherever that was read, and its price."""

from lambdascope_proxy.call import Invocation
from lambdascope_proxy.telemetry import metric_table as m
from lambdascope_proxy.telemetry.meters import Labels, Meters


def meter_execution(meters: Meters, execution: Invocation, labels: Labels) -> None:
    """What its REPORT line told, where there was one, and its price."""
    if execution.duration_ms is not None and execution.billed_ms is not None:
        meters.record(m.HANDLER_DURATION, execution.duration_ms / 1e3, labels)
        meters.add(m.BILLED_DURATION, execution.billed_ms / 1e3, labels)
        # After a throttle, what is left beside the execution holds our own pauses.
        if execution.overhead_ms is not None and execution.attempts == 1:
            meters.record(m.PLATFORM_DURATION, execution.overhead_ms / 1e3, labels)
    if execution.cold_start:
        meters.add(m.COLD_STARTS, 1, labels)
        meters.record(m.INIT_DURATION, _init_ms(execution) / 1e3, labels)
    if execution.memory_mb and execution.max_memory_mb is not None:
        meters.record(m.MEMORY_UTILIZATION, execution.max_memory_mb / execution.memory_mb, labels)
    if execution.cost_usd is not None:
        _meter_cost(meters, execution, float(execution.cost_usd), labels)


def _meter_cost(meters: Meters, execution: Invocation, cost: float, labels: Labels) -> None:
    meters.add(m.COST, cost, labels)
    if execution.billed_ms and execution.cold_start:
        meters.add(m.INIT_COST, cost * min(1.0, _init_ms(execution) / execution.billed_ms), labels)
    if execution.memory_mb and execution.max_memory_mb is not None:
        unused = max(0.0, 1 - execution.max_memory_mb / execution.memory_mb)
        meters.add(m.UNUSED_MEMORY_COST, cost * unused, labels)


def _init_ms(execution: Invocation) -> float:
    return (execution.init_ms or 0.0) + (execution.restore_ms or 0.0)


def told(cold_start: bool | None) -> str:
    """Whether it was a cold start, as the value of an attribute."""
    return "unknown" if cold_start is None else str(cold_start).lower()

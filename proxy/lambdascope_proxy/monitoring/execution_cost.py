"""What the executions of a window cost: exact where logs tell what was billed, else an estimate from metrics. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from typing import Final

from lambdascope_analytics.errors import PricingError
from lambdascope_analytics.pricing import RateTable
from lambdascope_proxy.call import CostSource
from lambdascope_proxy.measure import CENT_FRACTION
from lambdascope_proxy.monitoring.execution_question import Found
from lambdascope_proxy.monitoring.log_queries import LogFigures
from lambdascope_proxy.selection import Function

_EXACT: Final = Context(prec=80)
_MB_MS_PER_GB_S: Final = 1024 * 1000
_FREE_STORAGE_MB: Final = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionCost:
    """GB-seconds and their list price with that of the requests and of ephemeral storage; None is unknown.

    `logs` has what Lambda billed; `estimated` has run time only, without the init phases that are billed too.
    """

    cost_usd: Decimal | None
    gb_s: Decimal | None
    source: CostSource
    rates_version: str | None


_UNKNOWN: Final = ExecutionCost(cost_usd=None, gb_s=None, source="none", rates_version=None)


def cost_of(rates: RateTable, function: Function, found: Found) -> ExecutionCost:
    """From logs if they were read; else an estimate from metrics; else unknown."""
    if found.logs is not None:
        return cost_from_logs(rates, function, found.logs)
    whole: Mapping[str, float] = found.metrics.whole if found.metrics else {}
    if "invocations" not in whole or ("duration_sum" not in whole and whole["invocations"]):
        return _UNKNOWN
    duration_ms = whole.get("duration_sum", 0.0)
    return cost_from_metrics(rates, function, invocations=whole["invocations"], duration_sum_ms=duration_ms)


def cost_from_logs(rates: RateTable, function: Function, logs: LogFigures) -> ExecutionCost:
    """The exact price of what was billed."""
    return _cost(rates, function, logs.executions, Decimal(logs.billed_ms), Decimal(logs.billed_mb_ms), "logs")


def cost_from_metrics(
    rates: RateTable, function: Function, *, invocations: float, duration_sum_ms: float
) -> ExecutionCost:
    """The least it can have cost: run time at the memory size of today, no init, nothing rounded up."""
    run_ms = Decimal(str(duration_sum_ms))
    return _cost(rates, function, round(invocations), run_ms, run_ms * function.memory_mb, "estimated")


def _cost(
    rates: RateTable, function: Function, requests: int, run_ms: Decimal, mb_ms: Decimal, source: CostSource
) -> ExecutionCost:
    with localcontext(_EXACT):
        gb_s = mb_ms / _MB_MS_PER_GB_S
        storage_gb_s = run_ms * (function.ephemeral_storage_mb - _FREE_STORAGE_MB) / _MB_MS_PER_GB_S
        amount = _amount(rates, function, requests, gb_s, storage_gb_s)
    if amount is None:
        return ExecutionCost(cost_usd=None, gb_s=gb_s, source="none", rates_version=None)
    return ExecutionCost(cost_usd=amount.quantize(CENT_FRACTION), gb_s=gb_s, source=source, rates_version=rates.version)


def _amount(
    rates: RateTable, function: Function, requests: int, gb_s: Decimal, storage_gb_s: Decimal
) -> Decimal | None:
    where = {"region": function.region, "architecture": function.architecture}
    try:
        amount = requests * rates.price_of("request", **where) + gb_s * rates.price_of("compute_gb_s", **where)
        if storage_gb_s:
            amount += storage_gb_s * rates.price_of("ephemeral_storage_gb_s", **where)
    except PricingError:
        return None
    return amount if rates.regions[function.region].currency == "USD" else None

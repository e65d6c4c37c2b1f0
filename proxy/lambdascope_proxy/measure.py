"""Puts numbers to one execution: the clocks, the memory and the price. Pure."""

import math
from dataclasses import replace
from decimal import Decimal

from lambdascope_analytics.errors import PricingError
from lambdascope_analytics.pricing import RateTable, price_invocation
from lambdascope_proxy.call import Invocation
from lambdascope_proxy.report import Report
from lambdascope_proxy.selection import Function

CENT_FRACTION = Decimal("0.000000000001")
# The history has room for less: with such a cost, which only a strange rate table gives, the row would be lost.
MOST_USD = Decimal(10**6)


def not_sent(function: Function, request_bytes: int) -> Invocation:
    """What is known of a call that ended before its request left: about the function, nothing about a run."""
    return Invocation(
        region=function.region,
        account_id=function.account_id,
        architecture=function.architecture,
        runtime=function.runtime,
        memory_mb=function.memory_mb,
        request_bytes=request_bytes,
        attempts=0,
    )


def with_report(invocation: Invocation, report: Report | None) -> Invocation:
    """Adds what the REPORT line measured; without one everything it would have said stays unknown."""
    if report is None:
        return invocation
    started = (report.init_ms or 0.0) + (report.restore_ms or 0.0)
    overhead = None if invocation.invoke_ms is None else invocation.invoke_ms - started - report.duration_ms
    return replace(
        invocation,
        duration_ms=report.duration_ms,
        billed_ms=report.billed_ms,
        init_ms=report.init_ms,
        restore_ms=report.restore_ms,
        overhead_ms=None if overhead is None else round(max(0.0, overhead), 3),
        cold_start=report.is_cold,
        memory_mb=report.memory_mb or invocation.memory_mb,
        max_memory_mb=report.max_memory_mb,
        xray_trace_id=report.xray_trace_id or invocation.xray_trace_id,
    )


def with_price(invocation: Invocation, function: Function, rates: RateTable) -> Invocation:
    """Adds the list price of the execution.

    Measured when the REPORT line gave billed ms; estimated from the time we waited (an upper bound on the handler's
    own) when it did not; none when the rate table lacks the region or architecture, or prices it in another currency.
    """
    is_measured = invocation.billed_ms is not None
    billed_ms = invocation.billed_ms if invocation.billed_ms is not None else math.ceil(invocation.invoke_ms or 0)
    try:
        price = price_invocation(
            rates,
            region=function.region,
            architecture=function.architecture,
            memory_mb=invocation.memory_mb or function.memory_mb,
            billed_ms=billed_ms,
            ephemeral_storage_mb=function.ephemeral_storage_mb,
        )
    except PricingError:
        return invocation
    if price.cost_usd is None or price.cost_usd >= MOST_USD:
        return invocation
    return replace(
        invocation,
        cost_usd=price.cost_usd.quantize(CENT_FRACTION),
        cost_source="measured" if is_measured else "estimated",
        rates_version=price.rates_version,
    )

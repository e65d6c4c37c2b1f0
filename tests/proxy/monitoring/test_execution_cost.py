"""What executions cost, exactly."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.pricing import load_rates, price_invocation
from lambdascope_proxy.cloudwatch.bill import Bill
from lambdascope_proxy.cloudwatch.window import Window
from lambdascope_proxy.monitoring.execution_cost import cost_from_logs, cost_of
from lambdascope_proxy.monitoring.execution_question import Found
from lambdascope_proxy.monitoring.log_queries import LogFigures, read_figures
from lambdascope_proxy.monitoring.metric_figures import MetricFigures, read_metrics
from lambdascope_proxy.selection import Function

START = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
FREE = Bill(region="us-east-1")


def logs(executions: int, billed_ms: int, billed_mb_ms: int) -> LogFigures:
    return read_figures([{"executions": f"{executions}", "billedMs": f"{billed_ms}", "billedMBms": f"{billed_mb_ms}"}])


def metrics(**whole: float) -> MetricFigures:
    empty = read_metrics({}, Window(start=START, end=START + timedelta(minutes=1)), 60)
    return MetricFigures(whole=whole, split=(), drawn=empty.drawn, newest_at=None)


@given(
    st.lists(st.tuples(st.integers(1, 900_000), st.sampled_from([128, 256, 1769, 10_240])), max_size=30),
    st.sampled_from(["x86_64", "arm64"]),
    st.sampled_from([512, 1024]),
)
def test_the_cost_from_logs_is_the_sum_of_the_prices_of_single_executions(
    function_of: Callable[..., Function], runs: list[tuple[int, int]], architecture: str, storage_mb: int
) -> None:
    # Sizes may differ within a window: only the sum of products is exact.
    rates, where = load_rates(), {"region": "us-east-1", "architecture": architecture}
    prices = [
        price_invocation(rates, memory_mb=size, billed_ms=billed, ephemeral_storage_mb=storage_mb, **where).amount
        for billed, size in runs
    ]
    function = function_of(architecture=architecture, ephemeral_storage_mb=storage_mb)
    figures = logs(len(runs), sum(run[0] for run in runs), sum(run[0] * run[1] for run in runs))
    cost = cost_from_logs(rates, function, figures)
    assert cost.cost_usd == sum(prices, Decimal(0)).quantize(Decimal("1e-12"))
    assert (cost.source, cost.rates_version) == ("logs", rates.version)


def test_gigabyte_seconds_are_those_of_the_bill(function_of: Callable[..., Function]) -> None:
    cost = cost_from_logs(load_rates(), function_of(), logs(2, 1500, 1500 * 512))
    assert cost.gb_s == Decimal("0.75")
    assert cost.cost_usd == Decimal("0.0000004") + Decimal("0.75") * Decimal("0.0000166667")


def test_without_logs_the_cost_is_estimated_from_the_time_that_handlers_ran(
    function_of: Callable[..., Function],
) -> None:
    found = Found(metrics=metrics(invocations=10.0, duration_sum=2048.5), bill=FREE)
    cost = cost_of(load_rates(), function_of(memory_mb=256), found)
    assert (cost.gb_s, cost.source) == (Decimal("0.512125"), "estimated")


@pytest.mark.parametrize(
    ("found", "source"),
    [
        ({}, "none"),
        ({"metrics": metrics()}, "none"),
        ({"metrics": metrics(invocations=3.0)}, "none"),
        ({"metrics": metrics(invocations=0.0)}, "estimated"),
        ({"metrics": metrics(invocations=3.0, duration_sum=5.0), "logs": logs(3, 9, 9 * 128)}, "logs"),
    ],
)
def test_what_is_not_known_is_no_zero(function_of: Callable[..., Function], found: dict[str, Any], source: str) -> None:
    cost = cost_of(load_rates(), function_of(), Found(bill=FREE, **found))
    assert cost.source == source
    assert (cost.cost_usd is None) == (source == "none")


@pytest.mark.parametrize("region", ["xx-nowhere-1", "cn-north-1"])
def test_a_region_without_known_dollar_price_has_no_cost(function_of: Callable[..., Function], region: str) -> None:
    cost = cost_from_logs(load_rates(), function_of(region=region), logs(1, 100, 12_800))
    assert (cost.cost_usd, cost.source, cost.gb_s) == (None, "none", Decimal("0.0125"))

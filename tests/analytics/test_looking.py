from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.looking import price_of_looking


def test_twenty_functions_with_eight_metrics_a_minute_cost_69_dollars_a_month() -> None:
    """The figure people are warned with: GetMetricData is billed by the metric, and batching does not lower it."""
    price = price_of_looking(region="us-east-1", metrics=20 * 8 * 60 * 24 * 30, scanned_bytes=0)
    assert price is not None
    assert price.cost_usd == Decimal("69.12")


def test_a_scanned_gigabyte_costs_half_a_cent() -> None:
    price = price_of_looking(region="us-east-1", metrics=0, scanned_bytes=10**9)
    assert price is not None
    assert (price.cost_usd, price.rates_version) == (Decimal("0.005"), "cloudwatch-2026-11-22")


def test_a_region_whose_prices_are_not_known_has_no_price() -> None:
    """A default price would be a wrong bill."""
    assert price_of_looking(region="eu-nowhere-1", metrics=1, scanned_bytes=1) is None


@given(metrics=st.integers(0, 10**9), scanned=st.integers(0, 10**15))
def test_the_parts_of_a_price_add_up(metrics: int, scanned: int) -> None:
    parts = ((metrics, scanned), (metrics, 0), (0, scanned))
    prices = [price_of_looking(region="us-east-1", metrics=m, scanned_bytes=s) for m, s in parts]
    whole, of_metrics, of_logs = (price.cost_usd for price in prices if price is not None)
    assert abs(whole - of_metrics - of_logs) <= Decimal("1e-12")


@pytest.mark.parametrize("figures", [(-1, 0), (0, -1)])
def test_negative_figures_are_refused(figures: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        price_of_looking(region="us-east-1", metrics=figures[0], scanned_bytes=figures[1])

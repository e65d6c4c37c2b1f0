from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.errors import MissingPriceError, PricingInputError
from lambdascope_analytics.pricing import Price
from lambdascope_analytics.pricing.observability import GetMetricData, Observability, price_observability
from lambdascope_analytics.pricing.tables import load_cloudwatch_rates

LOG_TIERS = (("0.50", 10_000), ("0.25", 20_000), ("0.10", 20_000), ("0.05", None))


def price(**used: Any) -> Price:
    return price_observability(load_cloudwatch_rates(), Observability(**{"region": "us-east-1", **used}))


def in_cents(amount: Fraction) -> Fraction:
    return Fraction(floor(amount * 100 + Fraction(1, 2)), 100)


@given(metrics=st.integers(0, 10**6), interval_s=st.integers(1, 86_400), days=st.decimals(0, 31, places=2))
def test_metrics_asked_for_are_billed_to_the_cent_of_the_exact_quotient(
    metrics: int, interval_s: int, days: Decimal
) -> None:
    """Catches a quotient that was rounded before it was priced."""
    asked = GetMetricData(metrics=Decimal(metrics), interval_s=Decimal(interval_s), days=days)
    exact = Fraction(metrics) * Fraction(days) * 86_400 / interval_s / 100_000
    assert Fraction(price(getmetricdata=asked).amount) == in_cents(exact)


@given(gb=st.decimals(0, 200_000, places=3))
def test_logs_of_lambda_get_cheaper_by_the_tier_and_each_tier_is_rounded(gb: Decimal) -> None:
    left, expected = Fraction(gb), Fraction(0)
    for rate, size in LOG_TIERS:
        taken = left if size is None else min(left, Fraction(size))
        expected += in_cents(taken * Fraction(rate))
        left -= taken
    assert Fraction(price(lambda_log_gb=gb).amount) == expected


def test_each_thing_used_is_a_line_of_its_unit() -> None:
    bill = price(
        getmetricdata=GetMetricData(metrics=Decimal(1), interval_s=Decimal(7), days=Decimal(1)),
        lambda_log_gb=Decimal(1),
        log_gb=Decimal(2),
        log_storage_gb_months=Decimal(3),
        insights_scanned_gb=Decimal(4),
        custom_metrics=Decimal(5),
    )
    assert [(line.item, line.quantity, line.unit, line.amount) for line in bill.lines] == [
        ("metric_requests", Decimal("12342.857142857143"), "metrics", Decimal("0.12")),
        ("lambda_logs", 1, "GB", Decimal("0.50")),
        ("logs", 2, "GB", Decimal("1.00")),
        ("log_storage", 3, "GB-month", Decimal("0.09")),
        ("insights_scan", 4, "GB", Decimal("0.02")),
        ("custom_metrics", 5, "metric-months", Decimal("1.50")),
    ]
    assert bill.amount == Decimal("3.23")
    assert bill.rates_version == "cloudwatch-2026-11-22"


def test_where_nothing_is_used_there_is_nothing_to_price() -> None:
    with pytest.raises(PricingInputError, match="getmetricdata, lambda_log_gb"):
        Observability(region="us-east-1")


@pytest.mark.parametrize(("field", "value"), [("region", None), ("getmetricdata", {"metrics": 1})])
def test_what_is_not_of_its_type_is_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(PricingInputError) as caught:
        price(**{"log_gb": 1, field: value})
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("item", "used"),
    [
        ("logs", {"region": "eu-west-1", "log_gb": Decimal(1)}),
        ("insights_scan", {"region": "eu-central-1", "insights_scanned_gb": Decimal(1)}),
        ("custom_metrics", {"custom_metrics": Decimal(10_001)}),
    ],
)
def test_a_price_that_is_not_known_is_named_and_never_guessed(item: str, used: dict[str, Any]) -> None:
    with pytest.raises(MissingPriceError, match=item) as caught:
        price(**used)
    assert used.get("region", "us-east-1") in str(caught.value)


def test_another_region_has_its_own_price_for_logs() -> None:
    assert price(region="eu-central-1", log_gb=Decimal(100)).amount == 63


@pytest.mark.parametrize("field", ["metrics", "interval_s", "days"])
def test_negative_figures_are_refused_by_name(field: str) -> None:
    figures = {"metrics": Decimal(1), "interval_s": Decimal(60), "days": Decimal(1), field: Decimal(-1)}
    with pytest.raises(PricingInputError, match=f"getmetricdata.{field}"):
        GetMetricData(**figures)
    with pytest.raises(PricingInputError, match="log_gb"):
        price(log_gb=Decimal(-1))


def test_metrics_cannot_be_asked_for_all_the_time() -> None:
    with pytest.raises(PricingInputError, match="interval_s must be above 0"):
        GetMetricData(metrics=Decimal(1), interval_s=Decimal(0), days=Decimal(1))

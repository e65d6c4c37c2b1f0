"""What executions cost, and amounts in words."""

from decimal import Decimal

import pytest

from lambdascope_analytics.analyses.sizing_prices import Prices, Saving, money
from lambdascope_analytics.pricing import load_rates, price_invocation


def test_compute_is_priced_as_an_invocation_is_without_its_request() -> None:
    prices = Prices(rates=load_rates(), region="eu-south-1", factor=Decimal(1))
    whole = price_invocation(load_rates(), region="eu-south-1", architecture="arm64", memory_mb=640, billed_ms=1234)
    (request, compute) = whole.lines
    assert request.item == "requests"
    assert prices.compute(640 * 1234, "arm64") == compute.amount


def test_what_the_table_does_not_hold_has_no_price_and_no_amount() -> None:
    prices = Prices(rates=load_rates(), region="cn-north-1", factor=Decimal(1))
    assert prices.compute(1000, "arm64") is None
    assert prices.compute(1000, None) is None
    assert prices.currency == "CNY"
    assert prices.fields(None) == {}


@pytest.mark.parametrize(("region", "currency"), [("us-east-1", "usd"), ("cn-north-1", "cny")])
def test_a_saving_is_told_for_a_month_in_its_own_currency(region: str, currency: str) -> None:
    prices = Prices(rates=load_rates(), region=region, factor=Decimal("4.5"))
    assert prices.fields(Saving(most=Decimal(2), least=None)) == {
        f"saves_{currency}_month": Decimal(9),
        f"saves_least_{currency}_month": None,
    }


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        ("0", "$0.00"),
        ("1234.567", "$1,234.57"),
        ("0.1", "$0.10"),
        ("0.0234", "$0.023"),
        ("0.00000123", "$0.0000012"),
        ("-2.5", "-$2.50"),
    ],
)
def test_amounts_in_words_go_to_the_cent_or_to_two_digits(amount: str, told: str) -> None:
    assert money(Decimal(amount), "USD") == told


def test_yuan_are_not_dollars() -> None:
    assert money(Decimal("3.5"), "CNY") == "CNY 3.50"

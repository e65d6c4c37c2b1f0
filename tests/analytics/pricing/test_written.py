import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.pricing import load_rates
from lambdascope_analytics.pricing.report import Report, price_report
from lambdascope_analytics.pricing.usage import Usage, price_usage
from lambdascope_analytics.pricing.what_if import what_if
from lambdascope_analytics.pricing.written import bill_data, digits, money, what_if_data

USED = Usage(
    region="us-east-1", memory_mb=512, requests=Decimal(10**6), billed_total_ms=Decimal(10**8), free_tier=False
)


@given(number=st.decimals(allow_nan=False, allow_infinity=False))
def test_a_number_is_written_in_full_and_without_an_exponent(number: Decimal) -> None:
    text = digits(number)
    assert Decimal(text) == number
    assert "E" not in text.upper()
    assert text.lstrip("-").strip("0") != "."
    assert not ("." in text and text.endswith(("0", ".")))


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0", "0.00"), ("-0", "0.00"), ("0.4", "0.40"), ("1E+2", "100.00"), ("0.0000060500117", "0.0000060500117")],
)
def test_an_amount_has_its_cents_and_all_further_digits(amount: str, text: str) -> None:
    assert money(Decimal(amount)) == text


def test_a_bill_is_written_whole() -> None:
    assert json.loads(json.dumps(bill_data(price_usage(load_rates(), USED), USED))) == {
        "currency": "USD",
        "lines": [
            {"item": "requests", "quantity": "1000000", "unit": "requests", "usd": "0.20"},
            {"item": "compute", "quantity": "50000", "unit": "GB-s", "usd": "0.83"},
        ],
        "usd": "1.03",
    }


def test_yuan_stand_under_their_own_name_and_a_report_tells_its_billed_time() -> None:
    report = Report(region="cn-north-1", memory_mb=1024, duration_ms=Decimal("1.5"), date=date(2026, 1, 1))
    data = bill_data(price_report(load_rates(), report), report)
    assert (data["currency"], data["billed_ms"], data["cny"]) == ("CNY", 2, "0.000001586954")
    assert all("usd" not in line for line in data["lines"])


def test_a_what_if_is_both_bills_and_the_difference() -> None:
    data = what_if_data(what_if(load_rates(), USED, memory_mb=1024))
    assert (data["before"]["usd"], data["after"]["usd"]) == ("1.03", "1.87")
    assert data["difference"] == {
        "lines": [{"item": "requests", "usd": "0.00"}, {"item": "compute", "usd": "0.84"}],
        "usd": "0.84",
    }


def test_between_two_currencies_there_is_no_difference() -> None:
    data = what_if_data(what_if(load_rates(), USED, region="cn-north-1"))
    assert data["difference"] is None
    assert data["after"]["currency"] == "CNY"

"""Figures in sentences are short, and never zero or whole for what is only nearly so."""

from decimal import Decimal

import pytest

from lambdascope_analytics.analyses.wording import change_percent, counted, dollars, length, milliseconds, percent


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (None, "unknown"),
        (0, "0%"),
        (1, "100%"),
        (0.5, "50%"),
        (0.03123, "3.12%"),
        (0.31234, "31.2%"),
        (0.00004, "<0.01%"),
        (0.99996, ">99.99%"),
        (0.9973, "99.73%"),
    ],
)
def test_shares_are_percentages(share: float | None, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (None, "an unknown amount"),
        ("0", "$0"),
        ("1234.5", "$1,234.50"),
        ("0.135390115694", "$0.1354"),
        ("0.0000020833", "$0.000002083"),
        ("-2.5", "-$2.500"),
        ("0.0000000000001", "less than $0.000000001"),
    ],
)
def test_money_has_four_digits_and_at_least_cents(amount: str | None, text: str) -> None:
    assert dollars(None if amount is None else Decimal(amount)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "unknown"),
        (0, "0 ms"),
        (0.0312, "0.031 ms"),
        (0.25, "0.25 ms"),
        (12.34, "12.3 ms"),
        (1234.5, "1,234 ms"),
        (61_250, "61.2 s"),
    ],
)
def test_times_have_their_unit(value: float | None, text: str) -> None:
    assert milliseconds(value) == text


def test_a_stretch_of_time_is_told_in_its_largest_whole_unit() -> None:
    assert [length(seconds) for seconds in (86_400, 172_800, 5_400, 90.5)] == [
        "1 day",
        "2 days",
        "90 minutes",
        "90.5 seconds",
    ]


def test_one_is_no_plural() -> None:
    assert [counted(count, "call") for count in (0, 1, 2_000)] == ["0 calls", "1 call", "2,000 calls"]


@pytest.mark.parametrize(
    ("change", "text"), [(0.5, "+50.0%"), (-0.031, "-3.1%"), (-0.0004, "less than 0.1%"), (12, "+1,200.0%")]
)
def test_a_change_in_percent_has_a_sign_unless_it_rounds_to_nothing(change: float, text: str) -> None:
    assert change_percent(change) == text

"""Only what is spelled plainly and lies within bounds is a number of a price list."""

from decimal import Decimal

import pytest

from lambdascope_analytics.pricing.amounts import as_bound, as_price, read_decimal


def test_plain_decimals_keep_every_digit() -> None:
    assert str(read_decimal("000.000000000000001")) == "1E-15"
    assert read_decimal("15000000000") == 15 * 10**9


@pytest.mark.parametrize(
    "text", ["", "+1", "-1", "1e3", "1_000", ".5", "5.", "NaN", "Inf", "\u0661", " 1", "1\n", 1, None]
)
def test_other_spellings_are_refused(text: object) -> None:
    with pytest.raises(ValueError, match="not a plain decimal"):
        read_decimal(text)


def test_a_message_is_no_longer_than_one_reads() -> None:
    with pytest.raises(ValueError, match="plain") as told:
        read_decimal("1" * 100_000)
    assert len(str(told.value)) < 120


@pytest.mark.parametrize("number", ["0", "1000000", "1e-16", "0.1111111111111111"])
def test_what_no_unit_costs_is_no_price(number: str) -> None:
    with pytest.raises(ValueError, match="no price"):
        as_price(Decimal(number))


def test_prices_and_ranges_end_where_they_say() -> None:
    assert as_price(Decimal("999999.999999999999999")) < 10**6
    assert (as_bound(Decimal(0)), as_bound(Decimal(10**15 - 1))) == (0, 10**15 - 1)
    with pytest.raises(ValueError, match="no quantity"):
        as_bound(Decimal(10**15))

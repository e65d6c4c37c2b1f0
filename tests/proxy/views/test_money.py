import pytest

from lambdascope_proxy.views.money import amounts, change, changes, dollars


@pytest.mark.parametrize(
    ("amount", "text"),
    [(None, "unknown"), ("0", "$0"), ("12345.678", "$12,345.68"), ("0.0000012346", "$0.000001235"), ("-3", "-$3.000")],
)
def test_an_amount_has_four_digits_and_what_is_not_known_is_no_zero(amount: str | None, text: str) -> None:
    assert dollars(amount) == text


@pytest.mark.parametrize(
    ("amount", "part", "text"),
    [
        (None, None, ""),
        ("2", 0.25, "+$2.000 (+25.0%)"),
        ("-2", -0.5, "-$2.000 (-50.0%)"),
        ("2", None, "+$2.000"),
        ("-0.01", -1e-4, "-$0.01000 (less than 0.1%)"),
    ],
)
def test_a_change_says_its_direction_and_its_share_where_there_was_something(
    amount: str | None, part: float | None, text: str
) -> None:
    assert change(amount, part) == text


def test_amounts_in_other_currencies_stand_beside_dollars_and_are_not_added() -> None:
    assert amounts("1.2", {"CNY": "2.5"}) == "$1.200, CNY 2.500"
    assert amounts(None, {"CNY": "2.5"}) == "CNY 2.500"
    assert (amounts(None, {}), amounts(None, {}, unknown="no price")) == ("unknown", "no price")


def test_a_change_is_told_in_each_currency() -> None:
    assert changes("0.3", 0.5, {"CNY": "-2"}) == "+$0.3000 (+50.0%), CNY -2.000"
    assert (changes(None, None, {"CNY": "2"}), changes(None, None, {})) == ("CNY +2.000", "")

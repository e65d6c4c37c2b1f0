"""Short ways to show times, figures and texts."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.monitoring.shown import iso, plain, rounded, trimmed


def test_a_time_is_utc_to_the_second() -> None:
    assert iso(datetime(2026, 11, 22, 9, 5, 7, 999, tzinfo=UTC)) == "2026-11-22T09:05:07Z"


@pytest.mark.parametrize(("value", "shown"), [(None, None), (3.0, 3), (3.14159, 3.14), (0.004, 0.0)])
def test_a_figure_has_two_decimals_at_most(value: float | None, shown: float | None) -> None:
    assert repr(rounded(value)) == repr(shown)


@pytest.mark.parametrize(("value", "shown"), [("1E-7", "0.0000001"), ("2.50", "2.5"), ("100", "100"), ("0E-12", "0")])
def test_money_has_neither_exponent_nor_zeros_at_its_end(value: str, shown: str) -> None:
    assert plain(Decimal(value)) == shown


@given(st.text(max_size=60), st.integers(4, 40))
def test_a_text_is_one_line_within_its_bytes(text: str, most: int) -> None:
    shown = trimmed(text, most)
    assert len(shown.encode()) <= most
    assert len(shown.splitlines()) <= 1


def test_what_is_cut_says_so() -> None:
    assert trimmed("a  b\n c", 9) == "a b c"
    assert trimmed("grüße aus Köln", 8) == "grü..."

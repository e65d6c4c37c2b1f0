"""What is written beside axes: figures to three digits, names that fit, moments in UTC."""

import math
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.pictures.wording import ELLIPSIS, cut, known, moment, short, with_unit

FACTORS = {"k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.0004, "0.0004"),
        (0.0000002345, "0.000000234"),
        (99.999, "100"),
        (20.0, "20"),
        (0.00000000123, "1.23e-9"),
        (12.345, "12.3"),
        (999.6, "1,000"),
        (1234.5, "1,234"),
        (56_789, "56.8k"),
        (999_999, "1,000k"),
        (2_000_000, "2M"),
        (-3.25, "-3.25"),
        (1e18, "1e18"),
        (None, "unknown"),
        (math.nan, "unknown"),
        (math.inf, "unknown"),
    ],
)
def test_a_figure_is_told_to_three_digits(value: float | None, text: str) -> None:
    assert short(value) == text


@given(st.floats(min_value=-1e300, max_value=1e300))
def test_what_is_told_is_the_value_to_half_a_percent_in_few_characters(value: float) -> None:
    # Catches a wrong suffix, which would be wrong a thousandfold.
    text = short(value)
    factor = FACTORS.get(text[-1], 1.0)
    read = float(text.rstrip("kMGT").replace(",", "")) * factor
    assert math.isclose(read, value, rel_tol=0.00501)
    assert len(text) <= 14


@given(st.text(), st.integers(min_value=4, max_value=60))
def test_a_name_fits_on_one_line_and_can_be_written_anywhere(text: str, most: int) -> None:
    told = cut(text, most)
    assert len(told) <= most
    assert not set(told) & {chr(code) for code in [*range(32), *range(127, 160), 0xFFFE, 0xFFFF]}
    told.encode()


def test_a_long_name_keeps_both_its_ends_which_tell_names_apart() -> None:
    assert cut("orders-service-create-production", 20) == "orders-se...oduction"
    assert cut("orders-service-create-production", 20).count(ELLIPSIS) == 1
    assert cut(" orders\n", 20) == "orders"


def test_a_long_sentence_keeps_its_beginning() -> None:
    assert cut("at most 241 of 512 MB were used in all executions", 24) == "at most 241 of 512 MB..."


def test_a_title_says_the_unit_and_an_axis_that_is_not_linear() -> None:
    assert with_unit("Duration", "ms") == "Duration (ms)"
    assert with_unit("Duration", "ms", is_log=True) == "Duration (ms, log scale)"
    assert with_unit("Share", "") == "Share"


def test_a_moment_is_in_utc_and_to_the_minute_where_days_are_few() -> None:
    berlin = NOON.astimezone(timezone(timedelta(hours=1)))
    assert moment(berlin, timedelta(hours=5)) == "11-22 12:00 UTC"
    assert moment(berlin, timedelta(days=30)) == "2026-11-22"


def test_what_cannot_be_placed_is_not_known() -> None:
    assert known([1, None, math.nan, -math.inf, 1e300, 5e-324, 0.5]) == [1.0, None, None, None, None, 0.0, 0.5]

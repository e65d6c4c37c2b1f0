"""How figures are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.views.figures import bar, counted, figure, gathered, length, moment, percentiles, share, span
from lambdascope_proxy.views.page import Page, Surface

PLAIN = Page(Surface(encoding="ascii"))


@pytest.mark.parametrize(
    ("value", "text"), [(None, "unknown"), (0, "0"), (1234567, "1,234,567"), (12.5, "12.5"), (3.0, "3"), (100.0, "100")]
)
def test_a_figure_has_separators_and_no_zeros_at_its_end(value: float | None, text: str) -> None:
    assert figure(value) == text


@pytest.mark.parametrize(("count", "text"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (1234, "1,234 rows")])
def test_one_of_a_thing_is_no_plural(count: int, text: str) -> None:
    assert counted(count, "row") == text


@pytest.mark.parametrize(
    ("part", "text"),
    [(None, ""), (0, "0%"), (0.00001, "<0.1%"), (0.333, "33.3%"), (0.5, "50%"), (0.9999, ">99.9%"), (1, "100%")],
)
def test_a_share_is_none_or_all_only_when_it_is(part: float | None, text: str) -> None:
    """One error in ten thousand is not 0 %."""
    assert share(part) == text


def test_percentiles_stand_in_one_line_and_unknown_ones_not_at_all() -> None:
    assert percentiles({"p50_ms": 12.25, "p99_ms": 2000, "max_ms": None}) == "p50 12.25, p99 2,000 ms"
    assert percentiles({"p50_ms": None}) == ""


def test_a_moment_keeps_its_milliseconds_if_it_has_any() -> None:
    assert moment("2026-11-22T17:32:48Z") == "2026-11-22 17:32:48"
    assert moment("2026-11-22T17:32:48.740597Z") == "2026-11-22 17:32:48.740"


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        ("2026-11-22T14:30:00Z", "2026-11-22T17:35:00Z", "2026-11-22 14:30 to 17:35 UTC"),
        ("2026-11-21T14:30:00Z", "2026-11-22T17:35:00Z", "2026-11-21 14:30 to 2026-11-22 17:35 UTC"),
        ("2026-11-22T14:30:01Z", "2026-11-22T17:35:00Z", "2026-11-22 14:30:01 to 17:35:00 UTC"),
    ],
)
def test_a_window_says_its_day_once(start: str, end: str, text: str) -> None:
    assert span(start, end) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (60, "1 minute"),
        (300, "5 minutes"),
        (3600, "1 hour"),
        (5400, "90 minutes"),
        (86_400, "1 day"),
        (90, "90 seconds"),
    ],
)
def test_a_length_is_told_in_its_largest_whole_unit(seconds: int, text: str) -> None:
    assert length(seconds) == text


@pytest.mark.parametrize(("part", "drawn"), [(0, ""), (0.0001, "▏"), (0.5, "█████"), (0.55, "█████▌"), (1, "█" * 10)])
def test_a_bar_is_as_long_as_its_share_and_never_invisible(part: float, drawn: str) -> None:
    assert bar(part, 10, Page()) == drawn


@given(part=st.floats(min_value=-1, max_value=2, allow_nan=False))
def test_a_bar_never_leaves_its_column(part: float) -> None:
    assert len(bar(part, 10, Page())) <= 10
    assert set(bar(part, 10, PLAIN)) <= {"#"}


@given(values=st.lists(st.none() | st.floats(0, 1e9), max_size=80), most=st.integers(1, 80))
def test_gathered_values_fit_and_keep_the_highest(values: list[float | None], most: int) -> None:
    """A spike of one minute must be seen in a chart of hours."""
    fitted, step = gathered(values, most)
    assert len(fitted) <= most
    assert step == 1 or len(values) > most
    known = [value for value in values if value is not None]
    assert max((value for value in fitted if value is not None), default=None) == max(known, default=None)

"""The table below the charts of a PNG: cut to what fits, numbers to the right, and said where there is more."""

from decimal import Decimal
from typing import Any

import pytest
from matplotlib.figure import Figure

from lambdascope_proxy.pictures.picture import Picture
from lambdascope_proxy.pictures.table import MOST_ROWS, draw_table, is_numeric, table_height

NAME = "orders-service-create-in-production-and-in-staging"


def picture(count: int) -> Picture:
    rows = tuple((f"{NAME}-{number}", 1000 + number, Decimal("0.5"), None) for number in range(count))
    return Picture(title="t", subtitle="", charts=(), columns=("function", "calls", "USD", "p95"), rows=rows)


def texts(shown: Picture) -> list[Any]:
    figure: Any = Figure()
    draw_table(figure, shown)
    return figure.texts


def test_rows_stand_below_their_header_and_numbers_to_the_right() -> None:
    drawn = texts(picture(2))
    told = [text.get_text() for text in drawn]
    assert told == [
        *("function", f"{NAME}-0", f"{NAME}-1"),
        *("calls", "1,000", "1,001"),
        *("USD", "0.5", "0.5"),
        *("p95", "", ""),
    ]
    sides = [text.get_horizontalalignment() for text in drawn]
    assert sides == ["left"] * 3 + ["right"] * 6 + ["left"] * 3
    columns = [text.get_position()[0] for text in drawn[::3]]
    assert columns == sorted(columns)
    assert all(0 <= place <= 1 for text in drawn for place in text.get_position())


def test_rows_that_do_not_fit_are_counted() -> None:
    drawn = texts(picture(MOST_ROWS + 1_200))
    assert drawn[-1].get_text() == "and 1,200 more rows"
    assert len(drawn) == 4 * (MOST_ROWS + 1) + 1
    assert drawn[-1].get_position()[1] > 0, "within the part that is as high as it says"
    assert table_height(picture(MOST_ROWS)) == table_height(picture(500))


def test_a_row_that_is_too_long_for_the_page_loses_of_its_longest_cells_first() -> None:
    rows = ((NAME * 3, "a sentence that goes on " * 9, "short", "$0.5"),)
    drawn = texts(Picture(title="t", subtitle="", charts=(), columns=("", "", "", ""), rows=rows))
    told = [text.get_text() for text in drawn]
    assert told[2:] == ["short", "$0.5"], "and without names of columns there is no header"
    assert told[1].startswith("a sentence that")
    assert all(len(text) <= 55 for text in told)
    assert sum(map(len, told)) <= 128


@pytest.mark.parametrize(
    ("cells", "numeric"),
    [
        (["$0.12", "<0.1%", "1,234 ms", "-3.5%"], True),
        (["$0.000001", "no price", None, "$2", ""], True),
        ([3, Decimal(1), None], True),
        (["2026-10-01 00:01:16", "v3"], False),
        (["orders-1", "5"], False),
        ([True, False], False),
        ([], False),
    ],
)
def test_a_column_is_numeric_if_most_of_it_is(cells: list[object], numeric: bool) -> None:
    assert is_numeric(cells) == numeric

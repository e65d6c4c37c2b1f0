"""Draws the table below a picture's charts, as far as it fits; numbers stand to the right."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from lambdascope_proxy.pictures.colours import FAINT, GRID, INK
from lambdascope_proxy.pictures.picture import Picture
from lambdascope_proxy.pictures.wording import cut

MOST_ROWS: Final = 15
MOST_COLUMNS: Final = 9
CELL_CHARS: Final = 40
ROW_IN: Final = 0.23
MARGIN: Final = 0.012
FONT_PT: Final = 8.5


def table_height(picture: Picture) -> float:
    """Inches for its rows, their header and what says that there are more."""
    return ROW_IN * (min(len(picture.rows), MOST_ROWS) + 2.2)


def draw_table(part: Any, picture: Picture) -> None:
    """Writes the first rows into a part of a figure."""
    part.set_facecolor("none")
    rows = [picture.columns, *([told(cell) for cell in row] for row in picture.rows[:MOST_ROWS])]
    cells = [[cut(text, CELL_CHARS) for text in row[:MOST_COLUMNS]] for row in rows]
    line = ROW_IN / table_height(picture)
    for number, (left, right) in enumerate(_places(cells)):
        is_number = any(is_figure(row[number]) for row in picture.rows)
        for at, row in enumerate(cells):
            _write(part, right if is_number else left, 1 - line * (at + 0.7), row[number], at, is_right=is_number)
    part.add_artist(_rule(1 - line * 1.2))
    left_out = len(picture.rows) - MOST_ROWS
    if left_out > 0:
        _write(part, MARGIN, 1 - line * (len(cells) + 0.7), f"and {left_out:,} more rows", 0, is_right=False)


def told(cell: object) -> str:
    """A cell as tables of the terminal show it."""
    from lambdascope_proxy.views.page import told as told_on_page

    return told_on_page(cell)


def is_figure(cell: object) -> bool:
    """Whether a cell is a number."""
    return isinstance(cell, int | float | Decimal) and not isinstance(cell, bool)


def _places(cells: Sequence[Sequence[str]]) -> list[tuple[float, float]]:
    """The left and right end of each column, as wide as its longest text is long."""
    widths = [max(len(row[number]) for row in cells) + 3 for number in range(len(cells[0]))]
    # Characters that fit the page: a table of few columns is no wider than it needs to be.
    room = max(sum(widths), 150)
    ends = [sum(widths[: number + 1]) / room for number in range(len(widths))]
    span = 1 - 2 * MARGIN
    return [
        (MARGIN + span * (end - width / room), MARGIN + span * (end - 3 / room))
        for end, width in zip(ends, widths, strict=True)
    ]


def _write(part: Any, x: float, y: float, text: str, row: int, *, is_right: bool) -> None:
    colour = FAINT if row == 0 else INK
    side = "right" if is_right else "left"
    part.text(x, y, text, fontsize=FONT_PT, color=colour.light, horizontalalignment=side, verticalalignment="center")


def _rule(y: float) -> Any:
    from matplotlib.lines import Line2D

    return Line2D([MARGIN, 1 - MARGIN], [y, y], color=GRID.light, linewidth=0.8)

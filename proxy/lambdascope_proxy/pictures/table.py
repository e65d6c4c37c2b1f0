"""Draws the table below a picture's charts, as far as it fits; numbers stand to the right."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from lambdascope_proxy.pictures.colours import FAINT, GRID, INK, Colour
from lambdascope_proxy.pictures.picture import Picture
from lambdascope_proxy.pictures.wording import cut

MOST_ROWS: Final = 15
MOST_COLUMNS: Final = 9
# The longest texts of a cell, tried one after the other until a row fits the page.
CELL_CHARS: Final = (110, 90, 70, 55, 40, 32, 24, 18, 14, 10)
PAGE_CHARS: Final = 128
GAP_CHARS: Final = 3
ROW_IN: Final = 0.23
MARGIN: Final = 0.012
FONT_PT: Final = 8.5
_FIGURE: Final = re.compile(r"[<>~]?[-+]?[$¥]?[-+]?[0-9][0-9,]*(\.[0-9]+)?(e-?[0-9]+)?( ?(%|ms|s|MB|KB|GB|x|k|M|G))?")


def table_height(picture: Picture) -> float:
    """Inches for its rows, their header and what says that there are more."""
    return ROW_IN * (min(len(picture.rows), MOST_ROWS) + 2.2)


def draw_table(part: Any, picture: Picture) -> None:
    """Writes the first rows into a part of a figure."""
    part.set_facecolor("none")
    head = [picture.columns] if any(picture.columns) else []
    cells = _fitting([*head, *([told(cell) for cell in row] for row in picture.rows[:MOST_ROWS])])
    line = ROW_IN / table_height(picture)
    for number, (left, right) in enumerate(_places(cells)):
        is_number = is_numeric([row[number] for row in picture.rows])
        for at, row in enumerate(cells):
            colour = FAINT if head and at == 0 else INK
            _write(part, right if is_number else left, 1 - line * (at + 0.7), row[number], colour, is_right=is_number)
    if head:
        part.add_artist(_rule(1 - line * 1.2))
    left_out = len(picture.rows) - MOST_ROWS
    if left_out > 0:
        _write(part, MARGIN, 1 - line * (len(cells) + 0.7), f"and {left_out:,} more rows", FAINT, is_right=False)


def told(cell: object) -> str:
    """A cell as tables of the terminal show it."""
    from lambdascope_proxy.views.page import told as told_on_page

    return told_on_page(cell)


def is_numeric(cells: Sequence[object]) -> bool:
    """Whether a column holds numbers, or texts most of which are: $0.12, 4.5%, <0.1%, 12 ms."""
    given = [cell for cell in cells if cell not in {None, ""}]
    return sum(_is_figure(cell) for cell in given) * 2 > len(given)


def _is_figure(cell: object) -> bool:
    if isinstance(cell, str):
        return _FIGURE.fullmatch(cell) is not None
    return isinstance(cell, int | float | Decimal) and not isinstance(cell, bool)


def _fitting(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """The rows with their cells as long as a row of the page allows."""
    cells: list[list[str]] = []
    for most in CELL_CHARS:
        cells = [[cut(text, most) for text in row[:MOST_COLUMNS]] for row in rows]
        if sum(_widths(cells)) <= PAGE_CHARS:
            break
    return cells


def _widths(cells: Sequence[Sequence[str]]) -> list[int]:
    return [max(len(row[number]) for row in cells) + GAP_CHARS for number in range(len(cells[0]))]


def _places(cells: Sequence[Sequence[str]]) -> list[tuple[float, float]]:
    """The left and right end of each column, as wide as its longest text is long."""
    widths = _widths(cells)
    # A table of few columns is no wider than it needs to be.
    room = max(sum(widths), PAGE_CHARS)
    ends = [sum(widths[: number + 1]) / room for number in range(len(widths))]
    span = 1 - 2 * MARGIN
    return [
        (MARGIN + span * (end - width / room), MARGIN + span * (end - GAP_CHARS / room))
        for end, width in zip(ends, widths, strict=True)
    ]


def _write(part: Any, x: float, y: float, text: str, colour: Colour, *, is_right: bool) -> None:
    side = "right" if is_right else "left"
    part.text(x, y, text, fontsize=FONT_PT, color=colour.light, horizontalalignment=side, verticalalignment="center")


def _rule(y: float) -> Any:
    from matplotlib.lines import Line2D

    return Line2D([MARGIN, 1 - MARGIN], [y, y], color=GRID.light, linewidth=0.8)

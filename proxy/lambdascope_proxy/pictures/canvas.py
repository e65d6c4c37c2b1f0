"""Draws curves and bars with characters; the only module that knows plotext.

Everything is placed between 0 and 1 before it comes here: plotext ends the process on values that are no number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

# What its axes are made of, for where only ASCII can be written.
_FRAME: Final = str.maketrans("│┤├─┬┴└┘┌┐┼", "|||-+++++++")


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Points joined by a line, drawn with a character or with one of plotext's kinds of dots."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    marker: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Boxes:
    """Bars from one end to the other: `ends[i]` over the places `sides[i]`; lying ones grow to the right."""

    sides: tuple[tuple[float, float], ...]
    ends: tuple[tuple[float, float], ...]
    marker: str
    is_lying: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticks:
    """Words beside an axis."""

    places: tuple[float, ...] = ()
    words: tuple[str, ...] = ()


Shape = Curve | Boxes


def drawn(
    width: int, height: int, shapes: Sequence[Shape], *, x: Ticks | None = None, y: Ticks | None = None, is_plain: bool
) -> list[str]:
    """Lines of at most `width` characters, `height` of them; without ticks there is no axis. Raises: ImportError."""
    plotext: Any = import_module("plotext")
    figure = plotext.figure
    try:
        # As large as it is told to be, whatever the terminal is.
        plotext.terminal.limit(False, False)
        figure.clear()
        figure.plot_size(width, height).theme("colorless").legend(False)
        _frame(figure, x, y)
        for shape in shapes:
            _draw(figure, shape)
        text: str = figure.build().string(colorless=True)
    finally:
        figure.clear()
        plotext.terminal.limit()
    lines = text.split("\n")[:height]
    return [(line.translate(_FRAME) if is_plain else line).rstrip() for line in lines]


def _frame(figure: Any, x: Ticks | None, y: Ticks | None) -> None:
    for axis, ticks in (("x", x), ("y", y)):
        figure.axes(False, axis=axis, side="both").axes(ticks is not None, axis=axis, side=0)
        figure.ruler(axis, "both").lim(0, 1)
        figure.ruler(axis, "both").ticks([], [])
        if ticks:
            figure.ruler(axis, 0).ticks(list(ticks.places), list(ticks.words))


def _draw(figure: Any, shape: Shape) -> None:
    if isinstance(shape, Curve):
        figure.draw(figure.signal(list(shape.x), list(shape.y), marker=shape.marker).lines(len(shape.x) > 1))
        return
    for side, end in zip(shape.sides, shape.ends, strict=True):
        x, y = (end, side) if shape.is_lying else (side, end)
        figure.draw(figure.rectangle(x, y, marker=shape.marker))

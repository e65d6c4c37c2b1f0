"""Puts panels on Grafana's grid of 24 columns: from left to right, on the next line where there is no room."""

from collections.abc import Iterable
from typing import Final, NamedTuple

COLUMNS: Final = 24


class Place(NamedTuple):
    """Where a panel stands, in cells."""

    x: int
    y: int
    width: int
    height: int


def places(sizes: Iterable[tuple[int, int]], *, top: int) -> list[Place]:
    """A place for each width and height, beginning at the row `top`."""
    found: list[Place] = []
    x, y, tallest = 0, top, 0
    for width, height in sizes:
        if x + width > COLUMNS:
            x, y, tallest = 0, y + tallest, 0
        found.append(Place(x, y, width, height))
        x, tallest = x + width, max(tallest, height)
    return found


def bottom(taken: Iterable[Place], *, top: int) -> int:
    """The first row below all of these."""
    return max((place.y + place.height for place in taken), default=top)

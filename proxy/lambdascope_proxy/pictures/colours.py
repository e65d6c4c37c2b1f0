"""The colours of pictures: told apart by the colour-blind, and readable on a light and on a dark page.

The series are those of Okabe and Ito (https://jfly.uni-koeln.de/color/), without the yellow, which white swallows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Colour:
    """What a thing is drawn in on a light page, and on a dark one."""

    light: str
    dark: str


PAPER: Final = Colour(light="#fefefe", dark="#16181d")
INK: Final = Colour(light="#1c2026", dark="#e6e8eb")
FAINT: Final = Colour(light="#5b6470", dark="#a3abb6")
GRID: Final = Colour(light="#dfe3e8", dark="#353b45")
MARK: Final = Colour(light="#b23b00", dark="#ff9a5c")
SERIES: Final = (
    Colour(light="#0072b2", dark="#4fb0ea"),
    Colour(light="#d55e00", dark="#ff8a3d"),
    Colour(light="#009e73", dark="#33c79d"),
    Colour(light="#b0568a", dark="#dd94bf"),
    Colour(light="#9a6a00", dark="#e6b34d"),
    Colour(light="#3d4f9f", dark="#9aa8f0"),
)
VARIABLES: Final[Mapping[str, Colour]] = {
    "paper": PAPER,
    "ink": INK,
    "faint": FAINT,
    "grid": GRID,
    "mark": MARK,
    **{f"series-{number}": colour for number, colour in enumerate(SERIES, 1)},
}
"""Each colour by the name it has in a page's style sheet."""


def as_variables(svg: str) -> str:
    """A drawing in the colours of a light page, in whichever colours the page around it has."""
    for name, colour in VARIABLES.items():
        svg = svg.replace(colour.light, f"var(--{name})")
    return svg

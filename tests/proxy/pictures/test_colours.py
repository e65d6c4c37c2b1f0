"""Colours that can be read: on either paper, and by those who see fewer of them."""

import pytest

from lambdascope_proxy.pictures.colours import FAINT, INK, MARK, PAPER, SERIES, VARIABLES, Colour, as_variables


def luminance(colour: str) -> float:
    """Relative luminance, https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(
    ("colour", "least"), [*((each, 4.5) for each in (INK, FAINT, MARK)), *((s, 3) for s in SERIES)]
)
def test_texts_and_lines_stand_out_from_either_paper(colour: Colour, least: float) -> None:
    assert contrast(colour.light, PAPER.light) >= least
    assert contrast(colour.dark, PAPER.dark) >= least


def without_red_and_green(colour: str) -> tuple[float, ...]:
    """How it looks to a deuteranope (Viénot, Brettel and Mollon 1999, in linear light)."""
    red, green, blue = ((int(colour[at : at + 2], 16) / 255) ** 2.2 for at in (1, 3, 5))
    yellow = 0.29275 * red + 0.70725 * green
    return yellow, max(0.0, -0.02234 * red + 0.02234 * green + blue)


def test_the_first_three_lines_are_told_apart_by_the_colour_blind() -> None:
    for shade in ("light", "dark"):
        seen = [without_red_and_green(getattr(colour, shade)) for colour in SERIES[:3]]
        for at, one in enumerate(seen):
            for other in seen[at + 1 :]:
                assert max(abs(a - b) for a, b in zip(one, other, strict=True)) > 0.08


def test_every_colour_is_one_of_its_own_so_that_a_page_can_replace_it() -> None:
    light = [colour.light for colour in VARIABLES.values()]
    assert len(set(light)) == len(light)
    assert as_variables(f"fill: {INK.light}; stroke: {SERIES[0].light}") == "fill: var(--ink); stroke: var(--series-1)"

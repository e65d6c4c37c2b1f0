"""Pages: text that fits where it goes, and that cannot do more to a terminal than be read."""

import io
import os
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.pictures.picture import Bars
from lambdascope_proxy.views.page import Page, Surface, surface_of, told, visible

TERMINAL = Surface(width=40, height=20, is_terminal=True)
PLAIN = Surface(encoding="ascii")


def test_columns_of_numbers_stand_to_the_right_and_so_do_texts_that_are_numbers() -> None:
    page = Page()
    page.table(["function", "calls", "cost"], [("orders", 12345, "$0.1"), ("a", None, "$12")], right=["cost"])
    assert page.text().splitlines() == [
        "function   calls  cost",
        "──────────────────────",
        "orders    12,345  $0.1",
        "a                  $12",
    ]


def test_a_table_whose_columns_have_no_names_has_no_header() -> None:
    page = Page()
    page.heading("orders")
    page.table(["", ""], [("errors", "1"), ("throttles", "0")])
    page.heading("Next")
    assert page.text() == "orders\nerrors     1\nthrottles  0\n\nNext\n"


def test_into_a_pipe_nothing_is_broken_and_in_a_terminal_it_goes_on_below() -> None:
    for surface, lines in ((Surface(), 3), (TERMINAL, 5)):
        page = Page(surface)
        page.table(["message"], [("x" * 100,)])
        drawn = page.text().splitlines()
        assert len(drawn) == lines
        assert "".join(drawn[2:]) == "x" * 100


def test_rows_are_a_table_with_names_on_two_lines_if_need_be_or_else_records() -> None:
    # A table of four columns, of which every cell is broken in three, cannot be read.
    def drawn(width: int) -> str:
        page = Page(Surface(width=width))
        page.rows(["request id", "billed ms"], [("a" * 40, 5), ("q", None)])
        return page.text()

    assert drawn(51).splitlines()[0] == f"{'request id':40}  billed ms"
    assert [line.split() for line in drawn(48).splitlines()[:2]] == [["request", "billed"], ["id", "ms"]]
    assert drawn(47).splitlines() == [
        f"1  request id  {'a' * 32}",
        f"{'':15}{'a' * 8}",
        "   billed ms   5",
        "2  request id  q",
    ]


def test_a_narrow_page_does_without_spare_columns_and_says_without_which() -> None:
    def drawn(width: int) -> list[str]:
        page = Page(Surface(width=width))
        page.rows(["function", "p50", "p90", "warm"], [("orders", 123, 456, 789)], spare=["warm", "p90", "p99"])
        return page.text().splitlines()

    assert drawn(24)[0] == "function  p50  p90  warm"
    assert drawn(23)[0] == "function  p50  p90"
    assert drawn(23)[3:] == ["Left out on a page so", "narrow: warm"]
    assert " ".join(drawn(17)[3:]) == "Left out on a page so narrow: warm, p90"
    assert "\n".join(drawn(12)).startswith("1  fun  orde\n"), "no table would fit: a record"


def test_texts_of_several_lines_make_records_everywhere() -> None:
    page = Page()
    page.rows(["message"], [("Traceback\n  line 1\n",)])
    assert page.text() == "1  message  Traceback\n              line 1\n"


def test_a_link_is_never_broken() -> None:
    """A broken one cannot be clicked or copied."""
    page = Page(TERMINAL)
    page.link("log: https://" + "a" * 100)
    assert page.text() == "log: https://" + "a" * 100 + "\n"


def test_only_a_terminal_gets_bold() -> None:
    for surface, text in ((Surface(), "Errors\n"), (TERMINAL, "\x1b[1mErrors\x1b[0m\n")):
        page = Page(surface)
        page.heading("Errors")
        assert page.text() == text


def test_where_lines_and_blocks_cannot_be_written_other_characters_stand_for_them() -> None:
    page = Page(PLAIN)
    page.table(["naïve"], [("▁█ €",)])
    assert page.text() == "na?ve\n-----\n?? ?\n"
    assert page.levels == "_.-=+*%#"
    assert Page().levels == "▁▂▃▄▅▆▇█"


def test_a_log_line_cannot_command_the_terminal() -> None:
    page = Page(TERMINAL)
    page.line("\x1b[2J\x1b]0;title\x07 [bold]a\tb\x9b1m")
    assert page.text() == "\\x1b[2J\\x1b]0;title\\x07 [bold]a\nb\\x9b1m\n"


@given(text=st.text())
def test_what_is_visible_has_no_control_character_but_line_breaks(text: str) -> None:
    shown = visible(text)
    assert all(character.isprintable() or character == "\n" or ord(character) >= 0xA0 for character in shown)


@given(cells=st.lists(st.tuples(st.text(max_size=30), st.text(max_size=30)), min_size=1, max_size=4))
def test_no_cell_is_shortened_however_narrow_the_page(cells: list[tuple[str, str]]) -> None:
    page = Page(Surface(width=16))
    page.table(["a", "b"], cells)
    written = "".join(page.text().split())
    for cell in (cell for row in cells for cell in row):
        assert set("".join(visible(cell).split())) <= set(written)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (1234567, "1,234,567"),
        (2.0, "2"),
        (1234.5, "1,234.50"),
        (Decimal("8.6667E-7"), "0.00000086667"),
        (Decimal("0.0344100000000000025"), "0.03441"),
        (Decimal("1E-15"), "0.000000000000001"),
        (Decimal("1E+20"), "100,000,000,000,000,000,000"),
        (Decimal("-100.50"), "-100.5"),
        (Decimal("0.00"), "0"),
        (True, "True"),
        ("2026", "2026"),
    ],
)
def test_cells_are_told_as_people_read_them(value: object, text: str) -> None:
    assert told(value) == text


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_a_terminal_has_a_size_and_a_pipe_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "90")
    monkeypatch.setenv("LINES", "30")
    monkeypatch.setenv("TERM", "xterm")
    assert surface_of(Terminal()) == Surface(width=90, height=30, is_terminal=True)
    monkeypatch.setenv("TERM", "dumb")
    assert not surface_of(Terminal()).is_terminal
    with Path(os.devnull).open("w", encoding="ascii") as pipe:
        assert surface_of(pipe) == Surface(encoding="ascii")
    assert surface_of(io.TextIOWrapper(io.BytesIO(), encoding="latin-1")).is_plain


BARS = Bars(title="Calls", unit="", labels=("orders",), values=(7.0,))


def test_a_chart_is_as_wide_as_the_page_and_in_a_pipe_as_a_usual_terminal() -> None:
    for surface, width in ((Surface(), 100), (Surface(width=60), 60), (Surface(encoding="ascii", width=60), 60)):
        page = Page(surface)
        page.line("before")
        page.chart(BARS)
        before, empty, title, bar = page.text().splitlines()
        assert (before, empty, title) == ("before", "", "Calls")
        assert len(bar) == width
        assert bar.isascii() == surface.is_plain


def test_on_a_page_too_narrow_for_a_chart_there_is_none() -> None:
    page = Page(Surface(width=30))
    page.chart(BARS)
    assert page.text() == ""

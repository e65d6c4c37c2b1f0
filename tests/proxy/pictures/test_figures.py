"""Whole pictures as PNG and SVG: the same bytes for the same picture, and nothing left behind."""

import struct
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
import pytest

from lambdascope_proxy.pictures.figures import DOTS_PER_INCH, WIDTH_IN, png_of, svg_of
from lambdascope_proxy.pictures.picture import Bars, Bins, Lines, Picture

TIMES = tuple(datetime(2026, 11, 15, tzinfo=UTC) + timedelta(days=number) for number in range(3))
BARS = Bars(title="Cost $1 of $2", unit="USD", labels=("支払い <b>", "x\x00y" * 40), values=(1.0, None))
PICTURE = Picture(
    title="Cost by function & tool",
    subtitle="three calls",
    charts=(
        BARS,
        Lines(title="Over time", unit="USD", times=TIMES, lines={"a": (1.0, None, 2.0), "b": (3.0, 2.0, 1.0)}),
        Bins(title="Took", unit="ms", edges=(0, 1, 2), counts=(1, 2), marks={"p50": 1.5}),
    ),
    columns=("function", "cost USD"),
    rows=(("支払い", Decimal("0.000001")), ("b", None)),
)


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


@pytest.fixture(scope="module")
def png() -> bytes:
    return png_of(PICTURE)


def test_a_picture_is_as_high_as_its_parts_need(png: bytes) -> None:
    only_bars = png_of(Picture(title="t", subtitle="", charts=(BARS,)))
    assert size(png)[0] == size(only_bars)[0] == WIDTH_IN * DOTS_PER_INCH
    assert size(png)[1] > 3 * size(only_bars)[1]
    assert size(png_of(Picture(title="t", subtitle="", charts=())))[1] > 0


def test_equal_pictures_have_equal_bytes_without_a_date_or_a_program_in_them(png: bytes) -> None:
    # Catches pictures that differ in a repository though nothing changed.
    assert png_of(PICTURE) == png
    assert b"matplotlib" not in png.lower()
    assert b"tEXt" not in png
    assert svg_of(BARS) == svg_of(BARS)
    assert not {"date", "metadata", "matplotlib"} & {each.tag.rpartition("}")[2].lower() for each in elements(BARS)}


def test_drawing_changes_no_setting_of_matplotlib_and_needs_no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    # pyplot keeps figures and chooses a display by itself; here its import fails.
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    before = rc_settings()
    svg_of(BARS)
    assert rc_settings() == before


def rc_settings() -> dict[str, Any]:
    # To read the backend is to choose one.
    return {name: mpl.rcParams[name] for name in mpl.rcParams if name != "backend"}


def elements(chart: Bars) -> Iterator[ElementTree.Element]:
    return ElementTree.fromstring(svg_of(chart)).iter()


def test_texts_of_a_drawing_are_texts_and_as_they_were_given() -> None:
    texts = [element.text for element in elements(BARS) if element.tag.endswith("}text")]
    assert "支払い <b>" in texts
    assert "Cost $1 of $2" in texts, "not taken for mathematics"
    assert "unknown" in texts
    assert not any("\x00" in (text or "") for text in texts)

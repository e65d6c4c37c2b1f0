"""Charts of characters: within twelve lines and the width of the page, whatever the figures."""

import math
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from lambdascope_proxy.pictures.picture import Bars, Bins, Chart, Lines
from lambdascope_proxy.pictures.terminal import LEAST_WIDTH, MOST_LINES, draw

START = datetime(2026, 11, 15, tzinfo=UTC)
VALUE = st.none() | st.floats() | st.integers(min_value=-(10**18), max_value=10**18).map(float)
LABEL = st.text(max_size=60)
SIZE = st.integers(min_value=0, max_value=40)


def hours(count: int) -> tuple[datetime, ...]:
    return tuple(START + timedelta(hours=number) for number in range(count))


def lines_of(*values: float | None, **others: tuple[float | None, ...]) -> Lines:
    return Lines(title="p95", unit="ms", times=hours(len(values)), lines={"p95": values, **others})


@st.composite
def bars(draw_value: st.DrawFn) -> Bars:
    rows = draw_value(st.lists(st.tuples(LABEL, VALUE), max_size=30))
    return Bars(
        title=draw_value(LABEL), unit="ms", labels=tuple(row[0] for row in rows), values=tuple(row[1] for row in rows)
    )


@st.composite
def lines(draw_value: st.DrawFn) -> Lines:
    times = hours(draw_value(SIZE))
    values = st.lists(VALUE, min_size=len(times), max_size=len(times)).map(tuple)
    names = draw_value(st.lists(LABEL, max_size=6, unique=True))
    marks = draw_value(st.dictionaries(st.sampled_from(hours(50)), LABEL, max_size=2))
    low, high = (draw_value(st.just(()) | values) for _ in range(2))
    return Lines(
        title=draw_value(LABEL),
        unit="ms",
        times=times,
        lines={name: draw_value(values) for name in names},
        marks=marks,
        low=low,
        high=high,
    )


@st.composite
def bins(draw_value: st.DrawFn) -> Bins:
    edges = sorted(
        draw_value(st.sets(st.just(0.0) | st.floats(min_value=1e-6, max_value=1e12), min_size=2, max_size=20))
    )
    last = [math.inf] if draw_value(st.booleans()) else []
    count = len(edges) + len(last) - 1
    counts = draw_value(st.lists(st.integers(min_value=0, max_value=10**12), min_size=count, max_size=count))
    marks = draw_value(st.dictionaries(LABEL, st.floats(min_value=0, max_value=1e13), max_size=3))
    return Bins(title=draw_value(LABEL), unit="ms", edges=(*edges, *last), counts=tuple(counts), marks=marks)


@settings(max_examples=60, deadline=None)
@given(bars() | lines() | bins(), st.integers(min_value=1, max_value=200), st.booleans())
def test_whatever_is_drawn_fits_and_ends(chart: Chart, width: int, is_plain: bool) -> None:
    # Catches a value that reaches plotext without a place between 0 and 1: on one that is no number the process ends.
    drawn = draw(chart, width=width, is_plain=is_plain)
    assert bool(drawn) == (width >= LEAST_WIDTH)
    assert len(drawn) <= MOST_LINES
    assert all(cell_len(line) <= width for line in drawn)
    assert "\n" not in "".join(drawn)


@pytest.mark.parametrize(
    "chart",
    [
        Bars(title="cost", unit="USD", labels=("a", "b", "c"), values=(1.0, -0.5, None)),
        lines_of(1.0, 2.0, None, 3.0, p99=(2.0, 3.0, 4.0, 5.0)),
        Bins(title="took", unit="ms", edges=(0, 1, 10), counts=(1, 2), marks={"p50": 4}),
    ],
    ids=["bars", "lines", "bins"],
)
def test_where_blocks_cannot_be_written_there_are_none(chart: Chart) -> None:
    drawn = draw(chart, width=80, is_plain=True)
    assert "".join(drawn).isascii()
    assert len(drawn) > 3
    assert not "".join(draw(chart, width=80, is_plain=False)).isascii()


def test_bars_are_as_long_as_their_values_the_first_on_top_and_what_is_not_known_has_none() -> None:
    chart = Bars(title="Calls", unit="", labels=("one", "half", "none", "?"), values=(200.0, 100.0, 0.0, None))
    drawn = draw(chart, width=56, is_plain=True)
    assert drawn[0] == "Calls"
    assert [line.split()[:2] for line in drawn[1:]] == [
        ["one", "200"],
        ["half", "100"],
        ["none", "0"],
        ["?", "unknown"],
    ]
    lengths = [line.count("#") for line in drawn[1:]]
    assert lengths[0] in {40, 41}
    assert lengths[1] in {20, 21}
    assert lengths[2:] == [0, 0]


@pytest.mark.parametrize("count", range(1, 11))
def test_each_bar_stands_in_its_own_line(count: int) -> None:
    # Catches bars that spread over their neighbour's line, as they do when lines are placed by their edges.
    values = [100.0 if row % 2 else 50.0 for row in range(count)]
    drawn = draw(Bars(title="t", unit="", labels=("x",) * count, values=tuple(values)), width=60, is_plain=True)
    lengths = [line.count("#") for line in drawn[1:]]
    longest = max(lengths)
    assert all(abs(length - longest * value / max(values)) <= 1 for length, value in zip(lengths, values, strict=True))


def test_bars_below_zero_grow_to_the_left() -> None:
    chart = Bars(title="Change", unit="ms", labels=("up", "down"), values=(10.0, -10.0))
    up, down = (line.index("#") for line in draw(chart, width=60, is_plain=True)[1:])
    assert down < up


def test_more_bars_than_fit_are_counted() -> None:
    chart = Bars(title="t", unit="", labels=tuple(map(str, range(1_200))), values=tuple(map(float, range(1_200))))
    assert draw(chart, width=60, is_plain=False)[-1] == "and 1,190 more"


def test_a_gap_is_not_bridged() -> None:
    values = [5.0] * 20 + [None] * 20 + [5.0] * 20
    (row,) = [line for line in draw(lines_of(*values), width=80, is_plain=True) if "*" in line]
    left, right = row.index("*"), row.rindex("*")
    gap = row[left : right + 1].strip("*")
    assert set(gap) == {" "}
    assert len(gap) == pytest.approx((right - left) / 3, abs=3)


def test_a_lone_value_between_gaps_is_seen() -> None:
    values = [None] * 5 + [5.0] + [None] * 5
    assert sum(line.count("*") for line in draw(lines_of(*values), width=80, is_plain=False)) == 1


def test_several_lines_are_told_apart_without_colour_and_named() -> None:
    drawn = draw(lines_of(1.0, 2.0, p50=(3.0, 4.0), p99=(5.0, 6.0)), width=80, is_plain=False)
    assert drawn[-1] == "* p95   o p50   + p99"
    assert all(any(marker in line for line in drawn[1:-1]) for marker in "*o+")
    five = draw(lines_of(1.0, 2.0, a=(1.0, 1.0), b=(1.0, 1.0), c=(1.0, 1.0), d=(1.0, 1.0)), width=80, is_plain=False)
    assert five[-1].endswith("and 1 more")


def test_marks_and_bounds_are_explained_below() -> None:
    chart = Lines(
        title="Cost",
        unit="USD",
        times=hours(3),
        lines={"cost": (1.0, 2.0, 3.0)},
        marks={START + timedelta(hours=1): "deploy"},
        low=(None, 2.0, 2.5),
        high=(None, 2.0, 3.5),
    )
    drawn = draw(chart, width=80, is_plain=True)
    assert drawn[-1] == ". likely range   | deploy 11-15 01:00 UTC"
    assert sum("|" in line[40:44] for line in drawn[1:9]) >= 7, "from top to bottom, in the middle"
    assert "11-15 00:00 UTC" in drawn[-2]
    assert "11-15 02:00 UTC" in drawn[-2]


def test_a_range_too_wide_for_a_linear_axis_is_logarithmic_and_says_so() -> None:
    assert draw(lines_of(1.0, 5_000.0), width=80, is_plain=False)[0] == "p95 (ms, log scale)"
    assert draw(lines_of(1.0, 500.0), width=80, is_plain=False)[0] == "p95 (ms)"
    wide = Bins(title="took", unit="ms", edges=(1, 10, 100, 1_000), counts=(1, 2, 1))
    assert draw(wide, width=80, is_plain=False)[0] == "took (ms, log scale)"


def test_a_histogram_stands_on_its_axis_with_its_marks() -> None:
    chart = Bins(title="took", unit="ms", edges=(0, 10, 20, 30, 40), counts=(1, 0, 4, 2), marks={"p50": 25, "p99": 39})
    drawn = draw(chart, width=60, is_plain=True)
    canvas = drawn[1:9]
    columns = [sum(line.ljust(60)[at] == "#" for line in canvas) for at in (8, 22, 40, 50)]
    assert columns[1] == 0
    assert columns[2] == len(canvas)
    assert columns[0] < columns[3] < columns[2]
    assert drawn[-1] == "| p50 25   | p99 39"


@pytest.mark.parametrize(
    "chart",
    [
        Bars(title="t", unit="", labels=("a",), values=(None,)),
        Bars(title="t", unit="", labels=(), values=()),
        lines_of(None, None),
        lines_of(),
        Bins(title="t", unit="", edges=(0, 1), counts=(0,)),
        Bins(title="t", unit="", edges=(), counts=()),
    ],
)
def test_without_a_value_there_is_nothing_to_draw(chart: Chart) -> None:
    assert draw(chart, width=80, is_plain=False)[1:] == ["nothing to draw"]


def test_a_chart_is_no_wider_than_can_be_read() -> None:
    assert max(map(len, draw(lines_of(1.0, 2.0), width=400, is_plain=False))) == 140


def test_without_plotext_the_page_says_why_there_is_no_chart(monkeypatch: pytest.MonkeyPatch) -> None:
    # It draws with a compiled part, which not every platform has.
    monkeypatch.setitem(sys.modules, "plotext", None)
    title, reason = draw(lines_of(1.0, 2.0), width=80, is_plain=False)
    assert title == "p95"
    assert reason.startswith("not drawn: ")
    assert "plotext" in reason


def test_equal_charts_are_drawn_equally_whatever_was_drawn_before() -> None:
    # plotext has one figure for the whole process.
    charts: Sequence[Chart] = [
        lines_of(1.0, 2.0, 4.0),
        Bars(title="t", unit="", labels=("a", "b"), values=(1.0, 2.0)),
        Bins(title="t", unit="", edges=(0, 1, 2), counts=(1, 2)),
    ]
    first = [draw(chart, width=70, is_plain=False) for chart in charts]
    assert [draw(chart, width=70, is_plain=False) for chart in reversed(charts)] == first[::-1]

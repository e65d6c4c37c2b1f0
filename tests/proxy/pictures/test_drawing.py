"""What stands on the axes of each kind of chart, read back from the axes themselves."""

import math
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from matplotlib.dates import num2date
from matplotlib.figure import Figure

from lambdascope_proxy.pictures.drawing import MOST_BARS, draw_chart, height_of
from lambdascope_proxy.pictures.picture import Bars, Bins, Chart, Lines

START = datetime(2026, 11, 15, tzinfo=UTC)
HOURS = tuple(START + timedelta(hours=number) for number in range(4))


def axes_of(chart: Chart) -> Any:
    """Matplotlib's axes after the chart was drawn there."""
    figure: Any = Figure(layout="constrained")
    axes = figure.subplots()
    draw_chart(axes, chart)
    figure.draw_without_rendering()
    return axes


def words(axes: Any) -> list[str]:
    return [text.get_text() for text in axes.texts]


def line(axes: Any, number: int) -> list[float | None]:
    return [None if math.isnan(value) else value for value in axes.lines[number].get_ydata()]


def test_bars_have_the_length_of_their_values_and_the_values_beside_them() -> None:
    chart = Bars(title="Cost by function", unit="USD", labels=("a", "b", "c"), values=(12.5, -3.25, None))
    axes = axes_of(chart)
    assert [bar.get_width() for bar in axes.patches] == [12.5, -3.25, 0.0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a", "b", "c"]
    assert words(axes) == ["12.5", "-3.25", "unknown"]
    assert axes.yaxis_inverted(), "the first is on top"
    assert (axes.get_title("left"), axes.get_xlabel()) == ("Cost by function", "USD")


def test_what_is_counted_has_no_ticks_between_whole_numbers() -> None:
    ticks = axes_of(Bars(title="Calls", unit="calls", labels=("a", "b"), values=(1.0, 2.0))).get_xticks()
    assert all(tick == int(tick) for tick in ticks)


def test_many_bars_are_cut_and_the_title_says_so() -> None:
    chart = Bars(title="Calls", unit="", labels=("x" * 99,) * 200, values=(1.0,) * 200)
    axes = axes_of(chart)
    assert len(axes.patches) == MOST_BARS
    assert axes.get_title("left") == "Calls, the first 30 of 200"
    assert {len(label.get_text()) for label in axes.get_yticklabels()} == {36}
    assert height_of(chart) < 10


def test_a_line_has_its_values_at_their_times_and_gaps_where_there_are_none() -> None:
    axes = axes_of(Lines(title="p95", unit="ms", times=HOURS, lines={"p95": (1.0, None, math.inf, 4.0)}))
    assert line(axes, 0) == [1.0, None, None, 4.0]
    assert tuple(axes.lines[0].get_xdata()) == HOURS
    assert (axes.get_ylabel(), axes.get_xlabel()) == ("ms", "UTC")
    assert axes.get_ylim()[0] == 0.0
    assert axes.get_legend() is None, "one line is named by the title"


def test_several_lines_and_a_range_are_named_and_told_apart_without_colour() -> None:
    values = (1.0, 2.0, 3.0, 4.0)
    chart = Lines(title="t", unit="ms", times=HOURS, lines={"p50": values, "p95": values}, low=values, high=values)
    axes = axes_of(chart)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["p50", "p95", "likely range"]
    assert len({each.get_linestyle() for each in axes.lines}) == 2
    assert len(axes.collections) == 1
    many = axes_of(Lines(title="t", unit="ms", times=HOURS, lines={str(name): values for name in range(9)}))
    assert many.get_title("left") == "t, 6 of 9 lines"


def test_moments_are_marked_where_they_are_in_utc_whatever_zone_they_are_told_in() -> None:
    mark = HOURS[2].astimezone()
    chart = Lines(title="t", unit="ms", times=HOURS, lines={"a": (1.0,) * 4}, marks={mark: "deploy"})
    axes = axes_of(chart)
    at: Any = axes.lines[-1].get_xdata()[0]
    assert (num2date(at) if isinstance(at, float) else at) == HOURS[2]
    assert words(axes) == ["deploy 11-15 02:00 UTC"]


@pytest.mark.parametrize(("highest", "scale", "label"), [(999.0, "linear", "ms"), (1000.0, "log", "ms, log scale")])
def test_a_wide_range_is_logarithmic_and_says_so(highest: float, scale: str, label: str) -> None:
    axes = axes_of(Lines(title="t", unit="ms", times=HOURS, lines={"a": (1.0, 2.0, None, highest)}))
    assert (axes.get_yscale(), axes.get_ylabel()) == (scale, label)


def test_values_below_zero_are_seen() -> None:
    axes = axes_of(Lines(title="t", unit="USD", times=HOURS, lines={"a": (-5.0, 1.0, 2.0, 3.0)}))
    assert axes.get_ylim()[0] < -5.0


def test_one_moment_is_a_point_with_its_time() -> None:
    axes = axes_of(Lines(title="t", unit="ms", times=HOURS[:1], lines={"a": (4.0,)}))
    assert axes.lines[0].get_marker() == "o"
    assert [label.get_text() for label in axes.get_xticklabels()] == ["2026-11-15 00:00"]


def test_a_histogram_has_a_bar_from_edge_to_edge_and_marks_with_their_values() -> None:
    chart = Bins(title="Took", unit="ms", edges=(0, 10, 20, 40), counts=(3, 0, 5), marks={"p99": 39, "p50": 12})
    axes = axes_of(chart)
    assert [(bar.get_x(), bar.get_width(), bar.get_height()) for bar in axes.patches] == [
        (0, 10, 3),
        (10, 10, 0),
        (20, 20, 5),
    ]
    assert words(axes) == ["p50 12", "p99 39"]
    assert [text.get_horizontalalignment() for text in axes.texts] == ["left", "right"], "both inside the axes"
    assert axes.get_ylim()[1] > 5.5, "room for the marks' names above the bars"
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_xscale()) == ("ms", "calls", "linear")


def test_bins_without_end_are_drawn_on_a_logarithmic_axis() -> None:
    axes = axes_of(Bins(title="t", unit="ms", edges=(0, 1, 10, 1_000, math.inf), counts=(1, 2, 3, 4)))
    assert (axes.get_xscale(), axes.get_xlabel()) == ("log", "ms, log scale")
    assert axes.get_xlim() == (0.1, 100_000.0)


def empty() -> Generator[Chart]:
    yield Bars(title="t", unit="", labels=(), values=())
    yield Bars(title="t", unit="", labels=("a",), values=(None,))
    yield Lines(title="t", unit="", times=(), lines={})
    yield Lines(title="t", unit="", times=HOURS, lines={"a": (None,) * 4})
    yield Bins(title="t", unit="", edges=(), counts=())
    yield Bins(title="t", unit="", edges=(0, 1), counts=(0,))


@pytest.mark.parametrize("chart", [*empty()])
def test_without_a_value_the_chart_says_so_under_its_title(chart: Chart) -> None:
    axes = axes_of(chart)
    assert words(axes) == ["nothing to draw"]
    assert axes.get_title("left") == "t"

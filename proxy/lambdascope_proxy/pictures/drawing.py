"""Draws charts on the axes of a figure; with `figures` and `table` the only modules that know matplotlib."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Final

from lambdascope_proxy.pictures.colours import FAINT, GRID, INK, MARK, PAPER, SERIES
from lambdascope_proxy.pictures.picture import Bars, Bins, Chart, Lines
from lambdascope_proxy.pictures.scale import Scale, finite_edges, is_wide
from lambdascope_proxy.pictures.wording import NOTHING, cut, known, moment, short, with_unit

MOST_BARS: Final = 30
MOST_CURVES: Final = len(SERIES)
LABEL_CHARS: Final = 36
TITLE_CHARS: Final = 100
# Of an axis of times, on either side.
MARGIN: Final = 0.02
# From here on an axis there is no room for words on the right of a line.
LATE: Final = 0.7
RANGE: Final = "likely range"
# Of the height of a histogram, for the names of its marks above the bars.
_HEADROOM: Final = 0.09
_STYLES: Final = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)))
# Up to so many points each is seen as one.
_DOTTED: Final = 40


def height_of(chart: Chart) -> float:
    """Inches that a chart needs, its title and words beside its axes included."""
    if isinstance(chart, Bars):
        return 0.75 + 0.27 * min(max(len(chart.labels), 1), MOST_BARS)
    return 2.9


def draw_chart(axes: Any, chart: Chart) -> None:
    """Draws one chart on matplotlib's axes, with its title, and units on the axes."""
    _frame(axes)
    if isinstance(chart, Bars):
        _bars(axes, chart)
    elif isinstance(chart, Lines):
        _lines(axes, chart)
    else:
        _bins(axes, chart)


def _bars(axes: Any, chart: Bars) -> None:
    labels, values = chart.labels[:MOST_BARS], known(chart.values)[:MOST_BARS]
    left_out = len(chart.labels) - len(labels)
    _title(axes, f"{chart.title}, the first {MOST_BARS} of {len(chart.labels):,}" if left_out > 0 else chart.title)
    if not any(value is not None for value in values):
        _say_nothing(axes)
        return
    at = range(len(labels))
    axes.barh(at, [value or 0.0 for value in values], height=0.7, color=SERIES[0].light)
    axes.set_yticks(at, [cut(label, LABEL_CHARS) for label in labels])
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    for row, value in enumerate(values):
        _tell(axes, row, value)
    axes.axvline(0.0, color=FAINT.light, linewidth=0.8)
    axes.margins(x=0.12)
    axes.set_xlabel(chart.unit)
    if all(value is None or value.is_integer() for value in values):
        _count_along(axes.xaxis)
    _figures_along(axes.xaxis)


def _tell(axes: Any, row: int, value: float | None) -> None:
    """Writes a bar's value at its end."""
    is_left = value is not None and value < 0
    axes.annotate(
        short(value),
        (value or 0.0, row),
        xytext=(-4 if is_left else 4, 0),
        textcoords="offset points",
        horizontalalignment="right" if is_left else "left",
        verticalalignment="center",
        fontsize=8.5,
        color=INK.light if value is not None else FAINT.light,
    )


def _lines(axes: Any, chart: Lines) -> None:
    lines = {name: known(values) for name, values in chart.lines.items()}
    shown = dict([*lines.items()][:MOST_CURVES])
    left_out = len(lines) - len(shown)
    _title(axes, f"{chart.title}, {len(shown)} of {len(lines)} lines" if left_out else chart.title)
    low, high = known(chart.low), known(chart.high)
    values = [value for each in (*shown.values(), low, high) for value in each]
    if not any(value is not None for value in values) or not chart.times:
        _say_nothing(axes)
        return
    times = [time.astimezone(UTC) for time in chart.times]
    for (name, each), colour, style in zip(shown.items(), SERIES, _STYLES, strict=False):
        dot = "o" if len(times) <= _DOTTED else ""
        drawn = {"color": colour.light, "linestyle": style, "marker": dot, "markersize": 3.2, "linewidth": 1.7}
        axes.plot(times, _gapped(each), label=cut(name, LABEL_CHARS), **drawn)
    if low and high:
        axes.fill_between(
            times, _gapped(low), _gapped(high), color=SERIES[0].light, alpha=0.18, linewidth=0, label=RANGE
        )
    _rise(axes, chart.unit, is_log=is_wide(values), is_above_zero=min(value or 0.0 for value in values) >= 0)
    _mark_times(axes, chart.marks, times)
    _times_along(axes, times)
    if len(shown) > 1 or (low and high):
        _legend(axes)


def _gapped(values: Sequence[float | None]) -> list[float]:
    return [math.nan if value is None else value for value in values]


def _rise(axes: Any, unit: str, *, is_log: bool, is_above_zero: bool) -> None:
    if is_log:
        axes.set_yscale("log")
    elif is_above_zero:
        axes.set_ylim(bottom=0.0)
    axes.set_ylabel(f"{unit}, log scale" if is_log else unit)
    _figures_along(axes.yaxis)


def _mark_times(axes: Any, marks: Mapping[datetime, str], times: Sequence[datetime]) -> None:
    span = times[-1] - times[0]
    for step, (time, word) in enumerate(sorted(marks.items())):
        is_late = time - times[0] > span * LATE
        _mark(axes, time.astimezone(UTC), f"{cut(word, LABEL_CHARS)} {moment(time, span)}", step=step, is_late=is_late)


def _mark(axes: Any, at: object, text: str, *, step: int, is_late: bool) -> None:
    """A vertical line with words beside it, on its left where it is `is_late`; further ones lower, to not overlap."""
    axes.axvline(at, color=MARK.light, linewidth=1.1, linestyle=(0, (4, 2)))
    axes.annotate(
        text,
        (at, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(-3 if is_late else 3, -4 - 11 * step),
        textcoords="offset points",
        horizontalalignment="right" if is_late else "left",
        verticalalignment="top",
        fontsize=8.5,
        color=MARK.light,
        # Over the line of a neighbour.
        bbox={"facecolor": PAPER.light, "edgecolor": "none", "pad": 0.6},
    )


def _times_along(axes: Any, times: Sequence[datetime]) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(tz=UTC, minticks=3, maxticks=8)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, tz=UTC))
    axes.xaxis.get_offset_text().set(fontsize=8.5, color=FAINT.light)
    axes.set_xlabel("UTC")
    margin = (times[-1] - times[0]) * MARGIN
    if margin:
        # Not only where values are known.
        axes.set_xlim(times[0] - margin, times[-1] + margin)
    else:
        axes.set_xticks([times[0]], [f"{times[0]:%Y-%m-%d %H:%M}"])


def _bins(axes: Any, chart: Bins) -> None:
    _title(axes, chart.title)
    if not any(chart.counts):
        _say_nothing(axes)
        return
    edges, is_log = finite_edges(chart.edges)
    widths = [high - low for low, high in pairwise(edges)]
    axes.bar(edges[:-1], chart.counts, width=widths, align="edge", color=SERIES[0].light, edgecolor="none")
    if is_log:
        axes.set_xscale("log")
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(0, max(chart.counts) * (1.05 + _HEADROOM * len(chart.marks)))
    for step, (name, value) in enumerate(sorted(chart.marks.items(), key=lambda each: each[1])):
        is_late = Scale(low=edges[0], high=edges[-1], is_log=is_log).place(value) > LATE
        _mark(axes, value, f"{cut(name, LABEL_CHARS)} {short(value)}", step=step, is_late=is_late)
    axes.set_xlabel(with_unit("", chart.unit, is_log=is_log).strip(" ()"))
    axes.set_ylabel("calls")
    axes.grid(visible=False, axis="x")
    _figures_along(axes.yaxis)
    _figures_along(axes.xaxis)


def _frame(axes: Any) -> None:
    axes.set_facecolor("none")
    axes.set_axisbelow(True)
    axes.grid(visible=True, color=GRID.light, linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(GRID.light)
    axes.tick_params(colors=FAINT.light, labelcolor=INK.light, labelsize=8.5, which="both")
    for axis in (axes.xaxis, axes.yaxis):
        axis.label.set(color=FAINT.light, fontsize=8.5)


def _title(axes: Any, text: str) -> None:
    axes.set_title(cut(text, TITLE_CHARS), loc="left", fontsize=10.5, color=INK.light, fontweight="bold")


def _say_nothing(axes: Any) -> None:
    axes.set_axis_off()
    axes.text(0.0, 0.9, NOTHING, transform=axes.transAxes, fontsize=9, color=FAINT.light, verticalalignment="top")


def _figures_along(axis: Any) -> None:
    from matplotlib.ticker import FuncFormatter, NullFormatter

    axis.set_major_formatter(FuncFormatter(_short_tick))
    axis.set_minor_formatter(NullFormatter())


def _count_along(axis: Any) -> None:
    from matplotlib.ticker import MaxNLocator

    # There is no half of a call.
    axis.set_major_locator(MaxNLocator(integer=True))


def _short_tick(value: float, _position: int | None) -> str:
    return short(value)


def _legend(axes: Any) -> None:
    axes.legend(
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0),
        ncols=4,
        frameon=False,
        fontsize=8.5,
        labelcolor=INK.light,
        borderaxespad=0.2,
    )

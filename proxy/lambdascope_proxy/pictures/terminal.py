"""Draws charts for a terminal or a pipe: at most twelve lines, with characters that can be written there."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from lambdascope_proxy.pictures.canvas import Boxes, Curve, Shape, Ticks, drawn
from lambdascope_proxy.pictures.picture import Bars, Bins, Chart, Lines
from lambdascope_proxy.pictures.scale import Scale, finite_edges, scale_of
from lambdascope_proxy.pictures.wording import NOTHING, cut, known, moment, short, with_unit

LEAST_WIDTH: Final = 40
MOST_WIDTH: Final = 140
MOST_LINES: Final = 12
# Of them a title, and a line for what is left out or for what the marks and lines mean.
MOST_BARS: Final = MOST_LINES - 2
ROWS: Final = MOST_LINES - 2
MOST_CURVES: Final = 4
TICKS: Final = 4
_FULL, _HALVES, _DOTS, _MARK = "full", "hd", "braille", "│"
_PLAIN: Final = {_FULL: "#", _HALVES: "#", _DOTS: "*", _MARK: "|"}
# Told apart without colour, which a pipe has not.
_MARKERS: Final = ("*", "o", "+", "x")
_BOUND: Final = "."


def draw(chart: Chart, *, width: int, is_plain: bool) -> list[str]:
    """The lines of a chart, its title first; none where fewer characters fit a line than it needs."""
    if width < LEAST_WIDTH:
        return []
    width = min(width, MOST_WIDTH)
    try:
        lines = _drawn(chart, width, is_plain=is_plain)
    except ImportError as error:
        lines = [cut(chart.title, width), cut(f"not drawn: {error}", width)]
    return [_fitting(line, width) for line in lines]


def _drawn(chart: Chart, width: int, *, is_plain: bool) -> list[str]:
    if isinstance(chart, Bars):
        return _bars(chart, width, is_plain=is_plain)
    if isinstance(chart, Lines):
        return _lines(chart, width, is_plain=is_plain)
    return _bins(chart, width, is_plain=is_plain)


def _fitting(line: str, width: int) -> str:
    """A line whose characters, some of them twice as wide as others, take no more cells than there are."""
    from rich.cells import cell_len, set_cell_size

    return line if cell_len(line) <= width else set_cell_size(line, width).rstrip()


def _bars(chart: Bars, width: int, *, is_plain: bool) -> list[str]:
    from rich.cells import cell_len, set_cell_size

    title = cut(with_unit(chart.title, chart.unit), width)
    values = known(chart.values)[:MOST_BARS]
    if not any(value is not None for value in values):
        return [title, NOTHING]
    labels = [cut(label, width // 3) for label in chart.labels[:MOST_BARS]]
    told = [short(value) for value in values]
    beside, figures = max(cell_len(label) for label in labels), max(len(text) for text in told)
    scale = scale_of(values, may_be_log=False)
    canvas = drawn(width - beside - figures - 4, len(values), [_lying(values, scale, is_plain)], is_plain=is_plain)
    rows = [
        f"{set_cell_size(label, beside)}  {text:>{figures}}  {bar}".rstrip()
        for label, text, bar in zip(labels, told, canvas, strict=True)
    ]
    left_out = len(chart.labels) - len(rows)
    return [title, *rows, *([f"and {left_out:,} more"] if left_out > 0 else [])]


def _lying(values: Sequence[float | None], scale: Scale, is_plain: bool) -> Boxes:
    # The ends of an axis are the middles of its first and last line.
    last = max(1, len(values) - 1)
    given = [(1 - row / last, value) for row, value in enumerate(values) if value]
    return Boxes(
        sides=tuple((at, at) for at, _ in given),
        ends=tuple((scale.place(min(0.0, value)), scale.place(max(0.0, value))) for _, value in given),
        marker=_PLAIN[_FULL] if is_plain else _FULL,
        is_lying=True,
    )


def _lines(chart: Lines, width: int, *, is_plain: bool) -> list[str]:
    curves = {name: known(values) for name, values in [*chart.lines.items()][:MOST_CURVES]}
    bounds = [known(chart.low), known(chart.high)]
    values = [value for each in [*curves.values(), *bounds] for value in each if value is not None]
    if not values or not chart.times:
        return [cut(with_unit(chart.title, chart.unit), width), NOTHING]
    scale = scale_of(values)
    marker_of = dict(zip(curves, _markers(len(curves), is_plain), strict=True))
    places = _places(chart.times)
    shapes: list[Shape] = [
        *(curve for each in bounds for curve in _curves(places, each, scale, _BOUND)),
        *_marks([_place(chart.times, time) for time in chart.marks], is_plain),
        *(curve for name, each in curves.items() for curve in _curves(places, each, scale, marker_of[name])),
    ]
    span = chart.times[-1] - chart.times[0]
    words = [moment(chart.times[at], span) for at in (0, -1)] if span else [moment(chart.times[0], span)]
    x = Ticks(places=(0, 1) if span else (0.5,), words=tuple(words))
    canvas = drawn(width, ROWS, shapes, x=x, y=_ticks(scale), is_plain=is_plain)
    legend = _legend(chart, marker_of, is_plain)
    title = with_unit(chart.title, chart.unit, is_log=scale.is_log)
    return [cut(title, width), *canvas, *([cut(legend, width)] if legend else [])]


def _markers(count: int, is_plain: bool) -> Sequence[str]:
    if count > 1:
        return _MARKERS[:count]
    return [_PLAIN[_DOTS] if is_plain else _DOTS][:count]


def _legend(chart: Lines, marker_of: dict[str, str], is_plain: bool) -> str:
    left_out = len(chart.lines) - len(marker_of)
    first, last = (chart.times[0], chart.times[-1])
    return "   ".join(
        [
            *(f"{marker} {name}" for name, marker in marker_of.items() if len(marker_of) > 1),
            *([f"and {left_out} more"] if left_out > 0 else []),
            *([f"{_BOUND} likely range"] if chart.low or chart.high else []),
            *(f"{_mark(is_plain)} {word} {moment(time, last - first)}" for time, word in chart.marks.items()),
        ]
    )


def _bins(chart: Bins, width: int, *, is_plain: bool) -> list[str]:
    if not any(chart.counts):
        return [cut(with_unit(chart.title, chart.unit), width), NOTHING]
    edges, is_log = finite_edges(chart.edges)
    across, up = Scale(low=edges[0], high=edges[-1], is_log=is_log), scale_of(chart.counts, may_be_log=False)
    shapes: list[Shape] = [
        _standing(edges, chart.counts, across, up, is_plain),
        *_marks([across.place(value) for value in chart.marks.values()], is_plain),
    ]
    canvas = drawn(width, ROWS, shapes, x=_ticks(across, 2 * TICKS), y=_ticks(up), is_plain=is_plain)
    legend = "   ".join(f"{_mark(is_plain)} {name} {short(value)}" for name, value in chart.marks.items())
    title = with_unit(chart.title, chart.unit, is_log=is_log)
    return [cut(title, width), *canvas, *([cut(legend, width)] if legend else [])]


def _standing(edges: Sequence[float], counts: Sequence[int], across: Scale, up: Scale, is_plain: bool) -> Boxes:
    filled = [(low, high, count) for low, high, count in zip(edges, edges[1:], counts, strict=False) if count]
    return Boxes(
        sides=tuple((across.place(low), across.place(high)) for low, high, _ in filled),
        # From below the axis: a bar that begins on it leaves half a line empty.
        ends=tuple((-1.0, up.place(count)) for *_, count in filled),
        marker=_PLAIN[_HALVES] if is_plain else _HALVES,
    )


def _mark(is_plain: bool) -> str:
    return _PLAIN[_MARK] if is_plain else _MARK


def _marks(places: Sequence[float], is_plain: bool) -> Iterator[Curve]:
    for place in places:
        yield Curve(x=(place, place), y=(0.0, 1.0), marker=_mark(is_plain))


def _ticks(scale: Scale, most: int = TICKS) -> Ticks:
    values = scale.ticks(most)
    return Ticks(places=tuple(scale.place(value) for value in values), words=tuple(short(value) for value in values))


def _place(times: Sequence[datetime], time: datetime) -> float:
    span = (times[-1] - times[0]).total_seconds()
    return min(max((time - times[0]).total_seconds() / span, 0.0), 1.0) if span else 0.5


def _places(times: Sequence[datetime]) -> list[float]:
    return [_place(times, time) for time in times]


def _curves(places: Sequence[float], values: Sequence[float | None], scale: Scale, marker: str) -> Iterator[Curve]:
    """A curve for each run of known values: a gap is not bridged."""
    run: list[tuple[float, float]] = []
    for place, value in [*zip(places, values, strict=False), (0.0, None)]:
        if value is not None:
            run.append((place, scale.place(value)))
        elif run:
            # One dot of braille would hardly be seen.
            shown = _MARKERS[0] if len(run) == 1 and marker == _DOTS else marker
            yield Curve(x=tuple(x for x, _ in run), y=tuple(y for _, y in run), marker=shown)
            run = []

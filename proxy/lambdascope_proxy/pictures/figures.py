"""Makes figures of charts: one chart as SVG, a whole picture as PNG; the same bytes for the same picture.

Drawn without a display, and without a trace in matplotlib's own settings.
"""

import io
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final

from lambdascope_proxy.pictures.colours import FAINT, INK, PAPER
from lambdascope_proxy.pictures.drawing import draw_chart, height_of
from lambdascope_proxy.pictures.picture import Chart, Picture
from lambdascope_proxy.pictures.table import draw_table, table_height
from lambdascope_proxy.pictures.wording import cut

WIDTH_IN: Final = 9.5
SVG_WIDTH_IN: Final = 8.6
HEAD_IN: Final = 0.75
PAD_IN: Final = 0.12
DOTS_PER_INCH: Final = 130
TITLE_CHARS: Final = 90
SUBTITLE_CHARS: Final = 150
_SETTINGS: Final = {
    "svg.fonttype": "none",  # texts stay texts, which can be read aloud, found and copied
    "svg.hashsalt": "lambdascope",
    "text.parse_math": False,  # a dollar is a dollar
    "axes.unicode_minus": False,
    "font.family": ["DejaVu Sans"],  # comes with matplotlib
    "path.simplify": True,
}


def png_of(picture: Picture) -> bytes:
    """The whole picture: title, charts and, where there is room, the table. Raises: ImportError."""
    with _drawing():
        agg: Any = import_module("matplotlib.backends.backend_agg")
        heights = [HEAD_IN, *(height_of(chart) for chart in picture.charts)]
        heights += [table_height(picture)] if picture.rows else []
        figure = _figure(WIDTH_IN, sum(heights), PAPER.light)
        parts = figure.subfigures(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0]
        _head(parts[0], picture)
        for part, chart in zip(parts[1:], picture.charts, strict=False):
            part.set_facecolor("none")
            draw_chart(part.subplots(), chart)
        if picture.rows:
            draw_table(parts[-1], picture)
        written = io.BytesIO()
        agg.FigureCanvasAgg(figure).print_png(written, metadata={"Software": None})
        return written.getvalue()


def svg_of(chart: Chart) -> str:
    """One chart as an `<svg>` element in the colours of a light page, without a background. Raises: ImportError."""
    with _drawing():
        svg: Any = import_module("matplotlib.backends.backend_svg")
        figure = _figure(SVG_WIDTH_IN, height_of(chart), "none")
        draw_chart(figure.subplots(), chart)
        written = io.StringIO()
        svg.FigureCanvasSVG(figure).print_svg(written, metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
        text = written.getvalue()
        return text[text.index("<svg") :]


@contextmanager
def _drawing() -> Generator[None]:
    matplotlib: Any = import_module("matplotlib")
    with matplotlib.rc_context(_SETTINGS), warnings.catch_warnings():
        # Names may hold characters that no font here has; a box in their place says so without a warning for each.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font", category=UserWarning)
        yield


def _figure(width: float, height: float, paper: str) -> Any:
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(width, height), dpi=DOTS_PER_INCH, layout="constrained", facecolor=paper)
    figure.get_layout_engine().set(w_pad=PAD_IN, h_pad=PAD_IN / 2)
    return figure


def _head(part: Any, picture: Picture) -> None:
    part.set_facecolor("none")
    title = {"fontsize": 14, "fontweight": "bold", "color": INK.light}
    part.text(0.012, 0.62, cut(picture.title, TITLE_CHARS), verticalalignment="center", **title)
    subtitle = {"fontsize": 9, "color": FAINT.light}
    part.text(0.012, 0.2, cut(picture.subtitle, SUBTITLE_CHARS), verticalalignment="center", **subtitle)

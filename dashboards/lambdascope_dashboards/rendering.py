"""Makes Grafana's JSON of a dashboard."""

import json
from typing import Final

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as models

from lambdascope_dashboards.layout import bottom, places
from lambdascope_dashboards.links import TAG, to_other_dashboards
from lambdascope_dashboards.panel import Board, Panel, Query, Row
from lambdascope_dashboards.panel_builders import build_panel
from lambdascope_dashboards.variables import used_filters, variables

ROW_HEIGHT: Final = 1


def render(board: Board) -> str:
    """The dashboard as the text of a JSON file that Grafana 12 and 13 import."""
    return json.dumps(_model(board), cls=JSONEncoder, indent=2, sort_keys=True) + "\n"


def _model(board: Board) -> models.Dashboard:
    built = (
        builders.Dashboard(board.title)
        .uid(board.uid)
        .description(board.description)
        .tags([TAG])
        .timezone("browser")
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .time(board.begins, "now")
        .refresh("1m" if board.source == "datasource" else "")
        # It comes from files: what is changed in Grafana would be lost, so it is not offered.
        .readonly()
        .link(to_other_dashboards())
        .annotations([])
        .variables([*variables(board)])
    )
    top = 0
    for row in board.rows:
        top = _add_row(built, board, row, top)
    return built.build()


def _add_row(built: builders.Dashboard, board: Board, row: Row, top: int) -> int:
    """Adds a row and its panels, and returns the first line below."""
    heading = builders.Row(row.title).grid_pos(models.GridPos(x=0, y=top, w=24, h=ROW_HEIGHT))
    taken = places([(panel.width, panel.height) for panel in row.panels], top=top + ROW_HEIGHT)
    panels = [
        build_panel(panel, place, _unfiltered(board, panel)) for panel, place in zip(row.panels, taken, strict=True)
    ]
    if row.is_folded:
        # Grafana keeps the panels of a folded row within it, those of an open one beside it.
        heading = heading.collapsed(True)
        for panel in panels:
            heading = heading.with_panel(panel)
        built.with_row(heading)
        return top + ROW_HEIGHT
    built.with_row(heading)
    for panel in panels:
        built.with_panel(panel)
    return bottom(taken, top=top + ROW_HEIGHT)


def _unfiltered(board: Board, panel: Panel) -> str:
    """A sentence about the filters that some queries of a panel take no notice of."""
    queries = [query for query in panel.queries if isinstance(query, Query)]
    sentences: dict[str, list[str]] = {}
    for name in used_filters(board) if queries else ():
        ignoring = [query.legend for query in queries if f"${name}" not in query.expr]
        if ignoring:
            to_which = "" if len(ignoring) == len(queries) else f" to {', '.join(ignoring)}"
            sentences.setdefault(f"Filters that do not apply{to_which}: ", []).append(name)
    return " ".join(f"{beginning}{', '.join(ignored)}." for beginning, ignored in sentences.items())

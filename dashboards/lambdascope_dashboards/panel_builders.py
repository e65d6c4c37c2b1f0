"""Panels as Grafana's models: graph, figure, table, heatmap, states over time."""

import zlib

from grafana_foundation_sdk.builders import common, heatmap, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.models import common as common_models
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models import heatmap as heatmap_models

from lambdascope_dashboards.colours import OUTCOMES
from lambdascope_dashboards.columns import shape_table
from lambdascope_dashboards.layout import Place
from lambdascope_dashboards.panel import COUNT, Panel, Query
from lambdascope_dashboards.prometheus_names import label
from lambdascope_dashboards.targets import source_name, targets
from lambdascope_dashboards.variables import source
from lambdascope_proxy import names

Built = timeseries.Panel | stat.Panel | table.Panel | heatmap.Panel | statetimeline.Panel


def build_panel(panel: Panel, place: Place, unfiltered: str) -> Built:
    """The panel at its place. `unfiltered` says of which filters it takes no notice."""
    built = _of_kind(panel)
    built = (
        built.id(_id(panel.title))
        .title(panel.title)
        .description(" ".join(filter(None, (panel.description, unfiltered))))
        .grid_pos(models.GridPos(x=place.x, y=place.y, w=place.width, h=place.height))
    )
    return built.datasource(source(source_name(panel))).unit(panel.unit).targets(targets(panel))


def _id(title: str) -> int:
    """A number that stays when panels come and go, because links to a panel hold it."""
    return zlib.crc32(title.encode()) % 1_000_000


def _of_kind(panel: Panel) -> Built:
    match panel.kind:
        case "graph":
            return _graph(panel)
        case "stat":
            return _stat(panel)
        case "table":
            return shape_table(panel, table.Panel())
        case "heatmap":
            return _heatmap(panel)
        case "states":
            return _states(panel)


def _graph(panel: Panel) -> timeseries.Panel:
    legend = (
        common.VizLegendOptions()
        .display_mode(common_models.LegendDisplayMode.TABLE)
        .placement(common_models.LegendPlacement.BOTTOM)
        .show_legend(True)
        .calcs(["mean", "max"])
        .sort_by("Max")
        .sort_desc(True)
    )
    tooltip = (
        common.VizTooltipOptions().mode(common_models.TooltipDisplayMode.MULTI).sort(common_models.SortOrder.DESCENDING)
    )
    built = timeseries.Panel().legend(legend).tooltip(tooltip).min(0).show_points(common_models.VisibilityMode.AUTO)
    if panel.has_bars:
        built = built.draw_style(common_models.GraphDrawStyle.BARS)
    if panel.most is not None:
        built = built.max(panel.most)
    for outcome, colour in OUTCOMES.items() if _tells_outcomes(panel) else ():
        fixed = {"mode": "fixed", "fixedColor": colour}
        built = built.override_by_name(outcome, [models.DynamicConfigValue(id_val="color", value=fixed)])
    if panel.stacking != "none":
        mode = common_models.StackingMode(panel.stacking)
        built = built.stacking(common.StackingConfig().mode(mode).group("A")).fill_opacity(30)
    return built


def _tells_outcomes(panel: Panel) -> bool:
    legend = f"{{{{{label(names.OUTCOME)}}}}}"
    return any(isinstance(query, Query) and query.legend == legend for query in panel.queries)


def _stat(panel: Panel) -> stat.Panel:
    reduced = common.ReduceDataOptions().calcs(["lastNotNull"]).values(False).fields("")
    built = (
        stat.Panel()
        .reduce_options(reduced)
        .color_mode(common_models.BigValueColorMode.NONE)
        .graph_mode(common_models.BigValueGraphMode.NONE)
    )
    return built.decimals(0) if panel.unit == COUNT else built


def _heatmap(panel: Panel) -> heatmap.Panel:
    colour = (
        heatmap.HeatmapColorOptions()
        .mode(heatmap_models.HeatmapColorMode.SCHEME)
        .scheme("Blues")
        .exponent(0.5)
        .scale(heatmap_models.HeatmapColorScale.EXPONENTIAL)
        .steps(64)
    )
    return (
        heatmap.Panel()
        .calculate(False)
        .color(colour)
        .y_axis(heatmap.YAxisConfig().unit(panel.unit))
        .cell_gap(1)
        .exemplars_color("rgba(255,0,255,0.7)")
        .show_legend()
    )


def _states(panel: Panel) -> statetimeline.Panel:
    meant = {
        str(state.value): models.ValueMappingResult(text=state.text, color=state.colour, index=index)
        for index, state in enumerate(panel.states)
    }
    legend = (
        common.VizLegendOptions()
        .display_mode(common_models.LegendDisplayMode.LIST)
        .placement(common_models.LegendPlacement.BOTTOM)
        .show_legend(True)
    )
    return (
        statetimeline.Panel()
        .mappings([models.ValueMap(options=meant)])
        .legend(legend)
        .merge_values(True)
        .show_value(common_models.VisibilityMode.AUTO)
        .row_height(0.9)
    )

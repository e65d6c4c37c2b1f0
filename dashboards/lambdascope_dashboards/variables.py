"""The variables of a dashboard: its data sources, and what its panels are filtered by."""

from typing import Final

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as models

from lambdascope_dashboards.panel import Board
from lambdascope_dashboards.prometheus_names import label, prometheus_name
from lambdascope_dashboards.promql import ENVIRONMENT, FILTERS, where
from lambdascope_dashboards.sql_files import sql
from lambdascope_proxy.telemetry.metric_table import CALLS

Variable = builders.QueryVariable | builders.DatasourceVariable | builders.TextBoxVariable

DUCKDB: Final = "motherduck-duckdb-datasource"
PLUGINS: Final = {"datasource": "prometheus", "history": DUCKDB, "traces": "tempo", "cloudwatch": "cloudwatch"}
# Name and uid in provisioning/.
PROVISIONED: Final = {
    "datasource": ("lambdascope Prometheus", "lambdascope-prometheus"),
    "history": ("lambdascope history", "lambdascope-duckdb"),
    "traces": ("lambdascope Tempo", "lambdascope-tempo"),
    "cloudwatch": ("lambdascope CloudWatch", "lambdascope-cloudwatch"),
}
LABELS: Final = {
    "datasource": "Prometheus",
    "history": "DuckDB",
    "traces": "Tempo",
    "cloudwatch": "CloudWatch",
    "cloudwatch_region": "CloudWatch: region",
    "cloudwatch_function": "CloudWatch: function",
}
OF_HISTORY: Final = ("region", "function", "client")


def source(name: str) -> common.DataSourceRef:
    """The data source that a variable holds."""
    return common.DataSourceRef(type_val=PLUGINS[name], uid=f"${{{name}}}")


def variables(board: Board) -> list[Variable]:
    """All variables of a dashboard, in the order in which they stand above it."""
    found: list[Variable] = [_source_variable(board.source)]
    if board.source == "history":
        found += [_history_variable(name) for name in OF_HISTORY]
    else:
        used = used_filters(board)
        found += [_metric_variable(name, is_shown=name in used) for name in FILTERS]
    found += [_source_variable(name) for name in board.needs]
    if "cloudwatch" in board.needs:
        found += [_text("cloudwatch_region", "default"), _text("cloudwatch_function", "*")]
    return found


def used_filters(board: Board) -> list[str]:
    """The variables by which some panel of a dashboard is filtered."""
    exprs = [str(query) for panel in board.panels for query in panel.queries]
    return [name for name in FILTERS if any(f"${name}" in expr for expr in exprs)]


def _source_variable(name: str) -> builders.DatasourceVariable:
    """Begins with the one of provisioning/; where that is not there, Grafana takes its first of the type."""
    text, uid = PROVISIONED[name]
    current = models.VariableOption(selected=True, text=text, value=uid)
    return builders.DatasourceVariable(name).label(LABELS[name]).type(PLUGINS[name]).current(current)


def _text(name: str, value: str) -> builders.TextBoxVariable:
    return builders.TextBoxVariable(name).label(LABELS[name]).default_value(value)


def _metric_variable(name: str, *, is_shown: bool) -> builders.QueryVariable:
    """One that no panel uses is hidden: links to other dashboards carry its value on."""
    attribute = ENVIRONMENT if name == "environment" else FILTERS[name][0]
    earlier = [*FILTERS][: [*FILTERS].index(name)]
    filters = ", ".join(where(FILTERS[each][0], "=~", f"${each}") for each in earlier if each != "client")
    query = f"label_values({prometheus_name(CALLS)}{{{filters}}}, {label(attribute)})"
    variable = _multiple(name, query, "datasource").all_value(".*")
    return variable if is_shown else variable.hide(models.VariableHide.HIDE_VARIABLE)


def _history_variable(name: str) -> builders.QueryVariable:
    return _multiple(name, sql(f"variable_{name}"), "history")


def _multiple(name: str, query: str, of: str) -> builders.QueryVariable:
    everything = models.VariableOption(selected=True, text=["All"], value=["$__all"])
    return (
        builders.QueryVariable(name)
        .label(name.capitalize())
        .datasource(source(of))
        .query(query)
        .definition(query)
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(models.VariableSort.ALPHABETICAL_ASC)
        .multi(True)
        .include_all(True)
        .current(everything)
    )

"""Tables: which columns they show, under which names and in which units."""

import string
from typing import Any, Final

from grafana_foundation_sdk.builders import table
from grafana_foundation_sdk.models import dashboard as models

from lambdascope_dashboards.links import to_function, to_trace
from lambdascope_dashboards.panel import COUNT, Panel, Query, Sql
from lambdascope_dashboards.prometheus_names import label
from lambdascope_proxy import names

TITLES: Final = {
    label(names.FAAS_NAME): "function",
    label(names.FAAS_REGION): "region",
    label(names.TARGET): "target",
    label(names.TOOL_NAME): "tool",
    label(names.ERROR_TYPE): "reason",
    "service_instance_id": "proxy",
}


def shape_table(panel: Panel, built: table.Panel) -> table.Panel:
    """The table with its columns named, in their units and linked; the first figure sorts it."""
    queries = [query for query in panel.queries if isinstance(query, Query)]
    if queries:
        built = _merged(queries, built)
    for title, unit in _units(panel):
        whole = [_property("decimals", 0)] if unit == COUNT else []
        built = built.override_by_name(title, [_property("unit", unit), *whole])
    for title, links in _links(panel):
        built = built.override_by_name(title, [_property("links", links)])
    return built


def _links(panel: Panel) -> list[tuple[str, list[dict[str, Any]]]]:
    function = label(names.FAAS_NAME)
    of_functions = any(isinstance(query, Query) and function in query.expr for query in panel.queries)
    to_traces = [query.trace_column for query in panel.queries if isinstance(query, Sql) and query.trace_column]
    return [
        *([(TITLES[function], to_function())] if of_functions else []),
        *((column, to_trace()) for column in to_traces),
    ]


def _merged(queries: list[Query], built: table.Panel) -> table.Panel:
    """One row for each set of labels, one column for each query."""
    # Of a single query the column has no letter.
    columns = [f"Value #{letter}" for letter in string.ascii_uppercase] if len(queries) > 1 else ["Value"]
    values = {column: query.legend for column, query in zip(columns, queries, strict=False)}
    titles = {name: title for name, title in TITLES.items() if any(name in query.expr for query in queries)}
    organised: dict[str, Any] = {
        "excludeByName": {"Time": True},
        "indexByName": {name: index for index, name in enumerate([*titles, *values])},
        "renameByName": {**titles, **values},
    }
    by_first = {"sort": [{"field": queries[0].legend, "desc": True}]}
    for id_val, options in (("merge", {}), ("organize", organised), ("sortBy", by_first)):
        built = built.with_transformation(models.DataTransformerConfig(id_val=id_val, options=options))
    return built


def _units(panel: Panel) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for query in panel.queries:
        if isinstance(query, Query) and query.unit:
            found.append((query.legend, query.unit))
        if isinstance(query, Sql):
            found += query.units
    return found


def _property(id_val: str, value: object) -> models.DynamicConfigValue:
    return models.DynamicConfigValue(id_val=id_val, value=value)

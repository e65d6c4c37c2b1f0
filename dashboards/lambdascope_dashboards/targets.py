"""Queries of a panel as Grafana's models: Prometheus, CloudWatch, Tempo and DuckDB."""

import string
from typing import Final

from grafana_foundation_sdk.builders import cloudwatch, prometheus, tempo
from grafana_foundation_sdk.cog import builder as cog
from grafana_foundation_sdk.cog import variants
from grafana_foundation_sdk.cog.runtime import UnknownDataquery
from grafana_foundation_sdk.models import cloudwatch as cloudwatch_models
from grafana_foundation_sdk.models import prometheus as prometheus_models
from grafana_foundation_sdk.models import tempo as tempo_models

from lambdascope_dashboards.panel import CloudWatch, Panel, Query, Sql, Traces
from lambdascope_dashboards.sql_files import sql
from lambdascope_dashboards.variables import DUCKDB, source

Target = cog.Builder[variants.Dataquery]
# Metrics leave a proxy once a minute, so rates over less would swing between nothing and twice as much: Grafana makes
# $__rate_interval four times this.
LEAST_STEP: Final = "1m"
# Of the data source for DuckDB, whose models the SDK has not.
TIME_SERIES, TABLE = 0, 1


def targets(panel: Panel) -> list[Target]:
    """Its queries, named A, B, C ..."""
    return [_target(panel, query, name) for query, name in zip(panel.queries, string.ascii_uppercase, strict=False)]


def source_name(panel: Panel) -> str:
    """The variable that holds the data source of its queries."""
    names = {Query: "datasource", Sql: "history", CloudWatch: "cloudwatch", Traces: "traces"}
    return names[type(panel.queries[0])]


def _target(panel: Panel, query: Query | Sql | CloudWatch | Traces, name: str) -> Target:
    if isinstance(query, Query):
        return _prometheus(panel, query, name)
    if isinstance(query, CloudWatch):
        return _cloudwatch(query, name)
    if isinstance(query, Traces):
        return _tempo(query, name)
    return _Duckdb(query, name, TIME_SERIES if panel.kind == "graph" else TABLE)


def _prometheus(panel: Panel, query: Query, name: str) -> Target:
    formats = {
        "table": prometheus_models.PromQueryFormat.TABLE,
        "heatmap": prometheus_models.PromQueryFormat.HEATMAP,
    }
    target = (
        prometheus.Dataquery()
        .datasource(source("datasource"))
        .editor_mode(prometheus_models.QueryEditorMode.CODE)
        .expr(query.expr)
        .format(formats.get(panel.kind, prometheus_models.PromQueryFormat.TIME_SERIES))
        .legend_format(query.legend)
        .ref_id(name)
    )
    # One value for the whole time range, or one for each step.
    target = target.instant() if panel.kind in ("stat", "table") else target.range().interval(LEAST_STEP)
    return target.exemplar(True) if query.has_exemplars else target


def _cloudwatch(query: CloudWatch, name: str) -> Target:
    label = query.legend if query.is_of_account else f"${{PROP('Dim.FunctionName')}} {query.legend}"
    return (
        cloudwatch.MetricsQuery()
        .datasource(source("cloudwatch"))
        .query_mode(cloudwatch_models.QueryMode.METRICS)
        .metric_query_type(cloudwatch_models.MetricQueryType.SEARCH)
        .metric_editor_mode(cloudwatch_models.MetricEditorMode.BUILDER)
        .namespace("AWS/Lambda")
        .metric_name(query.metric)
        .dimensions({} if query.is_of_account else {"FunctionName": "$cloudwatch_function"})
        .match_exact(True)
        .region("$cloudwatch_region")
        .statistic(query.statistic)
        .label(label)
        .id(name.lower())
        .expression("")
        .ref_id(name)
    )


def _tempo(query: Traces, name: str) -> Target:
    return (
        tempo.Dataquery()
        .datasource(source("traces"))
        .query_type(tempo_models.TempoQueryType.TRACEQL.value)
        .query(query.query)
        .table_type(tempo_models.SearchTableType.TRACES)
        .limit(20)
        .ref_id(name)
    )


class _Duckdb(cog.Builder[variants.Dataquery]):
    def __init__(self, query: Sql, name: str, form: int) -> None:
        self._query, self._name, self._form = query, name, form

    def build(self) -> variants.Dataquery:
        return UnknownDataquery(
            {
                "refId": self._name,
                "datasource": {"type": DUCKDB, "uid": source("history").uid},
                "editorMode": "code",
                "format": self._form,
                "rawQuery": True,
                "rawSql": sql(self._query.name),
            }
        )

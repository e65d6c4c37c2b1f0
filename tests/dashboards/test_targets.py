"""What panels send to their data sources."""

import json
from typing import Any

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.variants import Dataquery

from lambdascope_dashboards.panel import CloudWatch, Kind, Panel, Query, Sql, Traces
from lambdascope_dashboards.targets import source_name, targets


def panel(*queries: Any, kind: Kind = "graph") -> Panel:
    return Panel(title="T", description="D", unit="s", kind=kind, queries=queries)


def sent(asking: Panel) -> list[dict[str, Any]]:
    return [json.loads(json.dumps(each.build(), cls=JSONEncoder)) for each in targets(asking)]


@pytest.mark.parametrize(
    ("kind", "form", "is_instant"),
    [
        ("graph", "time_series", False),
        ("heatmap", "heatmap", False),
        ("stat", "time_series", True),
        ("table", "table", True),
    ],
)
def test_promql_is_asked_in_the_form_its_panel_shows(kind: Kind, form: str, is_instant: bool) -> None:
    (query,) = sent(panel(Query(expr="up", legend="l"), kind=kind))
    assert (query["expr"], query["format"], query["instant"], query["range"]) == (
        "up",
        form,
        is_instant,
        not is_instant,
    )
    assert "exemplar" not in query
    # Metrics are exported once a minute: shorter steps would show a comb.
    assert query.get("interval") == (None if is_instant else "1m")


def test_exemplars_are_asked_for_only_where_they_are_wanted() -> None:
    assert [each.get("exemplar") for each in sent(panel(Query(expr="up", legend="l", has_exemplars=True)))] == [True]


@pytest.mark.parametrize(("kind", "form"), [("graph", 0), ("table", 1)])
def test_sql_is_sent_as_written_with_the_form_of_the_plugin(kind: Kind, form: int) -> None:
    (query,) = sent(panel(Sql(name="total"), kind=kind))
    assert query["format"] == form
    assert query["rawSql"].startswith("SELECT CAST(sum(cost_usd)")
    assert query["datasource"] == {"type": "motherduck-duckdb-datasource", "uid": "${history}"}


def test_cloudwatch_is_asked_of_each_function_the_text_fits() -> None:
    first, second = sent(
        panel(*(CloudWatch(metric="Errors", statistic=each, legend="errors") for each in ("Sum", "Maximum")))
    )
    assert first["dimensions"] == {"FunctionName": "$cloudwatch_function"}
    # With this and `*` Grafana makes a search over the metrics of single functions, not of their versions too.
    assert first["matchExact"] is True
    assert (first["namespace"], first["metricName"], first["statistic"]) == ("AWS/Lambda", "Errors", "Sum")
    # CloudWatch knows the queries of one request by these.
    assert [first["id"], second["id"]] == ["a", "b"]


def test_cloudwatch_is_asked_of_the_account_without_a_function() -> None:
    # With a dimension there is no such metric, and the panel stays empty.
    (query,) = sent(
        panel(CloudWatch(metric="ClaimedAccountConcurrency", statistic="Maximum", legend="claimed", is_of_account=True))
    )
    assert not query.get("dimensions")
    assert query["matchExact"] is True
    assert query["label"] == "claimed"


def test_tempo_is_asked_for_traces() -> None:
    (query,) = sent(panel(Traces(query="{ duration > 1s }"), kind="table"))
    assert (query["queryType"], query["query"], query["tableType"]) == ("traceql", "{ duration > 1s }", "traces")


@pytest.mark.parametrize(
    ("query", "name"),
    [
        (Query(expr="up", legend="l"), "datasource"),
        (Sql(name="total"), "history"),
        (CloudWatch(metric="Errors", statistic="Sum", legend="l"), "cloudwatch"),
        (Traces(query="{}"), "traces"),
    ],
)
def test_the_kind_of_query_says_which_data_source(query: Any, name: str) -> None:
    assert source_name(panel(query)) == name


def test_the_history_is_the_one_source_the_sdk_has_no_model_of() -> None:
    assert isinstance(targets(panel(Sql(name="total")))[0].build(), Dataquery)

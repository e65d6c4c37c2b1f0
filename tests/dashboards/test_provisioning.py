"""The files that provision Grafana: they fit the dashboards, each other and what we emit."""

import re
from pathlib import Path
from typing import Any

import promql_parser as promql
import pytest
import yaml

from lambdascope_dashboards.prometheus_names import label, series_names
from lambdascope_dashboards.variables import PLUGINS
from lambdascope_proxy import names
from lambdascope_proxy.telemetry.metric_table import METRICS

FILES = Path(__file__).parents[2] / "dashboards" / "lambdascope_dashboards" / "provisioning"
SOURCES = {
    source["type"]: source
    for path in FILES.glob("*.yaml")
    for source in yaml.safe_load(path.read_text(encoding="utf-8")).get("datasources", [])
}


def test_there_is_a_data_source_for_each_that_a_dashboard_asks() -> None:
    assert {*SOURCES} == {*PLUGINS.values()}
    assert len({source["uid"] for source in SOURCES.values()}) == len(SOURCES)


def test_no_data_source_takes_the_place_of_one_that_a_grafana_has() -> None:
    # Grafana replaces one of the same name, and does not start when two are the default.
    assert [source["name"] for source in SOURCES.values() if not source["name"].startswith("lambdascope ")] == []
    assert [source["name"] for source in SOURCES.values() if "isDefault" in source] == []


def test_dashboards_begin_with_the_data_sources_that_are_provisioned(dashboards: dict[str, Any]) -> None:
    # Without a current one Grafana takes its first of that type, which may be somebody else's.
    for dashboard in dashboards.values():
        for variable in dashboard["templating"]["list"]:
            if variable["type"] == "datasource":
                source = SOURCES[variable["query"]]
                assert (variable["current"]["text"], variable["current"]["value"]) == (source["name"], source["uid"])


def test_an_exemplar_leads_to_its_trace() -> None:
    # The Collector's exporter writes the trace's id under this name.
    destinations = SOURCES["prometheus"]["jsonData"]["exemplarTraceIdDestinations"]
    assert destinations == [{"name": "trace_id", "datasourceUid": SOURCES["tempo"]["uid"]}]


def to_metrics() -> dict[str, Any]:
    return SOURCES["tempo"]["jsonData"]["tracesToMetrics"]


def test_a_span_leads_to_the_metrics_of_its_function() -> None:
    assert to_metrics()["datasourceUid"] == SOURCES["prometheus"]["uid"]
    tags = {tag["key"]: tag["value"] for tag in to_metrics()["tags"]}
    assert tags == {name: label(name) for name in (names.FAAS_NAME, names.FAAS_REGION)}


@pytest.mark.parametrize("query", to_metrics()["queries"], ids=lambda query: query["name"])
def test_what_a_span_leads_to_is_emitted_with_the_labels_it_is_asked_by(query: dict[str, str]) -> None:
    # Grafana takes a single dollar sign in these files for a variable of its environment.
    assert "$" not in query["query"].replace("$$", "")
    asked = query["query"].replace("$$__tags", 'faas_invoked_name="f"').replace("$$__rate_interval", "1m")
    promql.parse(asked)
    labels = {name: {*metric.attributes} for metric in METRICS for name in series_names(metric)}
    (series,) = re.findall(r"(\w+)\{", asked)
    assert {names.FAAS_NAME, names.FAAS_REGION} <= labels[series]


def test_the_history_is_opened_for_reading_only() -> None:
    # Opened for writing it would be locked against every other reader.
    path = SOURCES["motherduck-duckdb-datasource"]["jsonData"]["path"]
    assert path.endswith("/history.duckdb?access_mode=READ_ONLY")


def test_dashboards_are_read_from_files_and_not_changed_by_hand() -> None:
    (provider,) = yaml.safe_load((FILES / "dashboards.yaml").read_text(encoding="utf-8"))["providers"]
    assert provider["type"] == "file"
    assert provider["allowUiUpdates"] is False

"""The variables above a dashboard."""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]


def by_name(dashboard: Json) -> dict[str, Json]:
    return {each["name"]: each for each in dashboard["templating"]["list"]}


def test_all_of_a_metrics_filter_is_a_pattern_that_fits_series_without_the_label(
    dashboards: Mapping[str, Json],
) -> None:
    # A list of all values would leave out calls of no function, and grow as long as the account.
    for name in ("environment", "region", "function", "client"):
        variable = by_name(dashboards["lambdascope-overview"])[name]
        assert variable["allValue"] == ".*"
        assert variable["includeAll"]
        assert variable["multi"]
        assert variable["current"]["value"] == ["$__all"]


def test_each_filter_offers_what_the_ones_before_it_leave(dashboards: Mapping[str, Json]) -> None:
    queries = {name: each["query"] for name, each in by_name(dashboards["lambdascope-overview"]).items()}
    assert queries["environment"] == "label_values(lambdascope_calls_total{}, deployment_environment_name)"
    within = 'deployment_environment_name=~"$environment", faas_invoked_region=~"$region"'
    assert queries["function"] == f"label_values(lambdascope_calls_total{{{within}}}, faas_invoked_name)"
    within += ', faas_invoked_name=~"$function"'
    assert queries["client"] == f"label_values(lambdascope_calls_total{{{within}}}, lambdascope_client_name)"


def test_values_follow_the_time_range(dashboard: Json) -> None:
    queries = [each for each in dashboard["templating"]["list"] if each["type"] == "query"]
    assert queries
    assert {each["refresh"] for each in queries} == {2}


def test_the_history_offers_its_own_values_as_lists(dashboards: Mapping[str, Json]) -> None:
    # SQL takes lists: a pattern for All would be compared as it is written.
    variables = by_name(dashboards["lambdascope-history"])
    assert [*variables] == ["history", "region", "function", "client", "traces"]
    assert "allValue" not in variables["function"]
    assert variables["function"]["query"].startswith("SELECT DISTINCT")


def test_the_source_of_the_history_does_not_take_the_place_of_prometheus(dashboards: Mapping[str, Json]) -> None:
    # Links carry variables on by name: one name for both would put Prometheus into the dashboard over DuckDB.
    assert "datasource" not in by_name(dashboards["lambdascope-history"])
    assert "datasource" in by_name(dashboards["lambdascope-cost"])


def test_cloudwatch_is_asked_only_where_it_is_wanted(dashboards: Mapping[str, Json]) -> None:
    # A query variable of a data source that nobody has would show an error above the dashboard.
    variables = by_name(dashboards["lambdascope-lambda"])
    kinds = {name: each["type"] for name, each in variables.items() if name.startswith("cloudwatch")}
    assert kinds == {"cloudwatch": "datasource", "cloudwatch_region": "textbox", "cloudwatch_function": "textbox"}
    assert variables["cloudwatch_function"]["query"] == "*"

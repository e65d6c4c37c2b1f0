"""Columns of tables."""

from collections.abc import Mapping
from typing import Any

import pytest

Json = dict[str, Any]


@pytest.fixture
def table(asked: list[tuple[str, Json]]) -> Mapping[str, Json]:
    return {panel["title"]: panel for _, panel in asked if panel["type"] == "table"}


def options(panel: Json, transformation: str) -> Json:
    (found,) = [each["options"] for each in panel["transformations"] if each["id"] == transformation]
    return found


def properties(panel: Json, kind: str) -> dict[str, Any]:
    return {
        override["matcher"]["options"]: each["value"]
        for override in panel["fieldConfig"]["overrides"]
        for each in override["properties"]
        if each["id"] == kind
    }


def test_queries_become_columns_of_one_row_for_each_function(table: Mapping[str, Json]) -> None:
    panel = table["Functions in figures"]
    assert options(panel, "merge") == {}
    organised = options(panel, "organize")
    names = organised["renameByName"]
    assert [names[name] for name in sorted(organised["indexByName"], key=organised["indexByName"].get)][:4] == [
        *("function", "region", "calls", "failed")
    ]
    assert organised["excludeByName"] == {"Time": True}
    assert options(panel, "sortBy") == {"sort": [{"field": "calls", "desc": True}]}


def test_columns_are_named_as_people_call_them_also_where_no_function_is(table: Mapping[str, Json]) -> None:
    # Without a title a column would be called gen_ai_tool_name.
    assert options(table["Refusals in figures"], "organize")["renameByName"] == {
        "lambdascope_target": "target",
        "gen_ai_tool_name": "tool",
        "error_type": "reason",
        "Value": "calls",
    }
    assert properties(table["Refusals in figures"], "links") == {}


def test_a_single_query_names_its_column_without_a_letter(table: Mapping[str, Json]) -> None:
    assert options(table["Worst delay by proxy"], "organize")["renameByName"]["Value"] == "p99"


def test_columns_have_units_of_their_own(table: Mapping[str, Json]) -> None:
    units = properties(table["Functions in figures"], "unit")
    assert units == {
        "calls": "locale",
        "failed": "percentunit",
        "p50": "s",
        "p99": "s",
        "cold starts": "locale",
        "cost": "currencyUSD",
    }


def test_columns_of_counts_show_no_fractions(table: Mapping[str, Json]) -> None:
    assert properties(table["Functions in figures"], "decimals") == {"calls": 0, "cold starts": 0}
    assert properties(table["Sessions by cost"], "unit") == {"calls": "short", "failed_calls": "short"}


def test_functions_lead_to_their_dashboards_and_calls_to_their_traces(table: Mapping[str, Json]) -> None:
    links = {title: properties(panel, "links") for title, panel in table.items()}
    assert {title: [*each] for title, each in links.items() if each} == {
        "Cost by function in figures": ["function"],
        "Functions in figures": ["function"],
        "Dearest calls": ["trace"],
    }

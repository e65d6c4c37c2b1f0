"""The committed JSON as Grafana takes it: its schema, ids and places, and what Grafana's own linter asks for."""

import json
import re
from collections import Counter
from typing import Any

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models import units

Json = dict[str, Any]
UNITS = {value for name, value in vars(units).items() if name[0].isupper() and isinstance(value, str)}
SOURCES = ["${datasource}", "${history}", "${traces}", "${cloudwatch}"]


def lost(before: Any, after: Any, place: str = "") -> list[str]:
    """What is in one JSON value and not, or otherwise, in the other."""
    if isinstance(before, dict) and isinstance(after, dict):
        return [each for name in before for each in lost(before[name], after.get(name), f"{place}/{name}")]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [each for index, value in enumerate(before) for each in lost(value, after[index], f"{place}/{index}")]
    return [] if before == after else [place]


def round_trip(dashboard: Json) -> Json:
    """The dashboard as it comes out of the SDK's models of Grafana's schema, which drop what they do not know."""
    register_default_plugins()
    return json.loads(json.dumps(models.Dashboard.from_json(dashboard), cls=JSONEncoder))


def test_grafanas_models_know_every_field(dashboard: Json) -> None:
    assert lost(dashboard, round_trip(dashboard)) == []


def test_a_field_they_do_not_know_would_be_found(dashboard: Json) -> None:
    row, panel = dashboard["panels"][:2]
    spoilt = {**dashboard, "panels": [row, {**panel, "colour": "red", "options": {**panel["options"], "size": 1}}]}
    assert sorted(lost(spoilt, round_trip(spoilt))) == ["/panels/1/colour", "/panels/1/options/size"]


def test_it_is_classic_json_of_a_schema_that_grafana_12_and_13_import(dashboard: Json) -> None:
    assert dashboard["schemaVersion"] == 42
    assert dashboard["annotations"] == {"list": []}
    # An id would be that of some other dashboard in the Grafana it comes to.
    assert dashboard.get("id") is None


def test_each_dashboard_has_an_address_of_its_own(dashboards: dict[str, Json]) -> None:
    # These addresses are in bookmarks and alerts: they do not change.
    assert {name: each["uid"] for name, each in dashboards.items()} == {name: name for name in dashboards}
    assert sorted(dashboards) == [
        *(
            "lambdascope-cost",
            "lambdascope-guardrails",
            "lambdascope-history",
            "lambdascope-lambda",
            "lambdascope-latency",
        ),
        *("lambdascope-overview", "lambdascope-proxy", "lambdascope-upstreams"),
    ]


def test_each_dashboard_leads_to_the_others(dashboard: Json) -> None:
    (menu,) = [link for link in dashboard["links"] if link["type"] == "dashboards"]
    assert menu["tags"] == dashboard["tags"] == ["lambdascope"]
    assert menu["includeVars"]
    assert menu["keepTime"]


def test_no_two_panels_have_an_id_in_common(panels: list[Json]) -> None:
    counted = Counter(panel["id"] for panel in panels)
    assert [panel["title"] for panel in panels if counted[panel["id"]] > 1] == []


def test_a_panel_keeps_its_id_when_others_come(panels: list[Json]) -> None:
    # Links to a single panel hold it. A number counted from the top would move on.
    assert max(panel["id"] for panel in panels) > len(panels)


def test_panels_lie_on_the_grid_and_none_on_another(boxes: list[Json]) -> None:
    folded = {id(inner) for box in boxes if box.get("collapsed") for inner in box["panels"]}
    cells: Counter[tuple[int, int]] = Counter()
    for box in boxes:
        if id(box) not in folded:
            place = box["gridPos"]
            cells.update((place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"]))
    assert max(cells.values()) == 1
    assert {x for x, _ in cells} == set(range(24))


def test_open_rows_hold_no_panels_and_folded_ones_hold_theirs(dashboard: Json) -> None:
    # Grafana shows the panels of an open row that holds them nowhere.
    rows = [box for box in dashboard["panels"] if box["type"] == "row"]
    assert rows
    assert all(bool(row.get("collapsed")) == bool(row.get("panels")) for row in rows)


def test_every_panel_says_what_it_shows_and_in_which_unit(panels: list[Json]) -> None:
    assert [panel["title"] for panel in panels if len(panel["description"].split()) < 4] == []
    assert {panel["fieldConfig"]["defaults"]["unit"] for panel in panels} <= UNITS


def test_every_unit_of_a_column_is_one_that_grafana_knows(panels: list[Json]) -> None:
    overrides = [each for panel in panels for each in panel["fieldConfig"]["overrides"]]
    given = {each["value"] for override in overrides for each in override["properties"] if each["id"] == "unit"}
    assert given <= UNITS


def test_every_panel_asks_of_a_data_source_that_a_variable_holds(dashboard: Json, panels: list[Json]) -> None:
    variables = {each["name"]: each for each in dashboard["templating"]["list"]}
    sources = [panel["datasource"] for panel in panels] + [
        target["datasource"] for panel in panels for target in panel["targets"]
    ]
    assert {source["uid"] for source in sources} <= {*SOURCES}
    assert all(variables[source["uid"][2:-1]]["query"] == source["type"] for source in sources)


def test_the_first_variable_is_the_data_source(dashboard: Json) -> None:
    first = dashboard["templating"]["list"][0]
    assert first["type"] == "datasource"
    assert first["name"] in ("datasource", "history")


def test_every_panel_asks_something_and_each_query_has_a_letter(panels: list[Json]) -> None:
    for panel in panels:
        letters = [target["refId"] for target in panel["targets"]]
        assert letters == [*"ABCDEFGHIJ"[: len(letters)]]
        assert letters


def test_rates_are_over_the_interval_grafana_finds_right(exprs: dict[str, str]) -> None:
    # A window of its own shows gaps where Prometheus scrapes less often, and skips points when zoomed out.
    windows = {window for expr in exprs.values() for window in re.findall(r"\[([^\]]*)\]", expr)}
    assert windows <= {"$__rate_interval", "$__range"}


def test_one_figure_is_over_the_whole_time_range_and_a_line_over_steps(panels: list[Json]) -> None:
    for panel in panels:
        for target in panel["targets"]:
            is_line = panel["type"] in ("timeseries", "heatmap", "state-timeline")
            assert not is_line or "$__range]" not in target.get("expr", "")
            assert is_line or "$__rate_interval" not in target.get("expr", "")
            assert target.get("instant", False) == (not is_line and "expr" in target)


def test_each_state_has_a_word_and_a_colour(dashboards: dict[str, Json]) -> None:
    # Without them a breaker would be a band of 0, 1 and 2.
    (timeline,) = [each for each in dashboards["lambdascope-guardrails"]["panels"] if each["type"] == "state-timeline"]
    ((mapping,),) = [timeline["fieldConfig"]["defaults"]["mappings"]]
    meant = {value: (each["text"], each["color"]) for value, each in mapping["options"].items()}
    assert meant == {"0": ("closed", "green"), "1": ("half open", "yellow"), "2": ("open", "red")}


def test_it_is_not_edited_where_the_next_update_would_undo_it(dashboard: Json) -> None:
    assert dashboard["editable"] is False

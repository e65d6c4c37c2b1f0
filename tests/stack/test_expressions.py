"""Every expression is found, wherever Grafana allows it to stand; one that is overlooked is never asked."""

from typing import Any

from stack.expressions import Expression, of_dashboard, of_rules

PROMETHEUS = {"type": "prometheus", "uid": "${datasource}"}


def panel(title: str, *targets: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"title": title, "targets": list(targets), **more}


def places(**dashboard: Any) -> list[tuple[str, str]]:
    return [(each.place, each.text) for each in of_dashboard({"title": "D", **dashboard})]


def test_panels_of_folded_rows_and_annotations_are_read_as_well() -> None:
    folded = {"type": "row", "title": "more", "panels": [panel("B", {"expr": "b"})]}
    annotations = {"list": [{"name": "deploys", "expr": "changes(c[1m])"}, {"name": "built in", "target": {}}]}
    assert places(panels=[panel("A", {"expr": "a"}), folded], annotations=annotations) == [
        ("D / A", "a"),
        ("D / B", "b"),
        ("D / annotation deploys", "changes(c[1m])"),
    ]


def test_several_targets_of_a_panel_are_told_apart() -> None:
    both = panel("A", {"refId": "p50", "expr": "a"}, {"refId": "p99", "expr": "b"})
    assert places(panels=[both]) == [("D / A p50", "a"), ("D / A p99", "b")]


def test_targets_of_other_data_sources_are_not_for_prometheus() -> None:
    other = {"type": "motherduck-duckdb-datasource", "uid": "x"}
    mixed = panel(
        "A", {"datasource": PROMETHEUS, "expr": "a"}, {"datasource": other, "rawSql": "SELECT 1"}, datasource=other
    )
    assert places(panels=[mixed, panel("B", {"expr": "b"}, datasource=other)]) == [("D / A", "a")]


def test_alerts_and_recorded_rules_are_named_with_what_tells_them_apart() -> None:
    rules = [
        {"record": "a:b", "expr": "x"},
        {"alert": "Burn", "expr": "y > 1", "labels": {"severity": "page"}},
        {"alert": "Burn", "expr": "z > 1", "labels": {"severity": "ticket"}},
    ]
    assert [*of_rules({"groups": [{"rules": rules}]})] == [
        Expression(place="record a:b", text="x"),
        Expression(place="alert Burn (page)", text="y > 1"),
        Expression(place="alert Burn (ticket)", text="z > 1"),
    ]

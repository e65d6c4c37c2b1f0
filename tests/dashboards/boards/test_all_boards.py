"""Every expression of every dashboard: it parses, names only what we emit, and is filtered as its labels allow."""

from collections import Counter, defaultdict
from typing import Any

import promql_parser as promql
import pytest

from lambdascope_dashboards.collector_metrics import COLLECTOR_SERIES
from lambdascope_dashboards.panel import COUNT
from lambdascope_dashboards.prometheus_names import RESOURCE_LABELS, label, series_names
from lambdascope_dashboards.promql import FILTERS, RAN
from lambdascope_proxy import names
from lambdascope_proxy.telemetry.metric_table import METRICS

Json = dict[str, Any]
MACROS = {"$__rate_interval": "1m", "$__range": "1h"}
OURS = {
    name: {*map(label, metric.attributes), *RESOURCE_LABELS, *(["le"] if name.endswith("_bucket") else [])}
    for metric in METRICS
    for name in series_names(metric)
}
DECLARED = OURS | {name: {*labels} for name, labels in COLLECTOR_SERIES.items()}


def parsed(expr: str) -> Any:
    for macro, value in MACROS.items():
        expr = expr.replace(macro, value)
    return promql.parse(expr)


def nodes(expr: str) -> list[Any]:
    found: list[Any] = []
    promql.walk(parsed(expr), found.append)
    return found


def selectors(expr: str) -> list[Any]:
    return [node for node in nodes(expr) if isinstance(node, promql.VectorSelector)]


def matchers(selector: Any) -> list[Any]:
    return selector.matchers.matchers


def test_every_expression_is_promql(exprs: dict[str, str]) -> None:
    assert [name for name, expr in exprs.items() if not selectors(expr)] == []


def test_no_expression_asks_for_a_series_that_is_never_emitted(exprs: dict[str, str]) -> None:
    asked = {name: {selector.name for selector in selectors(expr)} for name, expr in exprs.items()}
    assert {name: found - {*DECLARED} for name, found in asked.items() if found - {*DECLARED}} == {}


def test_no_expression_names_a_label_that_its_series_have_not(exprs: dict[str, str]) -> None:
    unknown: dict[str, set[str]] = defaultdict(set)
    for name, expr in exprs.items():
        known = {each for selector in selectors(expr) for each in DECLARED[selector.name]}
        grouped = [node.modifier for node in nodes(expr) if isinstance(node, promql.AggregateExpr) and node.modifier]
        unknown[name] |= {each for modifier in grouped for each in modifier.labels} - known
        for selector in selectors(expr):
            unknown[name] |= {each.name for each in matchers(selector)} - DECLARED[selector.name]
    assert {name: labels for name, labels in unknown.items() if labels} == {}


def filters(selector: Any) -> dict[str, str]:
    """Variable -> label that a selector is filtered by."""
    return {each.value.removeprefix("$"): each.name for each in matchers(selector) if each.value.startswith("$")}


def test_every_series_is_filtered_by_each_variable_that_all_of_its_expression_can_be(exprs: dict[str, str]) -> None:
    # A part of all clients over a whole of one client would be a wrong share that looks right.
    labels_of = {name: {label(attribute) for attribute in attributes} for name, attributes in FILTERS.items()}
    for name, expr in exprs.items():
        ours = [selector for selector in selectors(expr) if selector.name in OURS]
        common = {
            variable for variable, labels in labels_of.items() if all(labels & OURS[selector.name] for selector in ours)
        }
        for selector in ours:
            found = filters(selector)
            assert found.keys() == common, name
            assert all(found[variable] in labels_of[variable] for variable in found), name
            assert all(each.op == promql.MatchOp.Re for each in matchers(selector) if each.value[:1] == "$"), name


def test_figures_about_executions_leave_out_what_did_not_run(asked: list[tuple[str, Json]]) -> None:
    # A function that is throttled in whole would succeed in 100 % of its executions, and cost less the more it is.
    texts = {
        panel["title"]: [target["expr"] for target in panel["targets"]]
        for _, panel in asked
        if panel["targets"][0].get("expr")
    }
    about = [
        *texts["Executions that succeeded, by function"],
        *texts["Executions by function"],
        *texts["Mean concurrency by function"],
        *texts["Cost of 1,000 calls"],
        texts["Cost by function in figures"][1],
    ]
    for expr in about:
        for selector in selectors(expr):
            (outcomes,) = [each.value for each in matchers(selector) if each.name == label(names.OUTCOME)]
            assert {*outcomes.split("|")} <= {*RAN}, expr


def conditions(asked: list[tuple[str, Json]], place: str) -> set[tuple[str, str]]:
    """What the series of a panel are chosen by, besides the variables."""
    (panel,) = [panel for name, panel in asked if name == place]
    found = [
        each for target in panel["targets"] for selector in selectors(target["expr"]) for each in matchers(selector)
    ]
    return {(each.name, each.value) for each in found if each.value[:1] != "$"}


@pytest.mark.parametrize(
    "panel",
    [
        "Calls",
        "Failed calls",
        "Calls by tool",
        "Failures by tool",
        "Calls by client",
        "Outcomes of calls",
        "Spend an hour",
    ],
)
def test_the_overview_counts_calls_of_every_target(asked: list[tuple[str, Json]], panel: str) -> None:
    # Whoever has only other MCP servers behind lambdascope has an overview as well.
    chosen = {name for name, _ in conditions(asked, f"lambdascope-overview: {panel}")}
    assert not chosen & {label(names.TARGET), label(names.FAAS_NAME)}


@pytest.mark.parametrize(
    ("panel", "condition"),
    [
        ("lambdascope-lambda: Failures outside of functions", (label(names.TARGET), "lambda")),
        ("lambdascope-cost: Cost an hour by function", (label(names.FAAS_NAME), "")),
        ("lambdascope-cost: Cost of 1,000 calls", (label(names.FAAS_NAME), "")),
        ("lambdascope-upstreams: Calls by upstream", (label(names.TARGET), "upstream:.*")),
    ],
)
def test_what_is_about_one_kind_of_target_leaves_the_others_out(
    asked: list[tuple[str, Json]], panel: str, condition: tuple[str, str]
) -> None:
    # An upstream that is away is no failure of AWS, and its tools are no function without a name.
    assert condition in conditions(asked, panel)


def test_failed_attempts_to_connect_show_also_where_none_succeeded(asked: list[tuple[str, Json]]) -> None:
    (panel,) = [each for _, each in asked if each["title"] == "Sessions that could not be opened"]
    (target,) = panel["targets"]
    assert isinstance(parsed(target["expr"]), promql.BinaryExpr)
    assert str(parsed(target["expr"]).op) == "or"
    assert 'lambdascope_result="failed"' in str(parsed(target["expr"]).lhs)


def test_a_single_figure_that_counts_is_a_whole_number(asked: list[tuple[str, Json]]) -> None:
    # increase() guesses what lies beyond the first and the last scrape, which makes 3 calls 3.2.
    figures = [panel for _, panel in asked if panel["type"] == "stat"]
    decimals = {panel["title"]: panel["fieldConfig"]["defaults"].get("decimals") for panel in figures}
    units = {panel["title"]: panel["fieldConfig"]["defaults"]["unit"] for panel in figures}
    assert "short" not in units.values()
    assert {title for title, unit in units.items() if unit == COUNT} == {
        title for title, places in decimals.items() if places == 0
    }
    assert decimals["Calls"] == decimals["Rows lost"] == 0


def test_no_series_needs_the_labels_of_a_scrape(exprs: dict[str, str]) -> None:
    # Pushed by OTLP or written remotely, series have no job and instance, or other ones.
    used = {each.name for expr in exprs.values() for selector in selectors(expr) for each in matchers(selector)}
    assert not used & {"job", "instance"}


def test_a_legend_names_labels_that_the_expression_keeps(panels: list[Json]) -> None:
    # Grafana shows nothing in the place of a label that is not there, so that all lines have one name.
    for panel in panels:
        for target in panel["targets"]:
            if "expr" in target:
                wanted = {part.split("}}")[0] for part in target["legendFormat"].split("{{")[1:]}
                grouped = [node for node in nodes(target["expr"]) if isinstance(node, promql.AggregateExpr)]
                kept = {each for node in grouped if node.modifier for each in node.modifier.labels}
                assert wanted <= kept, panel["title"]


def test_counters_are_never_shown_as_they_are(exprs: dict[str, str]) -> None:
    for name, expr in exprs.items():
        counters = [node for node in selectors(expr) if node.name.endswith(("_total", "_bucket", "_count", "_sum"))]
        calls = [node for node in nodes(expr) if isinstance(node, promql.Call)]
        rates = [node for node in calls if node.func.name in ("rate", "increase")]
        assert len(counters) == len(rates), name


def test_no_two_panels_ask_the_same(asked: list[tuple[str, Json]]) -> None:
    questions: dict[str, list[str]] = defaultdict(list)
    for place, panel in asked:
        texts = sorted(str(target.get("expr") or target.get("rawSql") or target) for target in panel["targets"])
        questions[" | ".join(texts)].append(place)
    assert [places for places in questions.values() if len(places) > 1] == []
    titles = Counter(panel["title"] for _, panel in asked)
    assert [title for title, count in titles.items() if count > 1] == []


def test_every_metric_we_emit_is_on_some_dashboard(asked: list[tuple[str, Json]]) -> None:
    # A metric nobody looks at only costs.
    text = " ".join(target.get("expr", "") for _, panel in asked for target in panel["targets"])
    assert [metric.name for metric in METRICS if not any(f"{name}{{" in text for name in series_names(metric))] == []


def test_exemplars_are_asked_for_where_they_lead_to_a_trace(asked: list[tuple[str, Json]]) -> None:
    places = {place for place, panel in asked for target in panel["targets"] if target.get("exemplar")}
    assert {"lambdascope-latency: Invokes by duration", "lambdascope-latency: Invoke: p50, p90, p99"} <= places
    for place, panel in asked:
        for target in panel["targets"]:
            assert not target.get("exemplar") or "_bucket{" in target["expr"], place


def test_a_panel_says_which_filters_do_not_apply(dashboards: dict[str, Json], asked: list[tuple[str, Json]]) -> None:
    said = {place: panel["description"].partition("Filters that do not apply: ")[2] for place, panel in asked}
    assert said["lambdascope-latency: Time in the proxy: p50, p90, p99"] == ""
    assert said["lambdascope-latency: Tool calls: p50, p90, p99"] == "region, function."
    assert said["lambdascope-cost: Executions without a price"] == said["lambdascope-cost: Waste an hour"] == ""
    assert said["lambdascope-overview: Calls by tool"] == ""
    (some,) = [panel["description"] for place, panel in asked if place == "lambdascope-overview: Functions in figures"]
    assert some.endswith("Filters that do not apply to p50, p99, cold starts: client.")
    # Where nothing is filtered by a variable it is hidden, and no panel needs to say so.
    assert said["lambdascope-proxy: Spool"] == ""
    hidden = {each["name"] for each in dashboards["lambdascope-proxy"]["templating"]["list"] if each.get("hide") == 2}
    assert hidden == {"region", "function", "client"}


@pytest.mark.parametrize("expr", ["sum by (le (x)", "rate(x)"])
def test_the_check_of_promql_can_fail(expr: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parsed(expr)

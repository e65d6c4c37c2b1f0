"""The Prometheus rules: they ask only for what is emitted or recorded; alerts are complete, tested and explained."""

import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser as promql
import pytest
import yaml

from lambdascope_dashboards.collector_metrics import COLLECTOR_SERIES
from lambdascope_dashboards.prometheus_names import RESOURCE_LABELS, label, series_names
from lambdascope_proxy.call import SUCCESSES, OutcomeKind
from lambdascope_proxy.telemetry.metric_table import INVOKE_DURATION, METRICS

Json = dict[str, Any]
ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "dashboards" / "lambdascope_dashboards"
FILES = {path.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.glob("rules/*.yaml"))}
GROUPS: list[Json] = [group for file in FILES.values() for group in file["groups"]]
RULES: list[Json] = [rule for group in GROUPS for rule in group["rules"]]
ALERTS = [rule for rule in RULES if "alert" in rule]
RECORDED = {rule["record"]: rule["expr"] for rule in RULES if "record" in rule}
CASES = sorted((ROOT / "tests" / "dashboards" / "rules").glob("*.test.yaml"))
PAGE = (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8")
# Recorded by the user, if at all.
SETTABLE = {
    "lambdascope_objective_success_ratio": set[str](),
    "lambdascope_objective_quick_ratio": set[str](),
    "lambdascope_cost_spike_floor_usd": set[str](),
    "lambdascope_budget_usd": {"deployment_environment_name"},
}
# What the first part of a recorded name says of its labels.
LEVELS = {
    "environment": {"deployment_environment_name"},
    "function": {"faas_invoked_name", "faas_invoked_region"},
    "outcome": {"lambdascope_outcome"},
    "instance": {"deployment_environment_name", "service_instance_id"},
    "day": {"day"},
    "lambdascope": set[str](),
}
EMITTED = {
    name: {*map(label, metric.attributes), *RESOURCE_LABELS, *(["le"] if name.endswith("_bucket") else [])}
    for metric in METRICS
    for name in series_names(metric)
}
PROMTOOL = ROOT / ".stack" / "bin" / "promtool"
CALLERS_FAULT = {"invalid_arguments", "refused", "not_found", "cancelled"}


def level_labels(name: str) -> set[str]:
    return {each for level in name.split(":")[0].split("_") for each in LEVELS[level]}


KNOWN = (
    EMITTED
    | {name: {*labels} for name, labels in COLLECTOR_SERIES.items()}
    | {name: level_labels(name) for name in RECORDED}
    | SETTABLE
    # Prometheus's own, of each scrape.
    | {"up": {"job", "instance"}}
)


def nodes(expr: str) -> list[Any]:
    found: list[Any] = []
    promql.walk(promql.parse(expr), found.append)
    return found


def selectors(expr: str) -> list[Any]:
    return [node for node in nodes(expr) if isinstance(node, promql.VectorSelector)]


def unknown_in(expr: str) -> set[str]:
    """Series and labels that nothing emits, records or adds."""
    found = selectors(expr)
    series = {each.name for each in found} - {*KNOWN}
    # What label_replace adds is a label as well.
    kept = {"signal", "day"} | {each for selector in found for each in KNOWN.get(selector.name, ())}
    grouped = {each for node in nodes(expr) if isinstance(node, promql.AggregateExpr) for each in grouping(node)}
    matched = {
        f"{selector.name}: {each.name}"
        for selector in found
        for each in selector.matchers.matchers
        if each.name not in KNOWN.get(selector.name, ())
    }
    return series | (grouped - kept) | matched


def grouping(node: Any) -> list[str]:
    return node.modifier.labels if node.modifier else []


def place(rule: Json) -> str:
    return f"{rule.get('alert') or rule['record']} {rule.get('labels', {}).get('window', '')}".strip()


def cases() -> Iterator[Json]:
    for path in CASES:
        yield from yaml.safe_load(path.read_text(encoding="utf-8"))["tests"]


@pytest.mark.parametrize("rule", RULES, ids=place)
def test_a_rule_asks_only_for_what_is_emitted_or_recorded(rule: Json) -> None:
    assert selectors(rule["expr"])
    assert unknown_in(rule["expr"]) == set()


@pytest.mark.parametrize(
    ("expr", "found"),
    [
        ("rate(lambdascope_call_total[5m])", {"lambdascope_call_total"}),
        ("sum by (tool) (lambdascope_calls_total)", {"tool"}),
        ('lambdascope_calls_total{tool="x"}', {"lambdascope_calls_total: tool"}),
        ("environment:lambdascope_costs:increase1h", {"environment:lambdascope_costs:increase1h"}),
    ],
)
def test_a_wrong_name_would_be_found(expr: str, found: set[str]) -> None:
    assert unknown_in(expr) == found


def test_what_is_recorded_is_recorded_once_and_used() -> None:
    assert len(RECORDED) == sum("record" in rule for rule in RULES)
    used = {selector.name for rule in RULES for selector in selectors(rule["expr"])}
    assert {*RECORDED} - used == set()
    assert {*SETTABLE} <= used


def test_a_recorded_name_says_which_labels_are_kept() -> None:
    for name, expr in RECORDED.items():
        outermost = promql.parse(expr)
        if isinstance(outermost, promql.AggregateExpr) and outermost.modifier and "without" not in expr:
            assert {*outermost.modifier.labels} == level_labels(name), name


def test_groups_have_names_of_their_own_and_one_pace() -> None:
    # Sums over time are divided by five: an evaluation a minute, each over five minutes.
    assert {group["interval"] for group in GROUPS} == {"1m"}
    assert [name for name, count in Counter(group["name"] for group in GROUPS).items() if count > 1] == []


def test_no_rule_needs_the_labels_of_a_scrape() -> None:
    # Pushed by OTLP or written remotely, series have no job and instance, or other ones.
    needing = {place(rule) for rule in RULES if re.search(r"\b(job|instance)\b[^:]", rule["expr"])}
    # Asks for the scrape itself first, and without a scrape for what the Collector tells.
    assert needing == {"LambdascopeCollectorGone"}


def test_the_scrape_of_the_collector_is_called_as_in_the_shipped_configuration() -> None:
    (gone,) = [rule["expr"] for rule in ALERTS if rule["alert"] == "LambdascopeCollectorGone"]
    config = yaml.safe_load((ROOT / "compose" / "prometheus.yaml").read_text(encoding="utf-8"))
    jobs = {job["job_name"] for job in config["scrape_configs"]}
    assert {*re.findall(r'job="(\w+)"', gone)} == {"otelcol"} & jobs


def test_every_outcome_is_good_bad_or_the_callers_fault() -> None:
    good = {kind.value for kind in SUCCESSES}
    of_all = RECORDED["environment:lambdascope_calls:increase5m"]
    of_bad = RECORDED["environment:lambdascope_failures:increase5m"]
    left_out = [{*re.findall(r'!~"([^"]+)"', expr)[0].split("|")} for expr in (of_all, of_bad)]
    assert left_out == [CALLERS_FAULT, CALLERS_FAULT | good]
    named = {each for rule in RULES for found in outcomes_in(rule["expr"]) for each in found.split("|")}
    assert named <= {kind.value for kind in OutcomeKind}


def outcomes_in(expr: str) -> list[str]:
    return re.findall(r'lambdascope_outcome[!=~]+"([^"]+)"', expr)


def test_slow_is_told_by_a_bound_that_the_histogram_has() -> None:
    bounds = {*re.findall(r'le=~"([^"]+)"', RECORDED["environment:lambdascope_slow_answers:increase5m"])}
    assert bounds == {r"5(\\.0)?"}
    assert 5.0 in INVOKE_DURATION.bounds


@pytest.mark.parametrize("rule", ALERTS, ids=place)
def test_an_alert_says_how_bad_it_is_what_it_means_and_where_to_look(rule: Json) -> None:
    assert re.fullmatch(r"\d+[mh]", rule["for"])
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["annotations"].keys() == {"summary", "description", "dashboard", "runbook"}
    assert "$value" in rule["annotations"]["description"] or rule["alert"].endswith("Gone")
    assert len(rule["annotations"]["summary"]) < 120


@pytest.mark.parametrize("rule", ALERTS, ids=place)
def test_an_alert_leads_to_a_dashboard_that_is_shipped_with_variables_it_has(rule: Json) -> None:
    path, _, query = rule["annotations"]["dashboard"].partition("?")
    # One may stand behind a condition.
    uid = path.removeprefix("/d/").split("{{")[0]
    built = json.loads((PACKAGE / "built" / f"{uid}.json").read_text(encoding="utf-8"))
    variables = {each["name"] for each in built["templating"]["list"]}
    assert built["uid"] == uid
    assert {*re.findall(r"var-(\w+)=", query)} <= variables


@pytest.mark.parametrize("rule", ALERTS, ids=place)
def test_an_alert_is_explained_under_the_heading_it_names(rule: Json) -> None:
    page, _, anchor = rule["annotations"]["runbook"].partition("#")
    assert page == "docs/alerts.md"
    assert anchor == rule["alert"].lower()
    assert f"\n## {rule['alert']}\n" in PAGE


def test_the_page_tells_of_all_alerts_and_of_no_other() -> None:
    told = re.findall(r"^\| \[(\w+)\]\(#(\w+)\) \| ([\w, ]+) \|", PAGE, re.MULTILINE)
    severities = {
        name: ", ".join(dict.fromkeys(each["labels"]["severity"] for each in ALERTS if each["alert"] == name))
        for name in dict.fromkeys(rule["alert"] for rule in ALERTS)
    }
    assert {name: severity for name, _, severity in told} == severities
    assert all(name.lower() == anchor for name, anchor, _ in told)
    assert {*re.findall(r"^## (Lambdascope\w+)$", PAGE, re.MULTILINE)} == {*severities}


def test_the_page_names_what_can_be_set_and_what_it_is_otherwise() -> None:
    example = yaml.safe_load(PAGE.split("```yaml")[2].split("```")[0])
    assert {rule["record"] for group in example["groups"] for rule in group["rules"]} == {*SETTABLE}
    for name, otherwise in re.findall(r"max\((lambdascope_\w+)\) or vector\(([\d.]+)\)", " ".join(RECORDED.values())):
        assert re.search(rf"record: {name}  # .*, else {otherwise}\n", PAGE), name


def test_every_alert_fires_in_a_case_and_is_quiet_in_another() -> None:
    fires, quiet = set[str](), set[str]()
    for case in cases():
        for check in case.get("alert_rule_test", ()):
            (fires if check["exp_alerts"] else quiet).add(check["alertname"])
    assert fires == {rule["alert"] for rule in ALERTS}
    assert quiet == fires
    # Those of one budget by their windows, in objectives.test.yaml.
    texts = [path.read_text(encoding="utf-8") for path in CASES]
    burning = re.findall(r'alertname="(\w+)", alertstate="firing", dep.*window="(\w+)"', "".join(texts))
    assert {*burning} == {(each["alert"], each["labels"]["window"]) for each in ALERTS if "window" in each["labels"]}


@pytest.mark.skipif(not PROMTOOL.exists(), reason="`make stack` builds promtool, and runs these as well")
@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_the_unit_tests_of_the_rules_pass(case: Path) -> None:
    done = subprocess.run([PROMTOOL, "test", "rules", case], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

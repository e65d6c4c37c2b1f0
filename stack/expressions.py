"""The expressions that are to be asked, each with where it stands."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

PROMETHEUS: Final = "prometheus"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """PromQL as it is written in a dashboard or rule; `place` names dashboard and panel, or the rule."""

    place: str
    text: str


def of_dashboard(dashboard: Mapping[str, Any]) -> Iterator[Expression]:
    """Those of its panels and annotations."""
    title = dashboard["title"]
    for panel in _panels(dashboard.get("panels", ())):
        targets = [target for target in panel.get("targets", ()) if _asks_prometheus(target, panel)]
        for target in targets:
            ref = f" {target.get('refId', '')}".rstrip() if len(targets) > 1 else ""
            yield Expression(place=f"{title} / {panel['title']}{ref}", text=target["expr"])
    for annotation in dashboard.get("annotations", {}).get("list", ()):
        if text := annotation.get("expr") or annotation.get("target", {}).get("expr"):
            yield Expression(place=f"{title} / annotation {annotation['name']}", text=text)


def _panels(panels: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Panels also of rows that are folded, which hold theirs themselves."""
    for panel in panels:
        yield panel
        yield from _panels(panel.get("panels", ()))


def _asks_prometheus(target: Mapping[str, Any], panel: Mapping[str, Any]) -> bool:
    source: Any = target.get("datasource") or panel.get("datasource") or {"type": PROMETHEUS}
    # Before Grafana 8.3 a data source was only its name.
    kind = PROMETHEUS if isinstance(source, str) else source.get("type", PROMETHEUS)
    return kind == PROMETHEUS and bool(target.get("expr"))


def of_rules(rules: Mapping[str, Any]) -> Iterator[Expression]:
    """Those of its rules, recorded ones and alerts."""
    for group in rules["groups"]:
        for rule in group["rules"]:
            kind = "alert" if "alert" in rule else "record"
            yield Expression(place=f"{kind} {rule[kind]}{_severity(rule)}", text=rule["expr"])


def _severity(rule: Mapping[str, Any]) -> str:
    """Tells alerts of one name apart: those of several windows usually differ in it."""
    severity = rule.get("labels", {}).get("severity")
    return f" ({severity})" if severity and "alert" in rule else ""

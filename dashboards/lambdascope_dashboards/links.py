"""Links: between the dashboards, from a function's name to its own figures, from a trace's id to the trace."""

from typing import Any, Final
from urllib.parse import quote

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import dashboard as models

TAG: Final = "lambdascope"
CARRIED: Final = "${datasource:queryparam}&${environment:queryparam}&${region:queryparam}&${client:queryparam}"
# What Grafana's Explore reads from its address; the words in capitals become variables.
PANES: Final = (
    '{"trace":{"datasource":"SOURCE","queries":[{"refId":"A","datasource":{"type":"tempo","uid":"SOURCE"},'
    '"queryType":"traceql","query":"VALUE"}],"range":{"from":"FROM","to":"TO"}}}'
)
VARIABLES: Final = {"SOURCE": "${traces}", "VALUE": "${__value.raw}", "FROM": "${__from}", "TO": "${__to}"}


def to_other_dashboards() -> builders.DashboardLink:
    """A menu of all dashboards of ours that keeps the time range and the filters."""
    return (
        builders.DashboardLink("lambdascope")
        .type(models.DashboardLinkType.DASHBOARDS)
        .tags([TAG])
        .as_dropdown(True)
        .include_vars(True)
        .keep_time(True)
    )


def to_function() -> list[dict[str, Any]]:
    """From a cell with a function's name to the dashboards about it."""
    return [
        _link(
            title,
            f"/d/{uid}?{CARRIED}&var-function=${{__value.raw:percentencode}}&${{__url_time_range}}",
        )
        for title, uid in (("Its latency", "lambdascope-latency"), ("Its health", "lambdascope-lambda"))
    ]


def to_trace() -> list[dict[str, Any]]:
    """From a cell with a trace's id to the trace in Tempo."""
    panes = quote(PANES, safe="")
    for word, variable in VARIABLES.items():
        panes = panes.replace(word, variable)
    return [_link("Its trace", f"/explore?schemaVersion=1&panes={panes}")]


def _link(title: str, url: str) -> dict[str, Any]:
    return {"title": title, "url": url}

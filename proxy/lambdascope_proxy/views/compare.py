"""Shows a comparison: each figure before and after with its verdict, groups that changed, and when things changed."""

from collections.abc import Mapping
from typing import Any, Final

from lambdascope_proxy.monitoring.execution_text import dollars
from lambdascope_proxy.pictures.picture import Bars, Picture
from lambdascope_proxy.views.advice import as_commands
from lambdascope_proxy.views.figures import counted, figure, moment, share, span
from lambdascope_proxy.views.page import Page

Data = Mapping[str, Any]

FIGURES: Final = ("before", "after", "change", "95% interval of the difference", "verdict")
MEASURES: Final = {
    "calls_per_hour": "calls per hour",
    "error_rate": "error rate",
    "total_p50_ms": "median ms",
    "total_p95_ms": "p95 ms",
    "handler_p50_ms": "handler median ms",
    "handler_p95_ms": "handler p95 ms",
    "cost_per_call_usd": "cost per call",
    "cost_per_hour_usd": "cost per hour",
}


def show_compare(answer: Data, page: Page) -> None:
    """Writes the summary, the figures of all calls, the groups, the moments of change and what to do next."""
    page.heading(f"{counted(answer['calls'], 'call')}, {_periods(answer)}")
    page.line(answer["summary"])
    page.heading("All calls")
    page.table(["", *FIGURES], [_row(change) for change in answer["changes"]], right=FIGURES[:4])
    if groups := answer["groups"]:
        page.heading(f"By {answer['group_by']}: what changed for more than chance")
        rows = [(group["group"] if not number else "", *_row(change)) for group in groups
                for number, change in enumerate(group["changes"])]  # fmt: skip
        page.table([answer["group_by"], "", *FIGURES], rows, right=FIGURES[:4])
    if more := answer["not_listed"].get("groups"):
        page.line(f"{more:,} more groups changed: --top shows more")
    if answer["change_points"]:
        page.heading("When it changed (times in UTC)")
        page.table(
            ["from", "", "before", "after", "first called then"], [_point(point) for point in answer["change_points"]]
        )
    page.heading(f"Next: {as_commands(answer['next_step'])}")


def _periods(answer: Data) -> str:
    later = span(answer["period"]["start"], answer["period"]["end"])
    if answer["version"]:
        return f"version {answer['version']} against {answer['before_version']}, {later}"
    return f"{later} against {span(answer['before']['start'], answer['before']['end'])}"


def _row(change: Data) -> tuple[str, ...]:
    measure = change["measure"]
    ratio = "" if change["ratio"] is None else f"{change['ratio'] - 1:+.1%}"
    interval = "" if change["low"] is None else f"{_told(measure, change['low'])} to {_told(measure, change['high'])}"
    figures = [_told(measure, change[side]) for side in ("before", "after")]
    return (MEASURES[measure], *figures, ratio, interval, change["verdict"])


def _told(measure: str, value: Any) -> str:
    if value is None:
        return ""
    if measure.endswith("_usd"):
        amount = float(value)
        return dollars(f"{amount:.4g}").replace("$-", "-$") if amount else "$0"
    if measure == "error_rate":
        return share(value) if value >= 0 else f"-{share(-value)}"
    return figure(round(float(value), 2))


def _point(point: Data) -> tuple[str, ...]:
    series = point["series"]
    figures = (_told(series, point["before"]), _told(series, point["after"]))
    return (moment(point["at"])[:16], MEASURES[series], *figures, ", ".join(point["deployed"]))


def compare_rows(answer: Data) -> list[Mapping[str, object]]:
    """Every figure of all calls, and of each group those that changed, as rows of a table."""
    whole = [{"group": "", **change} for change in answer["changes"]]
    return [*whole, *({"group": group["group"], **change} for group in answer["groups"] for change in group["changes"])]


def compare_picture(answer: Data) -> Picture:
    """How much each figure of all calls changed, as bars."""
    known = [change for change in answer["changes"] if change["ratio"] is not None]
    labels = tuple(f"{MEASURES[change['measure']]} ({change['verdict']})" for change in known)
    bars = Bars(title="Change", unit="%", labels=labels, values=tuple((change["ratio"] - 1) * 100 for change in known))
    return Picture(
        title="What changed",
        subtitle=f"{counted(answer['calls'], 'call')}, {_periods(answer)}",
        charts=(bars,) if known else (),
        columns=("", *FIGURES),
        rows=tuple(_row(change) for change in answer["changes"]),
    )

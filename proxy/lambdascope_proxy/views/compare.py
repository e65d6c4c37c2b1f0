"""Shows a comparison: each figure before and after with its verdict, groups that changed, and when things changed."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from lambdascope_proxy.monitoring.execution_text import dollars
from lambdascope_proxy.pictures.drawing import LABEL_CHARS
from lambdascope_proxy.pictures.picture import Bars, Chart, Lines, Picture
from lambdascope_proxy.pictures.wording import cut
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

UNITS: Final = {"calls_per_hour": "calls", "total_p95_ms": "ms", "cost_per_call_usd": "USD"}
TITLES: Final = {
    "calls_per_hour": "Calls per hour",
    "error_rate": "Error rate",
    "total_p95_ms": "p95 of total time",
    "cost_per_call_usd": "Cost per call",
}
POINTS: Final = ("between", "", "before", "after", "first called then")


def show_compare(answer: Data, page: Page) -> None:
    """Writes the summary, the figures of all calls, the groups, the moments of change and what to do next."""
    page.heading(f"{counted(answer['calls'], 'call')}, {_periods(answer)}")
    page.line(answer["summary"])
    page.heading("All calls")
    page.table(["", *FIGURES], [_row(change) for change in answer["changes"]], right=FIGURES[:4])
    if groups := answer["groups"]:
        page.heading(f"By {answer['group_by']}: what changed for more than chance")
        page.table([answer["group_by"], "", *FIGURES], [row for group in groups for row in _of_group(group, answer)],
            right=FIGURES[:4])  # fmt: skip
    if more := answer["not_listed"].get("groups"):
        page.line(f"{more:,} more groups changed: --top shows more")
    if answer["change_points"]:
        page.heading("When it changed (times in UTC)")
        page.table(POINTS, [_point(point) for point in answer["change_points"]])
    if answer["next_step"]:
        page.heading(f"Next: {as_commands(answer['next_step'])}")


def _of_group(group: Data, answer: Data) -> list[tuple[str, ...]]:
    """A row for each figure that changed; first one that says where the group is if not on both sides."""
    rows = [_row(change) for change in group["changes"]]
    if group["only_in"]:
        before, after = (f"{group[name]:,}" for name in ("calls_before", "calls_after"))
        rows = [("calls", before, after, "", "", f"only {_side(group['only_in'], answer)}"), *rows]
    return [(group["group"] if not number else "", *row) for number, row in enumerate(rows)]


def _side(name: str, answer: Data) -> str:
    if answer["version"]:
        return f"of version {answer['version'] if name == 'after' else answer['before_version']}"
    is_later = (name == "after") == (answer["before"]["start"] < answer["period"]["start"])
    return "later" if is_later else "earlier"


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
    deployed = ", ".join(f"{each['version']} {moment(each['first_called'])[5:16]}" for each in point["deployed"])
    return (span(point["start"], point["end"]).removesuffix(" UTC"), MEASURES[series], *figures, deployed)


def compare_rows(answer: Data) -> list[Mapping[str, object]]:
    """Every figure of all calls, and of each group those that changed, as rows of a table."""
    groups = answer["groups"]
    whole = [{"group": "", "only_in": None, **change} for change in answer["changes"]]
    missing = {name: None for change in answer["changes"][:1] for name in change}
    return [
        *whole,
        *(
            {"group": group["group"], "only_in": group["only_in"], **change}
            for group in groups
            for change in group["changes"] or [{**missing, "measure": "calls", **_calls(group)}]
        ),
    ]


def _calls(group: Data) -> dict[str, object]:
    return {"before": group["calls_before"], "after": group["calls_after"], "verdict": f"only {group['only_in']}"}


def compare_picture(answer: Data) -> Picture:
    """Figures over time that changed their level, how much each figure of all calls changed, and each of groups."""
    rows = [("all" if not number else "", *_row(change)) for number, change in enumerate(answer["changes"])]
    rows += [row for group in answer["groups"] for row in _of_group(group, answer)]
    return Picture(
        title="What changed",
        subtitle=f"{counted(answer['calls'], 'call')}, {_periods(answer)}",
        charts=tuple(_charts(answer)),
        columns=("", "", "before", "after", "change", "95% interval", "verdict"),
        rows=tuple((*row[:-1], _brief(row[-1])) for row in rows),
    )


def _charts(answer: Data) -> Iterator[Chart]:
    for series in answer["series"]:
        if marks := {_moment_of(point): _mark(point) for point in answer["change_points"]
                     if point["series"] == series["series"]}:  # fmt: skip
            yield _line(series, marks)
    if known := [change for change in answer["changes"] if change["ratio"] is not None]:
        labels = tuple(f"{MEASURES[change['measure']]}: {_brief(change['verdict'])}" for change in known)
        yield Bars(title="Change of all calls", unit="%", labels=labels, values=tuple(map(_percent, known)))
    changed = [(group["group"], change) for group in answer["groups"] for change in group["changes"]
               if change["ratio"] is not None]  # fmt: skip
    if changed:
        labels = tuple(_label(name, change) for name, change in changed)
        values = tuple(_percent(change) for _, change in changed)
        yield Bars(title=f"By {answer['group_by']}: for more than chance", unit="%", labels=labels, values=values)


def _label(name: str, change: Data) -> str:
    """So short that of both what tells it from others is seen beside the axis."""
    measure = MEASURES[change["measure"]]
    return f"{measure}, {cut(name, LABEL_CHARS - len(measure) - 2)}"


def _line(series: Data, marks: Mapping[datetime, str]) -> Lines:
    name = series["series"]
    factor, unit = (100, "%") if name == "error_rate" else (1, UNITS[name])
    return Lines(
        title=TITLES[name],
        unit=unit,
        times=tuple(map(datetime.fromisoformat, series["starts"])),
        lines={MEASURES[name]: tuple(None if value is None else value * factor for value in series["values"])},
        marks=marks,
    )


def _moment_of(point: Data) -> datetime:
    """When a version was first called then, or else the middle of when it may have been."""
    if point["deployed"]:
        return datetime.fromisoformat(point["deployed"][0]["first_called"])
    start, end = (datetime.fromisoformat(point[name]) for name in ("start", "end"))
    return start + (end - start) / 2


def _mark(point: Data) -> str:
    return point["deployed"][0]["version"] if point["deployed"] else "changed"


def _brief(verdict: str) -> str:
    """So that it is not cut beside an axis."""
    return "not significant" if verdict.startswith("no ") else verdict


def _percent(change: Data) -> float:
    return (change["ratio"] - 1) * 100

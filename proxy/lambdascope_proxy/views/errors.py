"""Shows the analysis of errors: kinds of error worst first, groups with a bar for their rate, what ended."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from lambdascope_analytics.analyses.grouping import OF_TIME
from lambdascope_proxy.pictures.picture import Bars, Picture
from lambdascope_proxy.pictures.wording import cut
from lambdascope_proxy.views.advice import as_commands
from lambdascope_proxy.views.figures import bar, counted, figure, moment, share, span
from lambdascope_proxy.views.page import Page

Data = Mapping[str, Any]

BAR: Final = 12
COLUMNS: Final = ("calls", "share", "trend", "error", "where", "first seen", "last seen")
GROUP_COLUMNS: Final = ("calls", "failed", "rate", "95% interval", "before", "caller's fault", "")
BEFORE: Final = "before"
# What a narrow page does without, the first named first; where that is not enough, texts are cut to so many characters.
SPARE: Final = ("first seen", "share", "last seen")
SPARE_OF_GROUPS: Final = ("95% interval", "caller's fault", "before", "")
LONGEST: Final = (200, 60, 50, 40, 28, 18)
LISTS: Final = {
    "errors": "Failures, most frequent first (times in UTC)",
    "caller_errors": "The caller's faults: refused, or arguments that do not fit",
    "gone": "Only in the period before",
}


def show_errors(answer: Data, page: Page) -> None:
    """Writes the summary, the kinds, the groups and what to do next."""
    page.heading(f"{counted(answer['calls'], 'call')}, {span(answer['period']['start'], answer['period']['end'])}")
    page.line(answer["summary"])
    for name, heading in LISTS.items():
        _show_kinds(answer, name, heading, page)
    if answer["groups"]:
        _show_groups(answer, page)
    if answer["next_step"]:
        page.heading(f"Next: {as_commands(answer['next_step'])}")


def _show_groups(answer: Data, page: Page) -> None:
    is_time = answer["group_by"] in OF_TIME
    page.heading(f"By {answer['group_by']}, {'in order of time' if is_time else 'most failures first'}")
    columns = [answer["group_by"], *GROUP_COLUMNS]
    most = max(group["error_rate"] or 0.0 for group in answer["groups"])
    rows = [_group(group, most, page) for group in answer["groups"]]
    # A day has no other self in the period before.
    kept = [index for index, column in enumerate(columns) if not (is_time and column == BEFORE)]
    for column in SPARE_OF_GROUPS:
        if page.fits(*_only(kept, columns, rows)):
            break
        kept = [index for index in kept if columns[index] != column]
    page.table(*_only(kept, columns, rows), right=GROUP_COLUMNS[1:-1])
    _tell_rest(answer, "groups", page, "earlier" if is_time else "more")


def _show_kinds(answer: Data, name: str, heading: str, page: Page) -> None:
    if not answer[name]:
        return
    page.heading(heading)
    versions = [[_kind(kind, longest) for kind in answer[name]] for longest in LONGEST]
    kept = [index for index, column in enumerate(COLUMNS) if column not in SPARE]
    rows = next((rows for rows in versions if page.fits(*_only(kept, COLUMNS, rows))), versions[0])
    page.rows(COLUMNS, rows, spare=SPARE)
    _tell_rest(answer, name, page)


def _only(
    kept: Sequence[int], columns: Sequence[str], rows: Sequence[Sequence[object]]
) -> tuple[list[str], list[list[object]]]:
    return [columns[index] for index in kept], [[row[index] for index in kept] for row in rows]


def _tell_rest(answer: Data, name: str, page: Page, rest: str = "more") -> None:
    if more := answer["not_listed"].get(name):
        page.line(f"{more:,} {rest}: --top shows more")


def _kind(kind: Data, longest: int = LONGEST[0]) -> tuple[object, ...]:
    names = [*kind["functions"]["names"]]
    more = kind["functions"]["count"] - len(names)
    where = ", ".join([*names, *([f"{more} more"] if more else [])])
    # A message of several lines would make every row a page of its own.
    message = f": {' '.join(kind['message'].split())}" if kind["message"] else ""
    return (
        kind["calls"] or kind["previous_calls"],
        share(kind["share"]) if kind["calls"] else "",
        kind["trend"] or "",
        cut(f"{kind['error_type'] or kind['outcome']}{message}", longest),
        cut(where, longest),
        moment(kind["first_seen"])[:19],
        moment(kind["last_seen"])[:19],
    )


def _group(group: Data, most: float, page: Page) -> tuple[object, ...]:
    rate, interval = group["error_rate"], group["error_rate_interval"]
    return (
        group["group"],
        group["calls"],
        figure(group["failures"]),
        share(rate),
        f"{share(interval['low'])} to {share(interval['high'])}" if interval else "",
        share(group["previous_error_rate"]),
        figure(group["caller_faults"]),
        bar(rate / most if rate and most else 0, BAR, page),
    )


def errors_rows(answer: Data) -> list[Mapping[str, object]]:
    """The groups as rows of a table, or without groups the kinds of error."""
    return [_flat(group) for group in answer["groups"]] or [*_kind_rows(answer)]


def _flat(group: Data) -> dict[str, object]:
    interval = group["error_rate_interval"] or {"low": None, "high": None}
    rest = {name: value for name, value in group.items() if name != "error_rate_interval"}
    return {**rest, "error_rate_low": interval["low"], "error_rate_high": interval["high"]}


def _kind_rows(answer: Data) -> Iterator[Mapping[str, object]]:
    for name in LISTS:
        for kind in answer[name]:
            places = {place: " ".join(kind[place]["names"]) for place in ("functions", "clients", "versions")}
            yield {"list": name, **kind, **places, "examples": " ".join(kind["examples"])}


def errors_picture(answer: Data) -> Picture:
    """The kinds as bars, and the rates of the groups where there are any."""
    charts = [_kind_bars(answer["errors"])] if answer["errors"] else []
    if groups := answer["groups"]:
        names = tuple(group["group"] for group in groups)
        rates = tuple(None if group["error_rate"] is None else group["error_rate"] * 100 for group in groups)
        charts.append(Bars(title=f"Error rate by {answer['group_by']}", unit="%", labels=names, values=rates))
    period = span(answer["period"]["start"], answer["period"]["end"])
    return Picture(
        title=f"Errors: {counted(answer['failures'], 'failed call')}",
        subtitle=f"{period}, {counted(answer['calls'], 'call')}",
        charts=tuple(charts),
        columns=COLUMNS,
        rows=tuple(_kind(kind) for kind in answer["errors"]),
    )


def _kind_bars(kinds: Sequence[Data]) -> Bars:
    labels = tuple(f"{kind['error_type'] or kind['outcome']} in {_place(kind)}" for kind in kinds)
    counts = tuple(float(kind["calls"]) for kind in kinds)
    return Bars(title="Failed calls by kind of error", unit="calls", labels=labels, values=counts)


def _place(kind: Data) -> str:
    names = [*kind["functions"]["names"]]
    return names[0] if len(names) == 1 else counted(kind["functions"]["count"], "function")

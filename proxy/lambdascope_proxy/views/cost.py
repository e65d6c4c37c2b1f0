"""Shows the analysis of cost: the groups dearest first, each with its trend, and where money went."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from lambdascope_analytics.analyses.grouping import OF_TIME
from lambdascope_proxy.charts import sparkline
from lambdascope_proxy.pictures.picture import Bars, Chart, Lines, Picture
from lambdascope_proxy.views.advice import as_commands
from lambdascope_proxy.views.figures import bar, counted, figure, length, share, span
from lambdascope_proxy.views.money import amounts, changes, dollars
from lambdascope_proxy.views.page import Page

Data = Mapping[str, Any]

COLUMNS: Final = ("calls", "failed", "cost", "share", "per call", "change", "trend")
# Where it is narrow these go, one after another, until the rest fits.
FIRST_TO_GO: Final = ("trend", "per call", "failed", "change", "share")
BAR: Final = 16
# Of all and the three dearest: more lines are hard to tell apart.
LINES: Final = 4
USD: Final = "USD"
WASTE: Final = {
    "failures": "failed calls",
    "retries": "attempts made again",
    "cold_starts": "cold starts",
    "unused_memory": "unused memory, at most",
}
SOURCES: Final = {"logs": "from logs", "none": "without a price"}


def show_cost(answer: Data, page: Page) -> None:
    """Writes the summary, the groups, where money went, and what to do next."""
    page.heading(f"{counted(answer['calls'], 'call')}, {span(answer['period']['start'], answer['period']['end'])}")
    page.line(answer["summary"])
    if answer["calls"]:
        _show_groups(answer, page)
        page.heading("Where money went (the parts overlap: not to be added up)")
        page.table(["", "calls", "cost", "share"], list(_waste(answer["waste"])), right=("calls", "cost", "share"))
        page.heading("Besides")
        page.table(["", ""], list(_besides(answer)))
    if answer["next_step"]:
        page.heading(f"Next: {as_commands(answer['next_step'])}")


def _show_groups(answer: Data, page: Page) -> None:
    is_time = answer["group_by"] in OF_TIME
    page.heading(f"By {answer['group_by']}, {'in order of time' if is_time else 'dearest first'}")
    columns = [answer["group_by"], *COLUMNS]
    rows = [[*_group(group), drawn] for group, drawn in zip(answer["groups"], _drawn(answer, page), strict=True)]
    rows.append([*_total(answer), "" if is_time else _trend(answer["trend"], page)])
    kept = _fitting(columns, rows, page)
    page.table(kept, _only(kept, columns, rows), right=COLUMNS[:-1])
    if missing := [column for column in columns if column not in kept]:
        page.line(f"too narrow for {', '.join(missing)}")
    if more := answer["not_listed"].get("groups"):
        page.line(f"{more:,} {'earlier' if is_time else 'more'}: --top shows more")
    if "trend" in kept and not is_time:
        page.line(f"one character of the trend is {length(answer['trend']['bucket_s'])}")


def _drawn(answer: Data, page: Page) -> list[str]:
    """The course of each group's cost, or of an hour or a day how much it is beside the dearest."""
    if answer["group_by"] not in OF_TIME:
        trends = {trend["group"]: trend for trend in answer["trends"]}
        return [_trend(trends.get(group["group"]), page) for group in answer["groups"]]
    costs = [float(group["cost_usd"] or 0) for group in answer["groups"]]
    return [bar(cost / (max(costs) or 1), BAR, page) for cost in costs]


def _fitting(columns: Sequence[str], rows: Sequence[Sequence[object]], page: Page) -> list[str]:
    kept = [*columns]
    for column in FIRST_TO_GO:
        if page.fits(kept, _only(kept, columns, rows)):
            break
        kept.remove(column)
    return kept


def _only(kept: Sequence[str], columns: Sequence[str], rows: Sequence[Sequence[object]]) -> list[list[object]]:
    return [[cell for column, cell in zip(columns, row, strict=True) if column in kept] for row in rows]


def _group(group: Data) -> list[object]:
    return [
        group["group"],
        figure(group["calls"]),
        figure(group["failures"]),
        _cost(group),
        share(group["share"]),
        amounts(group["cost_per_call_usd"], group["other_per_call"], unknown=""),
        changes(group["change_usd"], group["change_share"], group["other_changes"]),
    ]


def _total(answer: Data) -> list[object]:
    has_dollars = answer["cost_usd"] is not None
    previous: Data = answer["previous"] or {"change_usd": None, "change_share": None, "other_changes": {}}
    return [
        "all",
        figure(answer["calls"]),
        figure(answer["waste"]["failures"]["calls"]),
        _cost(answer),
        "",
        # Two currencies would make the columns wide: of all calls together neither is more than a mean.
        amounts(answer["cost_per_call_usd"], {} if has_dollars else answer["other_per_call"], unknown=""),
        changes(previous["change_usd"], previous["change_share"], {} if has_dollars else previous["other_changes"]),
    ]


def _cost(figures: Data) -> str:
    return amounts(figures["cost_usd"], figures["other_currencies"], unknown="no price")


def _trend(trend: Data | None, page: Page) -> str:
    if trend is None:
        return ""
    courses: list[Sequence[float | None]] = [trend["cost_usd"], *trend["other_currencies"].values()]
    known = [course for course in courses if any(value is not None for value in course)]
    return sparkline(known[0], levels=page.levels) if known else ""


def _waste(waste: Data) -> Iterator[tuple[object, ...]]:
    for name, title in WASTE.items():
        spent = waste[name]
        cost = "" if spent["cost_usd"] is None else dollars(spent["cost_usd"])
        yield title, figure(spent["calls"]), cost, share(spent["share"])


def _besides(answer: Data) -> Iterator[tuple[str, str]]:
    sources = [
        f"{SOURCES.get(each['source'], each['source'])} {share(each['calls_share'])}" for each in answer["sources"]
    ]
    yield "prices, share of calls", ", ".join(sources)
    if answer["billed_gb_s"] is not None:
        yield "billed", f"{figure(answer['billed_gb_s'])} GB-seconds"
    projection = answer["projection"]
    if at_pace := amounts(projection["cost_usd"], projection["other_currencies"], unknown=""):
        yield f"{projection['month']} at this pace", f"{at_pace} ({projection['method']})"
    if answer["looking"]["calls"]:
        looking = answer["looking"]
        asked = f"{dollars(looking['cost_usd'])} for {counted(looking['calls'], 'question')}, not in the sums above"
        yield "asking CloudWatch", asked


def cost_rows(answer: Data) -> list[Mapping[str, object]]:
    """The groups as rows of a table."""
    return [_flat(group) for group in answer["groups"]]


def _flat(group: Data) -> dict[str, object]:
    others = ("other_currencies", "other_per_call", "other_changes")
    return {**group, **{name: " ".join(f"{key} {amount}" for key, amount in group[name].items()) for name in others}}


def cost_picture(answer: Data) -> Picture:
    """The cost over time, of all and of the dearest groups, and of each group; each currency by itself."""
    groups = answer["groups"]
    others = list(answer["other_currencies"])
    courses = [_lines(answer, USD)] if answer["calls"] and (answer["cost_usd"] is not None or not others) else []
    charts: list[Chart] = [*courses, *(_lines(answer, name) for name in others)]
    charts += [_bars(answer, name) for name in (USD, *others) if any(_paid(group, name) for group in groups)]
    return Picture(
        title=f"Cost: {_cost(answer)}",
        subtitle=f"{span(answer['period']['start'], answer['period']['end'])}, {counted(answer['calls'], 'call')}",
        charts=tuple(charts),
        columns=(answer["group_by"], *COLUMNS[:-1]),
        rows=tuple(tuple(_group(group)) for group in groups),
    )


def _paid(figures: Data, currency: str) -> str | None:
    return figures["cost_usd"] if currency == USD else figures["other_currencies"].get(currency)


def _bars(answer: Data, currency: str) -> Bars:
    """Without groups that are paid in other currencies only: one without any price is told to have none."""
    others = [name for name in answer["other_currencies"] if name != currency] if currency == USD else [USD]
    shown = [
        (group["group"], _paid(group, currency))
        for group in answer["groups"]
        if _paid(group, currency) or (currency == USD and not any(_paid(group, name) for name in others))
    ]
    return Bars(
        title=f"Cost by {answer['group_by']}",
        unit=currency,
        labels=tuple(name for name, _ in shown),
        values=tuple(None if amount is None else float(amount) for _, amount in shown),
    )


def _lines(answer: Data, currency: str) -> Lines:
    start, step = datetime.fromisoformat(answer["period"]["start"]), timedelta(seconds=answer["trend"]["bucket_s"])
    values = {"all": _course(answer["trend"], currency)}
    values |= {trend["group"]: _course(trend, currency) for trend in answer["trends"]}
    drawn = [name for name, course in values.items() if any(value is not None for value in course)][:LINES]
    return Lines(
        title=f"Cost in each {length(answer['trend']['bucket_s'])}",
        unit=currency,
        times=tuple(start + number * step for number in range(len(values["all"]))),
        lines={name: values[name] for name in drawn},
    )


def _course(trend: Data, currency: str) -> tuple[float | None, ...]:
    return tuple(trend["cost_usd"] if currency == USD else trend["other_currencies"].get(currency, ()))

"""Shows the analysis of latency: percentiles by group, where the time went, what the slowest share, the histogram."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from lambdascope_analytics.analyses.grouping import OF_TIME
from lambdascope_proxy.pictures.picture import Bars, Bins, Chart, Picture
from lambdascope_proxy.views.advice import as_commands
from lambdascope_proxy.views.figures import bar, counted, moment, share, span
from lambdascope_proxy.views.page import Page

Data = Mapping[str, Any]

BAR: Final = 20
# Of so few calls hardly anything could be told from chance.
FEW: Final = 5
CLOCK_COLUMNS: Final = ("where the time went", "mean ms", "share", "p95 ms", "")
CLOCK_NAMES: Final = {"network_and_platform": "network and platform", "init": "init (p95 of cold starts)"}
SLOW_COLUMNS: Final = ("slowest calls", "ms", "began", "function", "outcome", "start")
SLOW_SPARE: Final = ("outcome", "began", "start")
ALL: Final = "all"
# What a narrow page does without, the first named first.
SPARE: Final = ("warm p50", "cold p50", "p90", "cold", "Apdex", "waited")


def show_latency(answer: Data, page: Page) -> None:
    """Writes the summary, the groups, the clocks, the causes, the histogram and what to do next."""
    page.heading(f"{counted(answer['calls'], 'call')}, {span(answer['period']['start'], answer['period']['end'])}")
    page.line(answer["summary"])
    if answer["calls"]:
        _show_groups(answer, page)
        _show_clocks(answer, page)
        _show_tail(answer, page)
        page.chart(_bins(answer))
        _show_slowest(answer, page)
    if answer["next_step"]:
        page.heading(f"Next: {as_commands(answer['next_step'])}")


def _show_groups(answer: Data, page: Page) -> None:
    is_of_time = answer["group_by"] in OF_TIME
    page.heading(f"Total time in ms by {answer['group_by']}{'' if is_of_time else ', waited for longest first'}")
    page.rows(_columns(answer), [*_group_rows(answer)], spare=SPARE)
    if more := answer["not_listed"].get("groups"):
        page.line(f"{more:,} {'earlier' if is_of_time else 'more'}: --top shows more")


def _columns(answer: Data) -> list[str]:
    names = [*answer["overall"]["percentiles_ms"]]
    return [answer["group_by"], "calls", "waited", *names, "cold", "cold p50", "warm p50", "Apdex"]


def _group_rows(answer: Data) -> Iterator[tuple[object, ...]]:
    for group in answer["groups"]:
        yield _row(group["group"], group["waited_share"], group["figures"])
    if len(answer["groups"]) != 1 or answer["not_listed"]:
        yield _row(ALL, 1.0, answer["overall"])


def _row(name: str, waited: float | None, figures: Data) -> tuple[object, ...]:
    return (
        name,
        figures["calls"],
        share(waited),
        *map(_ms, figures["percentiles_ms"].values()),
        share(figures["cold_share"]),
        _ms(figures["cold_p50_ms"]),
        _ms(figures["warm_p50_ms"]),
        None if figures["apdex"] is None else f"{figures['apdex']:.2f}",
    )


def _ms(value: float | None) -> str | None:
    """To four digits: more is noise between two calls."""
    if value is None:
        return None
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"


def _show_clocks(answer: Data, page: Page) -> None:
    clocks = answer["overall"]["clocks"]
    if not clocks:
        return
    page.line()
    rows = [
        (
            CLOCK_NAMES.get(name, name),
            _ms(clock["mean_ms"]),
            share(clock["share"]),
            _ms(answer["clock_p95_ms"].get(name)),
            bar(clock["share"] or 0, BAR, page),
        )
        for name, clock in clocks.items()
    ]
    page.table(CLOCK_COLUMNS, rows, right=CLOCK_COLUMNS[1:-1])


def _show_tail(answer: Data, page: Page) -> None:
    tail = answer["tail"]
    page.heading(f"The slowest 1%: {counted(tail['calls'], 'call')} of {_ms(tail['from_ms'])} ms or more")
    for cause in _causes(answer):
        page.line(f"- {cause}")
    if not tail["causes"]:
        few = tail["calls"] < FEW
        page.line("Too few to tell what they share." if few else "They share nothing that could not be chance.")


def _causes(answer: Data) -> Iterator[str]:
    for cause in answer["tail"]["causes"]:
        yield f"{cause['text']} ({cause['lift']:.1f} times)"


def _show_slowest(answer: Data, page: Page) -> None:
    page.line()
    page.rows(SLOW_COLUMNS, [_slow(call) for call in answer["slowest"]], spare=SLOW_SPARE)


def _slow(call: Data) -> tuple[object, ...]:
    start = {True: "cold", False: "warm", None: None}[call["cold_start"]]
    began = moment(call["started_at"])[:19]
    return (call["call_id"], _ms(call["total_ms"]), began, call["function_name"], call["outcome"], start)


def _bins(answer: Data) -> Bins:
    bins = answer["histogram"]
    edges = (*(each["from_ms"] for each in bins), bins[-1]["to_ms"])
    return Bins(
        title="Calls by total time",
        unit="ms",
        edges=edges,
        counts=tuple(each["calls"] for each in bins),
        marks=answer["overall"]["percentiles_ms"],
    )


def latency_rows(answer: Data) -> list[Mapping[str, object]]:
    """The groups as rows of a table."""
    return [_flat(group) for group in answer["groups"]]


def _flat(group: Data) -> dict[str, object]:
    figures = group["figures"]
    plain = {name: value for name, value in figures.items() if name not in {"percentiles_ms", "clocks"}}
    percentiles = {f"{name}_ms": value for name, value in figures["percentiles_ms"].items()}
    names = ("proxy", "network_and_platform", "init", "handler")
    means = {f"{name}_mean_ms": figures["clocks"].get(name, {}).get("mean_ms") for name in names}
    return {"group": group["group"], "waited_share": group["waited_share"], **percentiles, **plain, **means}


def latency_picture(answer: Data) -> Picture:
    """The histogram, the p95 (or the highest percentile asked for) of the groups, and where the time went."""
    period = span(answer["period"]["start"], answer["period"]["end"])
    return Picture(
        title=f"Latency by {answer['group_by']}",
        subtitle=f"{period}, {counted(answer['calls'], 'call')}",
        charts=tuple(_charts(answer)) if answer["calls"] else (),
        columns=tuple(_columns(answer)),
        rows=tuple(_group_rows(answer)) if answer["calls"] else (),
        words=tuple(_causes(answer)),
    )


def _charts(answer: Data) -> Iterator[Chart]:
    yield _bins(answer)
    names = [*answer["overall"]["percentiles_ms"]]
    name = "p95" if "p95" in names else names[-1]
    groups = answer["groups"]
    yield Bars(
        title=f"{name} by {answer['group_by']}",
        unit="ms",
        labels=tuple(group["group"] for group in groups),
        values=tuple(group["figures"]["percentiles_ms"][name] for group in groups),
    )
    if clocks := answer["overall"]["clocks"]:
        yield Bars(
            title="Where the time went, on average",
            unit="ms",
            labels=tuple(name.replace("_", " ") for name in clocks),
            values=tuple(clock["mean_ms"] for clock in clocks.values()),
        )

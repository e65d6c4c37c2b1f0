"""Shows the answer of monitor_fleet: totals, and the functions worst first with a bar for what they are sorted by."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from lambdascope_proxy.monitoring.execution_text import dollars
from lambdascope_proxy.views.advice import as_commands
from lambdascope_proxy.views.figures import bar, counted, figure, share, span
from lambdascope_proxy.views.page import Page

Data = Mapping[str, Any]

BAR: Final = 12
COLUMNS: Final = ("function", "invocations", "errors", "rate", "throttles", "p95 ms", "cost")
# The bars have no name.
BARS: Final = ""
# Where it is narrow these go, one after another, until the rest fits: better than names broken in three.
FIRST_TO_GO: Final = (BARS, "throttles", "rate", "p95 ms", "cost", "errors", "invocations")
# Where the column is not called what it is sorted by.
SORTED: Final = {"duration_p95": "p95 ms", "error_rate": "rate"}
# What the tool sorts by, as its rows name it.
FIGURES: Final = {"duration_p95": "duration_p95_ms", "cost": "cost_usd"}


def show_fleet(data: Data, page: Page) -> None:
    """Writes totals, the table and what to ask next."""
    window, totals, functions = data["window"], data["totals"], data["functions"]
    found = f"{counted(totals['functions'], 'function')}, {totals['active']:,} with traffic"
    page.heading(f"{found}, {span(window['start'], window['end'])}")
    sums = ", ".join(f"{name} {figure(totals[name])}" for name in ("invocations", "errors", "throttles"))
    page.line(f"{sums}, cost {dollars(totals['cost_usd'])} (estimated from run time, without init)")
    if functions:
        _show_worst(functions, data["sort_by"], page)
    if data["not_listed"]:
        page.line(f"{data['not_listed']:,} more with traffic are not listed: --limit shows more")
    page.line(_asking(data))
    page.heading(f"Next: {as_commands(data['next_step'])}")


def _show_worst(functions: Sequence[Data], sort_by: str, page: Page) -> None:
    most = max(_sorted_by(function, sort_by) for function in functions)
    page.heading(f"Worst first, by {sort_by.replace('_', ' ')}")
    rows = [_row(each, sort_by, most, page) for each in functions]
    kept = _fitting(rows, SORTED.get(sort_by, sort_by), page)
    page.table(kept, _only(kept, rows), right=COLUMNS[1:])
    if missing := [column for column in COLUMNS if column not in kept]:
        page.line(f"too narrow for {', '.join(missing)}")


def _fitting(rows: Sequence[Sequence[object]], wanted: str, page: Page) -> list[str]:
    kept = [*COLUMNS, BARS]
    for column in FIRST_TO_GO:
        if page.fits(kept, _only(kept, rows)):
            break
        if column != wanted:
            kept.remove(column)
    return kept


def _only(kept: Sequence[str], rows: Sequence[Sequence[object]]) -> list[list[object]]:
    return [[cell for column, cell in zip((*COLUMNS, BARS), row, strict=True) if column in kept] for row in rows]


def _asking(data: Data) -> str:
    if data["bill"] is None:
        return "nothing was asked of AWS"
    kept = ", kept from a moment ago" if data["cached"] else ""
    return f"asking cost {dollars(data['bill']['cost_usd'])}{kept}"


def _row(function: Data, sort_by: str, most: float, page: Page) -> tuple[object, ...]:
    cost = function["cost_usd"]
    return (
        function["name"],
        figure(function["invocations"]),
        figure(function["errors"]),
        share(function["error_rate"]),
        figure(function["throttles"]),
        "" if function["duration_p95_ms"] is None else figure(function["duration_p95_ms"]),
        "" if cost is None else dollars(cost),
        bar(_sorted_by(function, sort_by) / most if most else 0, BAR, page),
    )


def _sorted_by(function: Data, sort_by: str) -> float:
    return float(function[FIGURES.get(sort_by, sort_by)] or 0)

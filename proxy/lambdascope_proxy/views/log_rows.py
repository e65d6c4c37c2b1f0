"""Shows the answer of query_logs: its rows and what it took to get them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from lambdascope_proxy.monitoring.execution_text import dollars
from lambdascope_proxy.views.advice import as_commands
from lambdascope_proxy.views.figures import moment, span
from lambdascope_proxy.views.page import Page

Data = Mapping[str, Any]

TIME: Final = "time"
COST: Final = "cost_usd"


def show_log_rows(data: Data, page: Page) -> None:
    """Writes the rows as a table, or as records where they are too wide, then what was scanned and what to ask next."""
    count, window, bill = data["row_count"], data["window"], data["bill"]
    page.heading(f"{count:,} {'row' if count == 1 else 'rows'}, {span(window['start'], window['end'])}")
    if data["rows"]:
        page.rows(*_readable(data["columns"], data["rows"]))
    cost = "a price not known for this region" if bill["cost_usd"] is None else dollars(bill["cost_usd"])
    scanned = bill.get("bytes_scanned_for_answer", bill["scanned_bytes"])
    charged = "kept from a moment ago, at no further cost" if data["cached"] else f"for {cost}"
    matched = f"{data['records_matched']:,} of {data['records_scanned']:,} records matched"
    page.line(f"{matched}, {scanned:,} bytes scanned, {charged}")
    page.heading(f"Next: {as_commands(data['next_step'])}")


def _readable(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> tuple[list[str], list[list[Any]]]:
    """Times and prices as people read them, and what all times have in common once, in the header."""
    at = columns.index(TIME) if TIME in columns and _are_moments(columns.index(TIME), rows) else None
    day = _one_day([row[at] for row in rows]) if at is not None else None
    names = [_named(name, day if index == at else None, is_time=index == at) for index, name in enumerate(columns)]
    return names, [
        [_cell(cell, columns[index], day, is_time=index == at) for index, cell in enumerate(row)] for row in rows
    ]


def _named(column: str, day: str | None, *, is_time: bool) -> str:
    if is_time:
        return f"UTC {day}" if day else "time (UTC)"
    if column == COST:
        return "cost"
    unit = {"ms": " ms", "mb": " MB", "pct": " %", "s": " s"}.get(column.rpartition("_")[2])
    return column.rpartition("_")[0].replace("_", " ") + unit if unit else column.replace("_", " ")


def _cell(cell: Any, column: str, day: str | None, *, is_time: bool) -> Any:
    if is_time:
        return moment(cell).removeprefix(f"{day} ")
    return dollars(cell) if column == COST and cell is not None else cell


def _are_moments(at: int, rows: Sequence[Sequence[Any]]) -> bool:
    try:
        return all(datetime.fromisoformat(row[at]) for row in rows)
    except (TypeError, ValueError):
        return False


def _one_day(times: Sequence[str]) -> str | None:
    days = {moment(time).partition(" ")[0] for time in times}
    return days.pop() if len(days) == 1 else None

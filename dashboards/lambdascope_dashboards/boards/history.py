"""The history itself, asked in SQL: exact cents, and what metrics cannot tell, such as sessions and single calls."""

from typing import Final

from lambdascope_dashboards.panel import Board, Kind, Panel, Row, Sql

MONEY: Final = "currencyUSD"
EXACT: Final = "Exact: the sum over the calls themselves, at list price."


def _panel(
    name: str,
    title: str,
    description: str,
    *,
    unit: str = MONEY,
    kind: Kind = "table",
    width: int = 12,
    height: int = 8,
    units: dict[str, str] | None = None,
    trace_column: str = "",
) -> Panel:
    sql = Sql(name=name, units=tuple((units or {}).items()), trace_column=trace_column)
    # A day is a bar: what functions cost on it, on top of each other.
    is_bars = kind == "graph"
    return Panel(
        title=title,
        description=description,
        unit=unit,
        kind=kind,
        stacking="normal" if is_bars else "none",
        has_bars=is_bars,
        width=width,
        height=height,
        queries=(sql,),
    )


IN_SHORT: Final = Row(
    title="In this time range",
    panels=(
        _panel("total", "Cost of the calls", EXACT, kind="stat", width=6, height=4),
        _panel(
            "known",
            "Calls with a price",
            "The share of calls whose cost is known: what the figures here rest on.",
            unit="percentunit",
            kind="stat",
            width=6,
            height=4,
        ),
        _panel(
            "month",
            "This month",
            "Whatever the time range: what this month (UTC) has cost so far, and will have cost at this pace.",
            kind="stat",
            height=4,
        ),
    ),
)
OVER_TIME: Final = Row(
    title="Over time",
    panels=(
        _panel("by_day", "Cost by day", f"Each day (UTC), by function. {EXACT}", kind="graph", width=16),
        _panel(
            "by_hour_of_day",
            "Cost by hour of the day",
            "At which hours (UTC) the cost arises: is it people at work, or a schedule?",
            width=8,
            units={"hour": "none", "calls": "short"},
        ),
    ),
)
WHO_AND_WHAT: Final = Row(
    title="Who and what",
    panels=(
        _panel(
            "by_function",
            "Functions by cost",
            "What each function cost and what of it bought nothing. Failed calls, cold starts and unused memory "
            "overlap: do not add them up.",
            width=24,
            units={"calls": "short", "share": "percentunit"},
        ),
        _panel(
            "by_session",
            "Sessions by cost",
            "What each session of an agent cost. Calls of protocol revisions without sessions stand together as none.",
            width=24,
            units={"calls": "short", "failed_calls": "short"},
        ),
        _panel(
            "by_client",
            "Clients by cost",
            "MCP clients and their versions, by the name they give themselves.",
            units={"sessions": "short", "calls": "short", "failed_calls": "short"},
        ),
        _panel(
            "by_version",
            "Versions by cost",
            "Versions of each function: whether a deployment made it dearer.",
            units={"calls": "short", "billed_ms": "ms"},
        ),
        _panel(
            "by_principal",
            "Principals by cost",
            "Authenticated callers, where there is authentication.",
            units={"calls": "short"},
        ),
        _panel(
            "failures",
            "Failures by cost",
            "What failed calls cost, by outcome and kind of error.",
            units={"calls": "short"},
        ),
    ),
)
SINGLE: Final = Row(
    title="Single calls",
    panels=(
        _panel(
            "dearest",
            "Dearest calls",
            "The calls that cost most; a trace's id leads to the trace.",
            width=24,
            units={"billed_ms": "ms", "memory_mb": "mbytes", "used_mb": "mbytes"},
            trace_column="trace",
        ),
        _panel(
            "unpriced",
            "Calls without a price",
            "Their cost is in no figure. accepted: an asynchronous call that `lambdascope history reconcile` completes "
            "from the logs.",
            width=24,
            units={"calls": "short"},
        ),
    ),
)
HISTORY: Final = Board(
    uid="lambdascope-history",
    title="lambdascope / History (DuckDB)",
    description="Cost in exact cents from the history itself: sessions, versions, principals, single calls. Needs "
    "Grafana's DuckDB data source.",
    rows=(IN_SHORT, OVER_TIME, WHO_AND_WHAT, SINGLE),
    source="history",
    needs=("traces",),
    begins="now-7d",
)

"""Cost and latency by day and function over any number of whole days (UTC), from rollups where there are any."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, get_args

from lambdascope_analytics.analyses.daily_answer import (
    Clock,
    CostOfDay,
    DailyCost,
    DailyLatency,
    Figure,
    LatencyOfDay,
    Method,
)
from lambdascope_analytics.analyses.grouping import GroupKey, labels
from lambdascope_analytics.analyses.period import Period
from lambdascope_analytics.analyses.sketches import percentiles
from lambdascope_analytics.analyses.wording import counted, dollars, milliseconds
from lambdascope_analytics.errors import QuestionError
from lambdascope_analytics.statements import statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lambdascope_analytics.history import History

# Rows of an answer, or of what it is made of: a thousand functions for three months.
_MOST: Final = 100_000
_SHARES: Final = (0.5, 0.9, 0.95, 0.99)
_OF_ROLLUPS: Final = "Percentiles come from rollups: each is within 1 % of the exact one."
_WIDEN: Final = "Ask for other days: analyze_cost says of a range whether there are calls in it."
_PERCENTILES: Final = ("p50_ms", "p90_ms", "p95_ms", "p99_ms")


def analyse_daily(
    history: "History",
    *,
    start: datetime,
    end: datetime,
    figure: Figure = "cost",
    clock: Clock = "total",
    function_name: str | None = None,
    exact: bool = False,
    now: datetime,
) -> DailyCost | DailyLatency:
    """Return the cost or the latency of each function on each day; the present plays no part.

    Raises:
        QuestionError: the range is not of whole days, or holds too many; or there is no such figure.
        HistoryError: the history cannot be read.
    """
    del now
    if figure == "cost":
        return daily_cost(history, start=start, end=end, function_name=function_name)
    if figure == "latency":
        return daily_latency(history, start=start, end=end, clock=clock, function_name=function_name, exact=exact)
    raise QuestionError("figure", f"is {figure!r}: use one of {', '.join(get_args(Figure))}")


def daily_cost(history: "History", *, start: datetime, end: datetime, function_name: str | None = None) -> DailyCost:
    """Return what each function cost on each day (UTC) from `start` up to and without `end`.

    Raises:
        QuestionError: the range is not of whole days, or the answer would have too many rows.
        HistoryError: the history cannot be read.
    """
    period = _whole_days(start, end)
    rows = _asked(history, "daily/cost", _days(period) | {"function_name": function_name})
    names = _names(rows)
    groups = tuple(_cost_of(row, name) for row, name in zip(rows, names, strict=True))
    costs = [group.cost_usd for group in groups if group.cost_usd is not None]
    cost_usd = sum(costs, Decimal()) if costs else None
    calls, unpriced = sum(group.calls for group in groups), sum(group.unpriced_calls for group in groups)
    from_logs = sum(int(row["from_logs"]) for row in rows)
    return DailyCost(
        summary=_cost_summary(period, calls, cost_usd),
        period=period,
        calls=calls,
        method="rollup" if any(row["rolled_calls"] for row in rows) else "exact",
        cost_usd=cost_usd,
        unpriced_calls=unpriced,
        groups=groups,
        notes=tuple(_cost_notes(unpriced, from_logs)),
        next_step="analyze_cost says what the cost of a range is made of." if calls else _WIDEN,
    )


def daily_latency(
    history: "History",
    *,
    start: datetime,
    end: datetime,
    clock: Clock = "total",
    function_name: str | None = None,
    exact: bool = False,
) -> DailyLatency:
    """Return how long the calls of each function took on each day (UTC) from `start` up to and without `end`.

    `clock` is "total" (arrival to answer) or "duration" (the handler). Every call is read where no rollup tells of
    any, and with `exact`; that takes seconds for each ten million calls.

    Raises:
        QuestionError: the range is not of whole days, the answer would have too many rows, or there is no such clock.
        HistoryError: the history cannot be read.
    """
    if clock not in get_args(Clock):
        raise QuestionError("clock", f"is {clock!r}: use one of {', '.join(get_args(Clock))}")
    period = _whole_days(start, end)
    # Where there is none, sketches of all calls would be made only to be thrown away.
    is_rolled = not exact and history.query(statement("daily/rolled"), _days(period))[0]["days"] > 0
    days = _days(period) | {"function_name": function_name}
    rows = _asked(history, f"daily/{clock}_sketches", days) if is_rolled else []
    method: Method = "rollup" if any(row["source"] == "rollup" for row in rows) else "exact"
    if method == "rollup":
        found = _from_sketches(rows)
    else:
        asked = period.parameters | {"function_name": function_name, "clock": clock}
        found = _asked(history, "daily/percentiles", asked)
    names = _names(found)
    groups = tuple(_latency_of(row, name) for row, name in zip(found, names, strict=True))
    calls = sum(group.calls for group in groups)
    return DailyLatency(
        summary=_latency_summary(period, clock, groups),
        period=period,
        calls=calls,
        method=method,
        clock=clock,
        groups=groups,
        notes=(_OF_ROLLUPS,) if method == "rollup" else (),
        next_step="analyze_latency says where the time of a range goes." if calls else _WIDEN,
    )


def _whole_days(start: datetime, end: datetime) -> Period:
    period = Period(start=start, end=end)
    for name, moment in (("start", start), ("end", end)):
        if moment.astimezone(UTC).time() != time():
            raise QuestionError(name, f"is not the start of a day in UTC: {moment.isoformat()}")
    return period


def _days(period: Period) -> dict[str, object]:
    return {"first_day": period.start.astimezone(UTC).date(), "day_after": period.end.astimezone(UTC).date()}


def _asked(history: "History", name: str, parameters: dict[str, object]) -> list[dict[str, Any]]:
    rows = history.query(statement(name), parameters | {"most": _MOST + 1})
    if len(rows) > _MOST:
        raise QuestionError("start", f"to the end there is more than {_MOST:,} rows to tell: ask for less at a time")
    return rows


def _key(row: dict[str, Any]) -> GroupKey:
    return GroupKey(value=row["function_name"], region=row["region"], account_id=row["account_id"])


def _names(rows: "Sequence[dict[str, Any]]") -> list[str]:
    """The name of each row's function, the same on every day."""
    keys = list(dict.fromkeys(_key(row) for row in rows))
    names = dict(zip(keys, labels(keys), strict=True))
    return [names[_key(row)] for row in rows]


def _cost_of(row: dict[str, Any], name: str) -> CostOfDay:
    return CostOfDay(
        day=row["day"],
        function=name,
        calls=int(row["calls"]),
        failures=int(row["failures"]),
        cold_starts=int(row["cold_starts"]),
        unpriced_calls=int(row["calls"] - row["priced_calls"]),
        cost_usd=row["cost_usd"],
        billed_ms=None if row["billed_ms"] is None else int(row["billed_ms"]),
    )


def _latency_of(row: dict[str, Any], name: str) -> LatencyOfDay:
    figures = {name: row[name] for name in _PERCENTILES}
    return LatencyOfDay(
        day=row["day"], function=name, calls=int(row["calls"]), timed_calls=int(row["timed_calls"]), **figures
    )


def _from_sketches(rows: "Sequence[dict[str, Any]]") -> list[dict[str, Any]]:
    """The percentiles of each day and function; the rows of each stand together."""
    of_one = itemgetter("day", "function_name", "region", "account_id")
    together = [list(same) for _, same in groupby(rows, key=of_one)]
    sketches = [[row["sketch"] for row in same if row["sketch"] is not None] for same in together]
    counts, found = percentiles(sketches, _SHARES)
    return [
        {
            **same[0],
            "calls": sum(row["calls"] for row in same),
            "timed_calls": count,
            **dict(zip(_PERCENTILES, values, strict=True)),
        }
        for same, count, values in zip(together, counts, found, strict=True)
    ]


def _cost_summary(period: Period, calls: int, cost_usd: Decimal | None) -> str:
    if not calls:
        return f"There are no calls of Lambda functions {_said(period)}."
    said = f"{counted(calls, 'call')} of Lambda functions {_said(period)}"
    return f"No cost is known of {said}." if cost_usd is None else f"{said} cost {dollars(cost_usd)} at list price."


def _latency_summary(period: Period, clock: Clock, groups: "Sequence[LatencyOfDay]") -> str:
    timed = [(group.p99_ms, group) for group in groups if group.p99_ms is not None]
    if not timed:
        return f"There are no calls with {clock}_ms {_said(period)}."
    worst_ms, worst = max(timed, key=lambda pair: pair[0])
    of_all = sum(group.timed_calls for group in groups)
    return (
        f"Of {counted(of_all, 'call')} {_said(period)} those of {worst.function} on {worst.day} were the slowest: "
        f"1 % of them took more than {milliseconds(worst_ms)} ({clock}_ms)."
    )


def _cost_notes(unpriced: int, from_logs: int) -> list[str]:
    notes: list[str] = []
    if unpriced:
        has, are = ("has", "is") if unpriced == 1 else ("have", "are")
        notes.append(
            f"{counted(unpriced, 'call')} {has} no cost in USD and {are} not in the sums; analyze_cost says why."
        )
    if from_logs:
        was, they = ("was", "it") if from_logs == 1 else ("were", "they")
        notes.append(f"{counted(from_logs, 'call')} {was} taken in from the logs; {they} never came through the proxy.")
    return notes


def _said(period: Period) -> str:
    last = period.end.astimezone(UTC).date() - timedelta(days=1)
    return f"from {period.start.astimezone(UTC).date()} to {last}"

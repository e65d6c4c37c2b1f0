"""Where money went that might be saved, from the cells of the analysis of cost and the attempts made again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from lambdascope_analytics.analyses.cost_answer import Spent, Waste
from lambdascope_analytics.analyses.cost_cells import Cell, calls_of, cost_of, part_of, rounded, usd
from lambdascope_analytics.analyses.cost_parts import Parts
from lambdascope_analytics.analyses.cost_prices import MB_MS_IN_GB_S, cold_usd, compute_usd, request_usd, unused_usd
from lambdascope_analytics.analyses.function_scope import FunctionScope
from lambdascope_analytics.analyses.period import Period
from lambdascope_analytics.history import History
from lambdascope_analytics.pricing import RateTable
from lambdascope_analytics.statements import statement

# Who calls again does so within a minute of the end of a call, which may run for a quarter of an hour.
FAILED_BEFORE: Final = timedelta(minutes=16)
# To pair calls with the failures before them takes longer than all the rest: more are searched from the end only.
MOST_SEARCHED: Final = 250_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """What attempts that were made again cost, and since when they were looked for.

    `unknown_calls` are those that ran and failed of which no caller is known: whether they were made again cannot be
    told. Where that leaves nothing to tell, `calls` is None.
    """

    since: datetime
    calls: int | None
    cost_usd: Decimal | None
    unknown_calls: int


def find_retries(
    history: History, period: Period, *, since: datetime, scope: FunctionScope, rates: RateTable
) -> Retries:
    """Look for attempts that were made again from `since` to the end of the period."""
    parameters = {
        **period.parameters,
        **scope.parameters,
        "started_after": since,
        "failed_after": since - FAILED_BEFORE,
    }
    rows = history.query(statement("cost/retries"), parameters)
    found = [row for row in rows if row["kind"] != "unknown"]
    cost = usd(_repeated_usd(row, rates) for row in found)
    calls = sum(row["calls"] for row in found)
    unknown_calls = sum(row["calls"] for row in rows if row["kind"] == "unknown")
    return Retries(
        since=since,
        calls=None if unknown_calls and not calls else calls,
        cost_usd=None if cost is None else rounded(cost),
        unknown_calls=unknown_calls,
    )


def searched_since(cells: Sequence[Cell], parts: Parts, period: Period, most: int = MOST_SEARCHED) -> datetime:
    """The start of the period, or of the first of its last parts that have at most so many calls; at least the last."""
    since, calls = period.end, 0
    for bucket in reversed(range(parts.count)):
        calls += calls_of(cell for cell in cells if cell.bucket == bucket)
        if calls > most and since < period.end:
            return since
        since = max(period.start, parts.begins(bucket))
    return since


def waste_of(cells: Sequence[Cell], retries: Retries, parts: Parts, rates: RateTable) -> Waste:
    """Put the parts together."""
    total = cost_of(cells)
    searched = cost_of(cell for cell in cells if parts.begins(cell.bucket + 1) > retries.since)
    failures = [cell for cell in cells if cell.is_failure]
    cold, unused = cold_usd(rates, cells), unused_usd(rates, cells)
    failed = cost_of(failures)
    return Waste(
        failures=Spent(calls=calls_of(failures), cost_usd=failed, share=part_of(failed, total)),
        retries=Spent(calls=retries.calls, cost_usd=retries.cost_usd, share=part_of(retries.cost_usd, searched)),
        retries_since=retries.since,
        retries_unknown_calls=retries.unknown_calls,
        cold_starts=Spent(calls=sum(cell.cold_calls for cell in cells), cost_usd=cold, share=part_of(cold, total)),
        unused_memory=Spent(calls=sum(c.unused_calls for c in cells), cost_usd=unused, share=part_of(unused, total)),
    )


def _repeated_usd(row: Mapping[str, Any], rates: RateTable) -> Decimal | None:
    if row["kind"] == "caller":
        return row["cost_usd"]
    region, architecture = row["region"], row["architecture"]
    mb_ms = None if row["mb_ms"] is None else int(row["mb_ms"])
    compute = compute_usd(rates, mb_ms, MB_MS_IN_GB_S, region, architecture)
    # How many attempts there were is not recorded: one request each is the least.
    return None if compute is None else usd([compute, request_usd(rates, row["calls"], region, architecture)])

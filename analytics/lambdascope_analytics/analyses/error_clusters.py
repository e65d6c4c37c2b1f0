"""Kinds of error, rolled up from where each was seen: what it says, whom it hit, and whether it is new. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any, Final

from lambdascope_analytics.analyses.grouping import UNKNOWN
from lambdascope_analytics.analyses.intervals import holm
from lambdascope_analytics.analyses.period import Period
from lambdascope_analytics.analyses.shares import Share, share_change

MOST_NAMES: Final = 3
LONGEST_MESSAGE: Final = 200
SIGNIFICANT: Final = 0.05

Row = Mapping[str, Any]
# Ids of calls by sort and kind.
Examples = Mapping[tuple[str, str], Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """How many calls there were in a period and in the one before, those apart that are the caller's fault."""

    calls: int
    previous_calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """How many different ones a kind of error hit, and the most frequent of them with their calls."""

    count: int
    names: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorCluster:
    """One kind of error: calls that failed alike.

    `share` is of all calls of the period. `first_seen` and `last_seen` look beyond the period. `is_new`: the period
    before had none of it; None where nothing was recorded then. `trend` is new, back (seen earlier, but not in the
    period before), rising, falling or steady, by Newcombe's interval and Holm's correction for the kinds listed; gone
    where there are none any more. `cost_usd` is None where no call has a cost, `unpriced_calls` how many have none.
    Among `functions` are the tools of other MCP servers.
    """

    fingerprint: str
    outcome: str
    error_type: str | None
    message: str | None
    calls: int
    previous_calls: int
    share: float | None
    is_new: bool | None
    trend: str | None
    first_seen: datetime
    last_seen: datetime
    functions: Hit
    clients: Hit
    versions: Hit
    cost_usd: Decimal | None
    unpriced_calls: int
    examples: tuple[str, ...]


def clusters_of(
    rows: Sequence[Row], sort: str, *, totals: Totals, period: Period, examples: Examples
) -> tuple[ErrorCluster, ...]:
    """The kinds of one sort (failure, caller or gone) from the rows of `errors/clusters`, most frequent first."""
    chosen = [row for row in rows if row["sort"] == sort]
    kinds = [list(cells) for _, cells in groupby(chosen, key=lambda row: row["place"])]
    p_values = holm([_change(cells[0], totals)[1] for cells in kinds])
    return tuple(
        _cluster(cells, p, totals=totals, period=period, examples=examples)
        for cells, p in zip(kinds, p_values, strict=True)
    )


def _change(kind: Row, totals: Totals) -> tuple[float, float]:
    before = Share(successes=int(kind["kind_previous_calls"]), n=totals.previous_calls)
    after = Share(successes=int(kind["kind_calls"]), n=totals.calls)
    change = share_change(before, after)
    return (change.difference, change.p) if change else (0.0, 1.0)


def _cluster(cells: Sequence[Row], p: float, *, totals: Totals, period: Period, examples: Examples) -> ErrorCluster:
    kind = cells[0]
    # The place it hits most speaks for it; its message is the latest of all places.
    latest = max((cell for cell in cells if cell["error_message"]), key=lambda cell: cell["seen_at"], default=kind)
    calls, previous = int(kind["kind_calls"]), int(kind["kind_previous_calls"])
    return ErrorCluster(
        fingerprint=kind["kind"],
        outcome=kind["outcome"],
        error_type=kind["error_type"],
        message=_shortened(latest["error_message"]),
        calls=calls,
        previous_calls=previous,
        share=calls / totals.calls if totals.calls else None,
        is_new=(previous == 0 and calls > 0) if totals.previous_calls else None,
        trend=_trend(kind, p, totals, period),
        first_seen=kind["first_seen"],
        last_seen=kind["last_seen"],
        functions=_hit(cells, "function_name"),
        clients=_hit(cells, "client_name"),
        versions=_hit(cells, "executed_version"),
        cost_usd=kind["cost_usd"],
        unpriced_calls=int(kind["unpriced_calls"]),
        examples=tuple(examples.get((kind["sort"], kind["kind"]), ())),
    )


def _trend(kind: Row, p: float, totals: Totals, period: Period) -> str | None:
    if not kind["kind_calls"]:
        return "gone"
    if not totals.previous_calls:
        return None
    if not kind["kind_previous_calls"]:
        return "new" if kind["first_seen"] >= period.previous().start else "back"
    if p >= SIGNIFICANT:
        return "steady"
    return "rising" if _change(kind, totals)[0] > 0 else "falling"


def _hit(cells: Sequence[Row], column: str) -> Hit:
    # Of what is gone it is told where it was.
    counts = "previous_calls" if cells[0]["sort"] == "gone" else "calls"
    seen: Counter[str] = Counter()
    for cell in cells:
        if cell[column] is not None and cell[counts]:
            seen[cell[column]] += int(cell[counts])
    return Hit(count=len(seen), names=dict(seen.most_common(MOST_NAMES)))


def _shortened(message: str | None) -> str | None:
    if message is None or len(message) <= LONGEST_MESSAGE:
        return message
    return message[: LONGEST_MESSAGE - 3] + "..."


def title(cluster: ErrorCluster) -> str:
    """What to call it in a sentence: its type, and where it happens if that is one place."""
    name = cluster.error_type or cluster.outcome
    if cluster.functions.count == 0:
        return name
    first = next(iter(cluster.functions.names), UNKNOWN)
    return f"{name} in {first}" + (f" and {cluster.functions.count - 1} more" if cluster.functions.count > 1 else "")

"""The analysis of cost in sentences: its summary, and what to know besides. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, Self

from lambdascope_analytics.analyses.cost_answer import CostGroup, Looking, PreviousCost, Unpriced, Waste
from lambdascope_analytics.analyses.cost_cells import ANSWERED, NO_PRICE, UNCERTAIN, WAITING, Cell, calls_of, cost_of
from lambdascope_analytics.analyses.cost_groups import time_label
from lambdascope_analytics.analyses.cost_prices import currency_of, is_priced_otherwise
from lambdascope_analytics.analyses.grouping import OF_TIME
from lambdascope_analytics.analyses.known_functions import KnownFunctions
from lambdascope_analytics.analyses.period import Period
from lambdascope_analytics.analyses.wording import change_percent, counted, dollars, percent
from lambdascope_analytics.pricing import RateTable

LIST_PRICE: Final = "List prices, without free tier, volume tiers and discounts: AWS's bill may be lower."
_MOMENT: Final = timedelta(microseconds=1)

_NOT_RUN: Final = "nothing was run"
_NO_REPORT: Final = "the report of the execution is not known (yet)"
_NOT_TOLD: Final = "whether anything ran is not known"
_NO_RATES: Final = "no rates for the region or architecture"
_NOT_SET: Final = "no price is set for these tools of other servers"
# The others cost no dollars.
_UNKNOWN: Final = frozenset({_NO_REPORT, _NOT_TOLD, _NO_RATES})


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherServers:
    """Calls of other MCP servers, and what those with a price cost: a part of the total."""

    calls: int
    cost_usd: Decimal | None

    @classmethod
    def of(cls, cells: Sequence[Cell]) -> Self:
        """Add them up."""
        those = [cell for cell in cells if cell.is_of_other_server]
        return cls(calls=calls_of(those), cost_usd=cost_of(those))

    def __str__(self) -> str:
        cost = "at no known price" if self.cost_usd is None else f"{dollars(self.cost_usd)} at the prices set for them"
        return f"Among these are {counted(self.calls, 'call')} of tools of other MCP servers: {cost}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What sentences are made of."""

    now: datetime
    period: Period
    group_by: str
    function_name: str | None
    calls: int
    cost_usd: Decimal | None
    other_currencies: Mapping[str, Decimal]
    unpriced: tuple[Unpriced, ...]
    previous: PreviousCost | None
    waste: Waste
    looking: Looking
    other_servers: OtherServers
    groups: tuple[CostGroup, ...]
    groups_left_out: int
    backfilled: int
    known_since: datetime | None
    later_calls: int
    last_at: datetime | None
    known: KnownFunctions


def summary_of(found: Found) -> str:
    """One sentence with the figures that matter."""
    span = f"{_time(found.period.start)} to {_time(found.period.end)} UTC"
    if not found.calls:
        named = found.function_name or "Lambda functions"
        instead = found.known.instead_of(found.function_name)
        return f"No calls of {named} are recorded from {span}." + (f" {instead}" if instead else "")
    cost = _amounts(found.cost_usd, found.other_currencies)
    return f"{counted(found.calls, 'call')} cost {cost} from {span}{_change(found.previous)}{_dearest(found)}."


def unpriced_reasons(cells: Sequence[Cell], rates: RateTable) -> tuple[Unpriced, ...]:
    """Calls without a price by why they have none, most of them first."""
    reasons: dict[str, int] = {}
    for cell in cells:
        if cell.price_source == NO_PRICE:
            for reason, calls in _reasons(cell, rates):
                reasons[reason] = reasons.get(reason, 0) + calls
    ordered = sorted(reasons.items(), key=lambda each: (-each[1], each[0]))
    return tuple(Unpriced(reason=reason, calls=calls) for reason, calls in ordered if calls)


def unknown_calls(unpriced: Sequence[Unpriced]) -> int:
    """How many of these may have cost dollars."""
    return sum(each.calls for each in unpriced if each.reason in _UNKNOWN)


def notes_of(found: Found) -> tuple[str, ...]:
    """What to know besides."""
    return tuple(_notes(found))


def _amounts(cost_usd: Decimal | None, others: Mapping[str, Decimal]) -> str:
    known = [] if cost_usd is None else [dollars(cost_usd)]
    known += [f"{currency} {dollars(amount).removeprefix('$')}" for currency, amount in others.items()]
    return " and ".join(known) or "an unknown amount (none has a price)"


def _change(previous: PreviousCost | None) -> str:
    if previous is None or previous.change_usd is None:
        return ""
    if not previous.change_usd:
        return ", as much as in the period before"
    direction = "more" if previous.change_usd > 0 else "less"
    share = "" if previous.change_share is None else f" ({change_percent(previous.change_share)})"
    return f", {dollars(abs(previous.change_usd))} {direction} than in the period before{share}"


def _dearest(found: Found) -> str:
    priced = [group for group in found.groups if group.cost_usd is not None]
    # Of hours and days those are left out that are not among the latest: one of them may be the dearest.
    if len(found.groups) < 2 or not priced or (found.group_by in OF_TIME and found.groups_left_out):
        return ""
    dearest = max(priced, key=lambda group: group.cost_usd or 0)
    return f"; the largest part went to {dearest.group}: {dollars(dearest.cost_usd)} ({percent(dearest.share)})"


def _reasons(cell: Cell, rates: RateTable) -> Iterator[tuple[str, int]]:
    """Those that were billed lack a rate; the others by what their outcome says about a bill to come."""
    currency = currency_of(rates, cell.region)
    is_other = cell.billed_calls and is_priced_otherwise(rates, cell)
    yield f"billed in {currency}" if is_other else _NO_RATES, cell.billed_calls
    unbilled = cell.calls - cell.billed_calls
    if cell.is_of_other_server and cell.outcome in ANSWERED:
        yield _NOT_SET, unbilled
    elif cell.outcome is None or cell.outcome in WAITING:
        yield _NO_REPORT, unbilled
    else:
        yield _NOT_TOLD if cell.outcome in UNCERTAIN else _NOT_RUN, unbilled


def _notes(found: Found) -> Iterator[str]:
    if found.other_servers.calls:
        yield str(found.other_servers)
    yield from _notes_on_prices(found)
    if found.backfilled:
        yield f"Taken from the logs, not made through the proxy: {counted(found.backfilled, 'call')}."
    previous = found.previous
    if found.known_since and found.known_since > (previous or found).period.start:
        given = ", so no change is given" if previous else ""
        yield f"The history begins at {_time(found.known_since)} UTC: nothing is known of what was before{given}."
    elif found.calls and previous and not previous.calls:
        yield "There are no calls in the period before, so no change is given."
    if found.calls and found.waste.retries_since > found.period.start:
        yield f"Retries were looked for from {_time(found.waste.retries_since)} UTC on only: there are many calls."
    yield from _notes_on_ends(found)
    if found.waste.retries_unknown_calls:
        yield _not_told_apart(found.waste)
    if found.later_calls:
        yield f"Not counted, for they began in the future: {counted(found.later_calls, 'call')}. A clock was wrong."
    if found.calls:
        yield LIST_PRICE


def _notes_on_ends(found: Found) -> Iterator[str]:
    """A day or an hour that is not whole looks cheap."""
    if found.group_by not in OF_TIME or not found.groups:
        return
    first, last = found.groups[0].group, found.groups[-1].group
    start, end = found.period.start, found.period.end
    if last == time_label(end, found.group_by):
        yield f"{last} is counted up to {_time(end)} UTC only."
    if first == time_label(start, found.group_by) == time_label(start - _MOMENT, found.group_by):
        yield f"{first} is counted from {_time(start)} UTC on only."


def _not_told_apart(waste: Waste) -> str:
    failed = counted(waste.retries_unknown_calls, "failed call")
    more = " (so retries may be more)" if waste.retries.calls else ""
    return f"{failed} may or may not have been tried again{more}: no session, process or principal tells the caller."


def _notes_on_prices(found: Found) -> Iterator[str]:
    if found.unpriced:
        count = sum(each.calls for each in found.unpriced)
        reasons = "; ".join(f"{each.calls:,}: {each.reason}" for each in found.unpriced)
        yield f"{counted(count, 'call')} without a price in dollars, in no sum of them ({reasons})."
    if any(each.reason == _NO_REPORT for each in found.unpriced):
        yield "`lambdascope history reconcile` looks for reports in the logs."
    for currency in found.other_currencies:
        yield f"{currency} from memory, billed time and requests at list price, without ephemeral storage."


def _time(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M}"

"""What the analysis of cost answers: the figures, and what each of them is of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from lambdascope_analytics.analyses.period import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviousCost:
    """The period of the same length before; `change_share` is of its cost, so 0.5 is half as much again.

    `other_changes` are by currency, of what AWS does not bill in dollars.
    """

    period: Period
    calls: int
    cost_usd: Decimal | None
    change_usd: Decimal | None
    change_share: float | None
    other_changes: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSource:
    """Calls by where their price comes from (measured, logs, estimated or configured), or that there is none."""

    source: str
    calls: int
    calls_share: float
    cost_usd: Decimal | None
    cost_share: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpriced:
    """Calls without a price, and why."""

    reason: str
    calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What went into something, as a share of the cost it is a part of; `calls` had it or, of memory, tell of it.

    `calls` is None where nothing is known of it.
    """

    calls: int | None
    cost_usd: Decimal | None
    share: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waste:
    """Where money went that might be saved; the parts overlap, so they must not be added.

    `failures`: calls that failed. `retries`: the first call of the same function by the same caller that begins within
    a minute of the end of one that ran and failed; and attempts of Lambda's own at an event before its last one. They
    are looked for from `retries_since` on, and not after `retries_unknown_calls`: those failed, and no session, process
    or principal tells who made them. `cold_starts`: billed init and restore time. `unused_memory`: the part of the
    compute charge that configured but never used memory has, which a smaller size could save at most.
    """

    failures: Spent
    retries: Spent
    retries_since: datetime
    retries_unknown_calls: int
    cold_starts: Spent
    unused_memory: Spent


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """What asking CloudWatch cost, which is not part of the total."""

    calls: int
    cost_usd: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """What the month (such as 2026-11) would cost at this pace; where that cannot be said, `method` says why."""

    month: str
    cost_usd: Decimal | None
    other_currencies: Mapping[str, Decimal]
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CostTrend:
    """Dollars in each part of the period, to be drawn: `bucket_s` long but for the last; None is not known.

    `other_currencies` are what was paid in each of them, where that is anything.
    """

    group: str | None
    bucket_s: int
    cost_usd: tuple[float | None, ...]
    other_currencies: Mapping[str, tuple[float | None, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CostGroup:
    """One group; the change is against the period before, where that has any call. Shares are of dollars."""

    group: str
    calls: int
    failures: int
    unpriced_calls: int
    cost_usd: Decimal | None
    share: float | None
    cost_per_call_usd: Decimal | None
    billed_gb_s: float | None
    change_usd: Decimal | None
    change_share: float | None
    other_currencies: Mapping[str, Decimal]
    other_per_call: Mapping[str, Decimal]
    other_changes: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class CostAnswer:
    """What calls of functions and other MCP servers cost; `cost_per_call_usd` is of the calls that have a price."""

    summary: str
    period: Period
    calls: int
    group_by: str
    function_name: str | None
    cost_usd: Decimal | None
    cost_per_call_usd: Decimal | None
    billed_gb_s: float | None
    other_currencies: Mapping[str, Decimal]
    other_per_call: Mapping[str, Decimal]
    unpriced_calls: int
    unpriced: tuple[Unpriced, ...]
    previous: PreviousCost | None
    sources: tuple[PriceSource, ...]
    waste: Waste
    looking: Looking
    projection: Projection
    groups: tuple[CostGroup, ...]
    trend: CostTrend
    trends: tuple[CostTrend, ...]
    not_listed: Mapping[str, int]
    notes: tuple[str, ...]
    next_step: str | None

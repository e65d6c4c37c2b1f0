"""What there is to say of days and functions: their cost, and how long their calls took."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from lambdascope_analytics.analyses.period import Period

Method = Literal["rollup", "exact"]
Clock = Literal["total", "duration"]
Figure = Literal["cost", "latency"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CostOfDay:
    """What the calls of one function cost on one day; `cost_usd` is that of the priced ones, None if none is."""

    day: date
    function: str
    calls: int
    failures: int
    cold_starts: int
    unpriced_calls: int
    cost_usd: Decimal | None
    billed_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyCost:
    """What calls cost, by day and function; exact, whatever the method."""

    summary: str
    period: Period
    calls: int
    method: Method
    cost_usd: Decimal | None
    unpriced_calls: int
    groups: tuple[CostOfDay, ...]
    notes: tuple[str, ...]
    next_step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyOfDay:
    """How long the calls of one function took on one day; of `calls`, `timed_calls` have this clock."""

    day: date
    function: str
    calls: int
    timed_calls: int
    p50_ms: float | None
    p90_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyLatency:
    """How long calls took, by day and function; with the method "rollup" within 1 %."""

    summary: str
    period: Period
    calls: int
    method: Method
    clock: Clock
    groups: tuple[LatencyOfDay, ...]
    notes: tuple[str, ...]
    next_step: str

"""What an answer about latency holds. Times are in ms, shares between 0 and 1; None is not known, never zero."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lambdascope_analytics.analyses.period import Period

CLOCKS: Final[tuple[str, ...]] = ("proxy", "network_and_platform", "init", "handler")
"""What the total time of a call is made of; `init` is the init phase or the restore of a cold start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One part of the total time: its mean, and its share of the total."""

    mean_ms: float
    share: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyFigures:
    """How long some calls took as their callers saw it.

    Percentiles are exact and interpolated between the two nearest calls. `cold_adds_ms` is how much more the median
    cold start takes than the median warm call. `clocks` divide the time of the `measured_calls`, whose parts are all
    known.
    """

    calls: int
    failures: int
    percentiles_ms: Mapping[str, float]
    apdex: float | None
    cold_calls: int
    cold_share: float | None
    cold_p50_ms: float | None
    cold_p95_ms: float | None
    warm_p50_ms: float | None
    warm_p95_ms: float | None
    cold_adds_ms: float | None
    measured_calls: int
    clocks: Mapping[str, Clock]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLatency:
    """Figures of one group; `waited_share` is its share of the time that all callers waited."""

    group: str
    waited_share: float | None
    figures: LatencyFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """How many calls took at least `from_ms` and less than `to_ms`."""

    from_ms: float
    to_ms: float
    calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Something the slowest calls have more often than all calls: its share in both, and how many times the share."""

    feature: str
    value: str
    text: str
    share_of_slowest: float
    share_of_all: float
    lift: float
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tail:
    """The slowest 1%: calls that took `from_ms` (the p99) or longer, and what they have in common."""

    from_ms: float | None
    calls: int
    causes: tuple[Cause, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowCall:
    """One of the slowest calls."""

    call_id: str
    trace_id: str | None
    started_at: datetime
    function_name: str | None
    outcome: str | None
    total_ms: float
    cold_start: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyAnswer:
    """How long calls took, of all and by group: the group that was waited for longest first,
    hours and days in order of time.

    Apdex is (satisfied + tolerating / 2) / calls: satisfied within `apdex_ms`, tolerating within four times that,
    failures neither. `clock_p95_ms` is the p95 of each clock over all calls, that of `init` over those which had one.
    """

    summary: str
    period: Period
    calls: int
    group_by: str
    apdex_ms: float
    overall: LatencyFigures
    clock_p95_ms: Mapping[str, float | None]
    groups: tuple[GroupLatency, ...]
    not_listed: Mapping[str, int]
    tail: Tail
    histogram: tuple[Bin, ...]
    slowest: tuple[SlowCall, ...]
    notes: tuple[str, ...]
    next_step: str | None

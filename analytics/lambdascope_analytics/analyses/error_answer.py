"""What the analysis of errors answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from lambdascope_analytics.analyses.error_clusters import ErrorCluster
from lambdascope_analytics.analyses.error_groups import ErrorGroup
from lambdascope_analytics.analyses.intervals import Interval
from lambdascope_analytics.analyses.period import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorsAnswer:
    """What failed in a period, beside the period of the same length before it.

    `calls` counts those of every target but CloudWatch; `targets` says of which. `caller_faults` were refused or had
    arguments that do not fit; they are no part of `failures`, and `error_rate` leaves them out. Intervals are at 95 %:
    Wilson's of a rate, Newcombe's of their difference. `cost_usd` is what the failures cost, None where none has a
    cost, and `other_currencies` what AWS bills for them in others. `errors` are kinds of failure, `caller_errors` of
    caller's faults, `gone` kinds of either that were only seen before; what happened before `seen_since` was not
    looked at.
    """

    summary: str
    period: Period
    calls: int
    targets: Mapping[str, int]
    failures: int
    caller_faults: int
    error_rate: float | None
    error_rate_interval: Interval | None
    previous: Period
    previous_calls: int
    previous_failures: int
    previous_error_rate: float | None
    difference: float | None
    difference_interval: Interval | None
    cost_usd: Decimal | None
    unpriced_calls: int
    other_currencies: Mapping[str, Decimal]
    seen_since: datetime
    errors: tuple[ErrorCluster, ...]
    caller_errors: tuple[ErrorCluster, ...]
    gone: tuple[ErrorCluster, ...]
    group_by: str | None
    groups: tuple[ErrorGroup, ...]
    not_listed: Mapping[str, int]
    notes: tuple[str, ...]
    next_step: str | None

"""What is asked about the executions of one function, and all that was found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lambdascope_proxy.cloudwatch.bill import Bill
from lambdascope_proxy.cloudwatch.log_scope import group_of
from lambdascope_proxy.cloudwatch.period import aligned, series_period_s, whole_period_s
from lambdascope_proxy.cloudwatch.window import Window
from lambdascope_proxy.monitoring.limits import ConcurrencyLimit
from lambdascope_proxy.monitoring.log_queries import LogFigures
from lambdascope_proxy.monitoring.measures import METRIC_TYPES, USUAL_SERIES
from lambdascope_proxy.monitoring.metric_figures import MetricFigures
from lambdascope_proxy.monitoring.top_errors import ErrorKind
from lambdascope_proxy.selection import Function

LONGEST_TTL_S: Final = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Executions of one function over a window of whole bins.

    `versions` are those the qualifier means; without a qualifier there are none to tell apart.
    """

    function: Function
    qualifier: str | None
    versions: tuple[str, ...]
    window: Window
    period_s: int
    whole_s: int
    wanted: frozenset[str]
    series: frozenset[str]
    include_errors: bool
    asked_at: datetime

    @property
    def ttl_s(self) -> float:
        """How long an answer is as good as a new one: half a bin."""
        return min(self.period_s / 2, LONGEST_TTL_S)

    @property
    def log_group(self) -> str:
        """Where the function logs to."""
        return group_of(self.function)


def question_of(
    function: Function,
    window: Window,
    now: datetime,
    *,
    qualifier: str | None = None,
    versions: tuple[str, ...] = (),
    metric_types: Sequence[str] | None = None,
    include_errors: bool = True,
) -> Question:
    """The question over the whole bins that cover a window; without `metric_types` about everything."""
    period_s = series_period_s(window, now)
    whole = aligned(window, period_s)
    return Question(
        function=function,
        qualifier=qualifier,
        versions=versions,
        window=whole,
        period_s=period_s,
        whole_s=whole_period_s(whole, now),
        wanted=frozenset(metric_types or METRIC_TYPES),
        series=frozenset(metric_types or USUAL_SERIES),
        include_errors=include_errors,
        asked_at=now,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """The kinds of error found; `is_cut` when there were more lines than were read."""

    kinds: tuple[ErrorKind, ...]
    is_cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The executions that came through this proxy, as its history knows; an asynchronous one counts once."""

    executions: int
    asynchronous: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the sources said; None where one was not asked or failed, and then `partial` says why in words."""

    metrics: MetricFigures | None = None
    logs: LogFigures | None = None
    errors: Errors | None = None
    seen: Seen | None = None
    limit: ConcurrencyLimit | None = None
    partial: tuple[str, ...] = ()
    bill: Bill
    is_cached: bool = False

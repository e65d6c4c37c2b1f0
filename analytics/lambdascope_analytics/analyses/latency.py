"""How long calls took as their callers saw it, where the time went and what the slowest have in common."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any, Final

from lambdascope_analytics.analyses.function_scope import FunctionScope
from lambdascope_analytics.analyses.grouping import read_group
from lambdascope_analytics.analyses.known_functions import known_functions
from lambdascope_analytics.analyses.latency_answer import CLOCKS, LatencyAnswer, LatencyFigures, SlowCall, Tail
from lambdascope_analytics.analyses.latency_causes import Candidate, candidates_of, causes
from lambdascope_analytics.analyses.latency_figures import Measured, measured
from lambdascope_analytics.analyses.latency_histogram import histogram, reached_by
from lambdascope_analytics.analyses.latency_words import (
    empty_step,
    empty_summary,
    future_note,
    next_step_of,
    notes_of,
    summary_of,
)
from lambdascope_analytics.analyses.other_servers import left_out_note
from lambdascope_analytics.analyses.period import Period
from lambdascope_analytics.errors import QuestionError
from lambdascope_analytics.history import History
from lambdascope_analytics.statements import statement

PERCENTILES: Final = (50, 90, 95, 99)
MOST_PERCENTILES: Final = 8
MOST_GROUPS: Final = 100
APDEX_MS: Final = 500.0
SLOWEST: Final = 5
# The p95 of each clock needs all its values in memory.
MOST_FOR_CLOCKS: Final = 3_000_000
_COLUMNS: Final = ("proxy", "platform", "init", "handler")
_LATEST: Final = datetime.max.replace(tzinfo=UTC)
_HOUR: Final = timedelta(hours=1)
_NOTHING: Final = LatencyFigures(
    calls=0,
    failures=0,
    percentiles_ms={},
    apdex=None,
    cold_calls=0,
    cold_share=None,
    cold_p50_ms=None,
    cold_p95_ms=None,
    warm_p50_ms=None,
    warm_p95_ms=None,
    cold_adds_ms=None,
    measured_calls=0,
    clocks={},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    period: Period
    group_by: str
    function_name: str | None
    functions: FunctionScope
    apdex_ms: float
    now: datetime

    @property
    def scope(self) -> dict[str, object]:
        """Which calls, as every statement takes it."""
        return {**self.period.parameters, **self.functions.parameters}

    @property
    def again(self) -> dict[str, object]:
        """What to ask with where it is asked of another period or of another tool."""
        return {"function_name": self.function_name, "group_by": None if self.group_by == "function" else self.group_by}


def analyse_latency(
    history: History,
    *,
    start: datetime,
    end: datetime,
    group_by: str = "function",
    percentiles: Sequence[float] = PERCENTILES,
    top: int = 10,
    function_name: str | None = None,
    apdex_ms: float | None = None,
    now: datetime,
) -> LatencyAnswer:
    """Return the latency of the calls that began from `start` up to `end`, by `group_by`, of the `top` groups.

    `function_name` may have its region or its account and region in front, or be an ARN. `percentiles` are at most 8
    numbers between 0 and 100. Apdex: Apdex Alliance, Application Performance Index, Technical Specification 1.1
    (2007); its threshold is 500 ms where `apdex_ms` does not say otherwise.

    Raises:
        QuestionError: a parameter makes no sense.
        HistoryError: the history cannot be read.
    """
    shares = _shares(percentiles)
    asked = _Asked(
        period=Period(start=start, end=end),
        group_by=read_group(group_by),
        function_name=function_name,
        functions=FunctionScope.of(function_name),
        apdex_ms=_threshold(apdex_ms),
        now=now,
    )
    figures = {"group_by": group_by, "top": _top(top), "apdex_ms": asked.apdex_ms, **_percentile_parameters(shares)}
    with history.within(start, end) as within, history.within(now, None) as ahead:
        rows = within.query(statement("latency/percentiles"), {**asked.scope, **figures})
        found, future = measured(rows, group_by=group_by, shares=shares), _future_calls(ahead, asked)
        elsewhere = left_out_note(within, asked.period, function_name=function_name)
        answer = _empty(history, asked, future) if found is None else _answer(within, asked, found, future)
        return replace(answer, notes=(*answer.notes, *elsewhere))


def _answer(history: History, asked: _Asked, found: Measured, future: int) -> LatencyAnswer:
    overall, clock_p95 = found.overall, _clock_p95(history, asked, found.overall)
    tail, slowest = _tail(history, asked, found), _slowest(history, asked, found)
    return LatencyAnswer(
        summary=summary_of(overall, tail),
        period=asked.period,
        calls=overall.calls,
        group_by=asked.group_by,
        apdex_ms=asked.apdex_ms,
        overall=overall,
        clock_p95_ms=clock_p95,
        groups=found.groups,
        not_listed=_not_listed(found),
        tail=tail,
        histogram=histogram(found.buckets),
        slowest=slowest,
        notes=notes_of(found, future_calls=future, has_clock_p95=bool(clock_p95), most_for_clocks=MOST_FOR_CLOCKS),
        next_step=next_step_of(tail, slowest, asked=asked.again, period=asked.period, now=asked.now),
    )


def _empty(history: History, asked: _Asked, future: int) -> LatencyAnswer:
    (left_out,) = history.query(statement("latency/left_out"), asked.scope)
    (last,) = history.query(statement("latency/last"), asked.functions.parameters)
    known = known_functions(history, asked.functions)
    return LatencyAnswer(
        summary=empty_summary(left_out, known, asked.function_name),
        period=asked.period,
        calls=0,
        group_by=asked.group_by,
        apdex_ms=asked.apdex_ms,
        overall=_NOTHING,
        clock_p95_ms={},
        groups=(),
        not_listed={},
        tail=Tail(from_ms=None, calls=0, causes=()),
        histogram=(),
        slowest=(),
        notes=future_note(future),
        next_step=empty_step(last["last_at"], known, asked=asked.again, period=asked.period, now=asked.now),
    )


def _clock_p95(history: History, asked: _Asked, figures: LatencyFigures) -> dict[str, float | None]:
    if not 0 < figures.measured_calls <= MOST_FOR_CLOCKS:
        return {}
    (row,) = history.query(statement("latency/clocks"), asked.scope)
    return {name: row[f"{column}_p95_ms"] for name, column in zip(CLOCKS, _COLUMNS, strict=True)}


def _tail(history: History, asked: _Asked, found: Measured) -> Tail:
    rows = history.query(statement("latency/tail"), {**asked.scope, "threshold_ms": found.p99_ms})
    # Every one of the slowest began in some hour.
    slow = sum(row["slow_calls"] for row in rows if row["slow_hour"] is not None)
    calls = found.overall.calls
    candidates = candidates_of(rows)
    hours = max(1, round(asked.period.seconds / _HOUR.total_seconds()))
    if calls > 1 and (hour := _hour(history, asked, rows)):
        candidates.append(hour)
    return Tail(
        from_ms=found.p99_ms,
        calls=slow,
        causes=causes(candidates, calls=calls, slow_calls=slow, looked_at=len(candidates) - 1 + hours),
    )


def _hour(history: History, asked: _Asked, rows: Sequence[Mapping[str, Any]]) -> Candidate | None:
    """The hour with most of the slowest calls."""
    hours, period = [row for row in rows if row["slow_hour"] is not None], asked.period
    if not hours or period.seconds <= _HOUR.total_seconds():
        return None
    worst = max(hours, key=lambda row: (row["slow_calls"], row["slow_hour"]))
    begin = worst["slow_hour"].replace(tzinfo=UTC)
    span = {"started_after": max(begin, period.start), "started_before": min(begin + _HOUR, period.end)}
    name = f"{begin:%Y-%m-%dT%H:00Z}"
    return Candidate(
        feature="hour",
        value=name,
        words=f"began in the hour from {name}",
        calls=history.query(statement("latency/hour"), {**asked.scope, **span})[0]["calls"],
        slow_calls=worst["slow_calls"],
    )


def _slowest(history: History, asked: _Asked, found: Measured) -> tuple[SlowCall, ...]:
    least = reached_by(found.buckets, SLOWEST)
    parameters = {**asked.scope, "at_least_ms": -1e300 if least is None else least, "most": SLOWEST}
    return tuple(SlowCall(**row) for row in history.query(statement("latency/slowest"), parameters))


def _future_calls(history: History, asked: _Asked) -> int:
    span = {"started_after": asked.now, "started_before": _LATEST}
    return history.query(statement("latency/hour"), {**asked.scope, **span})[0]["calls"]


def _not_listed(found: Measured) -> dict[str, int]:
    left_out = found.all_groups - len(found.groups)
    return {"groups": left_out} if left_out else {}


def _shares(percentiles: Sequence[float]) -> list[float]:
    if not 1 <= len(percentiles) <= MOST_PERCENTILES:
        raise QuestionError("percentiles", f"has {len(percentiles)} of them: give 1 to {MOST_PERCENTILES}")
    for percentile in percentiles:
        if not 0 < percentile < 100:
            raise QuestionError("percentiles", f"has {percentile:g}, which is not between 0 and 100")
    return [percentile / 100 for percentile in sorted(set(percentiles))]


def _percentile_parameters(shares: Sequence[float]) -> dict[str, float | None]:
    given = [*shares, *[None] * (MOST_PERCENTILES - len(shares))]
    return {f"p{number}": share for number, share in enumerate(given, 1)}


def _top(top: int) -> int:
    if not 1 <= top <= MOST_GROUPS:
        raise QuestionError("top", f"is {top}: use 1 to {MOST_GROUPS}")
    return top


def _threshold(apdex_ms: float | None) -> float:
    if apdex_ms is None:
        return APDEX_MS
    if not (isfinite(apdex_ms) and apdex_ms > 0):
        raise QuestionError("apdex_ms", f"is {apdex_ms:g}, which is not above zero")
    return float(apdex_ms)

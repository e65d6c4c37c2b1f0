"""What changed from one period to another, or from one version of a function to another, and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from lambdascope_analytics.analyses.change_groups import GroupChanges, compare_groups
from lambdascope_analytics.analyses.change_next import next_step_of
from lambdascope_analytics.analyses.change_series import (
    ChangePoint,
    Series,
    SeriesFigures,
    change_points_of,
    drawn,
    series_of,
    with_deployed,
)
from lambdascope_analytics.analyses.change_sides import Chosen, GroupSides, overall_of, sides_of
from lambdascope_analytics.analyses.change_words import Found, notes_of, summary_of
from lambdascope_analytics.analyses.changes_asked import COMPARED, MOST_GROUPS, Comparison, read_comparison, sample_for
from lambdascope_analytics.analyses.comparing import Change, compare_sides, corrected
from lambdascope_analytics.analyses.other_servers import left_out_note
from lambdascope_analytics.analyses.period import Period
from lambdascope_analytics.history import History
from lambdascope_analytics.statements import statement

DEFAULT_TOP: Final = 10
__all__ = ["COMPARED", "ComparisonAnswer", "GroupChanges", "compare_periods"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonAnswer:
    """Two periods, or two versions within one, side by side.

    `period` is the later one, `before` what it is compared with; `calls` is of both. `changes` are those of all calls
    together, `groups` those of each group for more than chance; each of the two is corrected for its number of tests by
    Holm's method, so that one wrong change or more is found in at most one of twenty comparisons. `groups` that
    are in one period only are there, too. `change_points` are moments at which a series over both periods changed its
    level; `series` are those, if they were asked for.

    That holds where calls of a bucket are alike, and where levels last for a few buckets (a period has up to 84). In
    simulations of two periods of 60 buckets in which nothing changed, 2 % of comparisons found something where each
    bucket had a level of its own, 6 % where levels were like the one before by 0.6, and 12 % by 0.8: what lasts for a
    large part of a period cannot be told from a change by comparing two.
    """

    summary: str
    period: Period
    before: Period
    calls: int
    calls_before: int
    calls_after: int
    version: str | None
    before_version: str | None
    unpriced_calls: int
    changes: tuple[Change, ...]
    change_points: tuple[ChangePoint, ...]
    series: tuple[SeriesFigures, ...]
    group_by: str | None
    groups: tuple[GroupChanges, ...]
    tested_groups: int
    not_listed: Mapping[str, int]
    notes: tuple[str, ...]
    next_step: str | None


def compare_periods(
    history: History,
    *,
    start: datetime,
    end: datetime,
    before_start: datetime | None = None,
    before_end: datetime | None = None,
    group_by: str | None = "function",
    top: int = DEFAULT_TOP,
    function_name: str | None = None,
    version: str | None = None,
    before_version: str | None = None,
    with_series: bool = False,
    now: datetime,
) -> ComparisonAnswer:
    """Compare `start` to `end` with the period before it, with another one, or two versions of a function within it.

    `with_series` adds what is drawn: figures of all calls over time.

    Raises:
        QuestionError: a parameter makes no sense.
        HistoryError: the history cannot be read.
    """
    known_from = history.query(statement("changes/begin"))
    asked = read_comparison(
        Period(start=start, end=end),
        before_start=before_start,
        before_end=before_end,
        group_by=group_by,
        top=top,
        function_name=function_name,
        version=version,
        before_version=before_version,
        known_from=known_from[0]["first_at"] if known_from else None,
    )
    scope = {**asked.of_periods, **asked.of_groups}
    with history.within(asked.span.start, asked.span.end) as around:
        rows = around.query(statement("changes/buckets"), {**scope, "most_groups": MOST_GROUPS})
        chosen, one_in = Chosen.of(rows), sample_for(sum(int(row["calls"]) for row in rows))
        times = around.query(statement("changes/latency"), {**scope, "chosen": chosen.text, "one_in": one_in})
        elsewhere = left_out_note(around, asked.before, asked.after, function_name=asked.function_name)
    overall, groups = overall_of(rows, times, asked), sides_of(rows, times, chosen, asked)
    series = [] if asked.version else series_of(overall, times, asked)
    compared = _compared(asked, overall, groups)
    found = Found(
        asked=asked,
        rows=rows,
        overall=overall,
        changes=corrected(compare_sides(overall.before, overall.after, has_rates=asked.version is None)),
        groups=[group for group in compared if group.is_told],
        tested=len(compared),
        one_in=one_in,
        points=_points(history, asked, series),
        called_versions=_called(history, asked, overall),
    )
    answer = _answer(found, drawn(series) if with_series else (), now)
    return replace(answer, notes=(*answer.notes, *elsewhere))


def _compared(asked: Comparison, overall: GroupSides, groups: Sequence[GroupSides]) -> list[GroupChanges]:
    """Those that were tested: a single group is all calls over again, and one side alone has nothing to compare."""
    if len(groups) < 2 or not (overall.before.total.calls and overall.after.total.calls):
        return []
    return compare_groups(groups, has_rates=asked.group_by != "version")


def _points(history: History, asked: Comparison, series: Sequence[Series]) -> tuple[ChangePoint, ...]:
    points = change_points_of(series)
    if not points or asked.known_from is None:
        return tuple(points)
    parameters = {
        **asked.scope.parameters,
        # What was there when the history began was not deployed then.
        "called_after": max(points[0].start, asked.known_from + timedelta(seconds=asked.size_s)),
        "called_before": max(point.end for point in points),
    }
    return with_deployed(points, history.query(statement("changes/versions"), parameters))


def _called(history: History, asked: Comparison, overall: GroupSides) -> tuple[str, ...]:
    """The versions that could be compared, where one that was asked for could not."""
    if not asked.version or (overall.before.total.calls and overall.after.total.calls):
        return ()
    found = history.query(statement("changes/called"), {**asked.scope.parameters, **asked.after.parameters})
    return tuple(row["executed_version"] for row in found)


def _answer(found: Found, series: tuple[SeriesFigures, ...], now: datetime) -> ComparisonAnswer:
    asked, listed = found.asked, tuple(found.groups[: found.asked.top])
    before, after = found.overall.before.total, found.overall.after.total
    return ComparisonAnswer(
        summary=summary_of(found),
        period=asked.after,
        before=asked.before,
        calls=before.calls + after.calls,
        calls_before=before.calls,
        calls_after=after.calls,
        version=asked.version,
        before_version=asked.before_version,
        unpriced_calls=before.calls + after.calls - before.priced - after.priced,
        changes=tuple(found.changes),
        change_points=tuple(found.points),
        series=series,
        group_by=asked.group_by,
        groups=listed,
        tested_groups=found.tested,
        not_listed={"groups": len(found.groups) - len(listed)} if len(found.groups) > len(listed) else {},
        notes=notes_of(found),
        next_step=next_step_of(found, now),
    )

"""What changed from one period to another, or from one version of a function to another, and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from lambdascope_analytics.analyses.change_series import ChangePoint, change_points_of
from lambdascope_analytics.analyses.change_sides import GroupSides, Row, overall_of, sides_of
from lambdascope_analytics.analyses.change_words import Found, next_step_of, notes_of, summary_of
from lambdascope_analytics.analyses.changes_asked import COMPARED, Comparison, read_comparison
from lambdascope_analytics.analyses.comparing import Change, compare_sides, corrected
from lambdascope_analytics.analyses.grouping import labels
from lambdascope_analytics.analyses.period import Period
from lambdascope_analytics.analyses.tallies import CLOCKS
from lambdascope_analytics.history import History
from lambdascope_analytics.statements import statement

DEFAULT_TOP: Final = 10
__all__ = ["COMPARED", "ComparisonAnswer", "GroupChanges", "compare_periods"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupChanges:
    """One group: what changed of it for more than chance."""

    group: str
    calls_before: int
    calls_after: int
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonAnswer:
    """Two periods, or two versions within one, side by side.

    `period` is the later one, `before` what it is compared with; `calls` is of both. `changes` are those of all calls
    together, `groups` those of each group for more than chance; each of the two is corrected for its number of tests by
    Holm's method, so that one wrong change or more is found in at most one of twenty comparisons. `change_points` are
    moments at which a series over both periods changed its level.

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
    group_by: str | None
    groups: tuple[GroupChanges, ...]
    tested_groups: int
    not_listed: Mapping[str, int]
    notes: tuple[str, ...]
    next_step: str


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
    now: datetime,
) -> ComparisonAnswer:
    """Compare `start` to `end` with the period before it, with another one, or two versions of a function within it.

    Raises:
        QuestionError: a parameter makes no sense.
        HistoryError: the history cannot be read.
    """
    del now
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
    scope = {**asked.of_periods, **asked.of_groups, **asked.of_buckets}
    rows = history.query(statement("changes/buckets"), scope)
    times = {clock: history.query(statement("changes/latency"), {**scope, "clock": clock}) for clock in CLOCKS}
    overall = overall_of(rows, times, asked)
    points: tuple[ChangePoint, ...] = ()
    if not asked.version:
        points = change_points_of(overall, times["total"], asked, lambda: _versions(history, asked))
    return _answer(asked, rows, overall, sides_of(rows, times, asked), points)


def _versions(history: History, asked: Comparison) -> list[dict[str, Any]]:
    parameters = {
        "function_name": asked.function_name,
        "started_after": min(asked.before.start, asked.after.start),
        "started_before": max(asked.before.end, asked.after.end),
    }
    return history.query(statement("changes/versions"), parameters)


def _answer(
    asked: Comparison,
    rows: Sequence[Row],
    overall: GroupSides,
    groups: Sequence[GroupSides],
    points: tuple[ChangePoint, ...],
) -> ComparisonAnswer:
    changes = corrected(compare_sides(overall.before, overall.after))
    # A single group is all calls over again.
    compared = _compare_groups(groups) if len(groups) > 1 else []
    changed = [group for group in compared if group.changes]
    listed = tuple(changed[: asked.top])
    found = Found(
        asked=asked, rows=rows, overall=overall, changes=changes, groups=changed, tested=len(compared), points=points
    )
    before, after = overall.before.total, overall.after.total
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
        changes=tuple(changes),
        change_points=points,
        group_by=asked.group_by,
        groups=listed,
        tested_groups=len(compared),
        not_listed={"groups": len(changed) - len(listed)} if len(changed) > len(listed) else {},
        notes=notes_of(found),
        next_step=next_step_of(found),
    )


def _compare_groups(groups: Sequence[GroupSides]) -> list[GroupChanges]:
    """Those with the most significant change first."""
    each = [compare_sides(group.before, group.after) for group in groups]
    judged = iter(corrected([change for changes in each for change in changes]))
    names = labels([group.key for group in groups])
    found = [
        GroupChanges(
            group=name,
            calls_before=group.before.total.calls,
            calls_after=group.after.total.calls,
            changes=tuple(change for change in [next(judged) for _ in changes] if change.is_significant),
        )
        for name, group, changes in zip(names, groups, each, strict=True)
    ]
    return sorted(found, key=_weight)


def _weight(group: GroupChanges) -> tuple[float, int]:
    # What costs more or less per hour comes first by how much, then what is surest.
    costs = [change.difference for change in group.changes if change.measure == "cost_per_hour_usd"]
    return (-abs(float(costs[0] or 0)) if costs else 0.0, -group.calls_after - group.calls_before)

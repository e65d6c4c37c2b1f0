"""What failed: kinds of error with their place, age and cost, and how often calls fail now and before."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from lambdascope_analytics.analyses.billed_otherwise import BilledOtherwise
from lambdascope_analytics.analyses.error_answer import ErrorsAnswer
from lambdascope_analytics.analyses.error_clusters import Examples, Row, Totals, clusters_of
from lambdascope_analytics.analyses.error_groups import count_of, groups_of, share_of
from lambdascope_analytics.analyses.error_words import SORTS, Asked, Found, next_step_of, notes_of, summary_of
from lambdascope_analytics.analyses.function_scope import FunctionScope
from lambdascope_analytics.analyses.grouping import read_group
from lambdascope_analytics.analyses.known_functions import KnownFunctions, known_functions
from lambdascope_analytics.analyses.listing import read_top
from lambdascope_analytics.analyses.period import Period
from lambdascope_analytics.analyses.shares import share_change
from lambdascope_analytics.history import History
from lambdascope_analytics.pricing import load_rates
from lambdascope_analytics.statements import statement

DEFAULT_TOP: Final = 10
# How far before both periods it is looked when a kind of error was first seen: so many times their length, but at least
# and at most so long. Each day costs as much as a day of the periods themselves.
LOOK_BACK_LENGTHS: Final = 7
LEAST_LOOK_BACK: Final = timedelta(days=7)
MOST_LOOK_BACK: Final = timedelta(days=90)
EARLIEST: Final = datetime.min.replace(tzinfo=UTC)


def analyse_errors(
    history: History,
    *,
    start: datetime,
    end: datetime,
    group_by: str | None = None,
    top: int = DEFAULT_TOP,
    function_name: str | None = None,
    now: datetime,
) -> ErrorsAnswer:
    """Find what failed from `start` to `end`; `top` kinds of error and groups are listed, of hours and days the latest.

    Raises:
        QuestionError: a parameter makes no sense.
        HistoryError: the history cannot be read.
    """
    asked = Asked(
        period=Period(start=start, end=end).up_to(now),
        group_by=read_group(group_by) if group_by else None,
        top=read_top(top),
        function_name=function_name,
        now=now,
    )
    return _answer(_found(history, asked))


def seen_since(period: Period) -> datetime:
    """From when on errors are looked at to tell when a kind was first seen."""
    reach = min(MOST_LOOK_BACK, max(LEAST_LOOK_BACK, (period.end - period.start) * LOOK_BACK_LENGTHS))
    begin = period.previous().start
    return begin - min(reach, begin - EARLIEST)


def _found(history: History, asked: Asked) -> Found:
    scope = FunctionScope.of(asked.function_name)
    within: dict[str, object] = {**asked.period.parameters, **scope.parameters}
    begin, since = asked.period.previous().start, seen_since(asked.period)
    both = {**within, "before_after": begin, "top": asked.top}
    with history.within(begin, None) as recent, history.within(since, None) as known:
        groups = recent.query(statement("errors/groups"), {**both, "group_by": asked.group_by, "asked_at": asked.now})
        clusters = known.query(statement("errors/clusters"), {**both, "known_after": since})
        whole: Row = groups[0] if groups else {}
        examples, otherwise = _examples(recent, clusters, within), _billed_otherwise(recent, whole, within)
    before, after = share_of(whole, "all_previous_"), share_of(whole, "all_")
    return Found(
        asked=asked,
        whole=whole,
        before=before,
        after=after,
        change=share_change(before, after),
        groups=groups_of(groups, asked.group_by) if asked.group_by else (),
        **_lists(clusters, whole, asked, examples),
        kinds={row["sort"]: int(row["kinds"]) for row in clusters},
        otherwise=otherwise,
        known=KnownFunctions() if count_of(whole, "all_calls") else known_functions(history, scope),
    )


def _lists(clusters: Sequence[Row], whole: Row, asked: Asked, examples: Examples) -> dict[str, Any]:
    totals = Totals(calls=count_of(whole, "all_calls"), previous_calls=count_of(whole, "all_previous_calls"))
    return {
        name: clusters_of(clusters, sort, totals=totals, period=asked.period, examples=examples)
        for name, sort in SORTS.items()
    }


def _examples(history: History, clusters: Sequence[Row], within: Mapping[str, object]) -> Examples:
    kinds = dict.fromkeys(row["kind"] for row in clusters if row["sort"] != "gone")
    if not kinds:
        return {}
    wanted = "\n" + "\n\n".join(kinds) + "\n"
    found: dict[tuple[str, str], list[str]] = {}
    for row in history.query(statement("errors/examples"), {**within, "kinds": wanted}):
        found.setdefault((row["sort"], row["kind"]), []).append(row["call_id"])
    return found


def _billed_otherwise(history: History, whole: Row, within: Mapping[str, object]) -> BilledOtherwise:
    if not whole.get("billed_failures"):
        return BilledOtherwise()
    return BilledOtherwise.of(load_rates(), history.query(statement("errors/unpriced"), within))


def _answer(found: Found) -> ErrorsAnswer:
    asked = found.asked
    return ErrorsAnswer(
        summary=summary_of(found),
        period=asked.period,
        previous=asked.period.previous(),
        **_counts(found),
        **_rates(found),
        cost_usd=found.whole.get("cost_usd"),
        other_currencies=found.otherwise.amounts,
        seen_since=seen_since(asked.period),
        errors=found.errors,
        caller_errors=found.caller_errors,
        gone=found.gone,
        group_by=asked.group_by,
        groups=found.groups,
        not_listed=found.not_listed,
        notes=notes_of(found),
        next_step=next_step_of(found),
    )


def _counts(found: Found) -> dict[str, Any]:
    return {
        "calls": found.count("all_calls"),
        "previous_calls": found.count("all_previous_calls"),
        "targets": {name: count for name, count in found.targets.items() if count},
        "caller_faults": found.count("all_caller_faults"),
        "unpriced_calls": found.count("unpriced_failures"),
    }


def _rates(found: Found) -> dict[str, Any]:
    before, after, change = found.before, found.after, found.change
    return {
        "failures": after.successes,
        "error_rate": after.value,
        "error_rate_interval": after.interval,
        "previous_failures": before.successes,
        "previous_error_rate": before.value,
        "difference": change.difference if change else None,
        "difference_interval": change.interval if change else None,
    }

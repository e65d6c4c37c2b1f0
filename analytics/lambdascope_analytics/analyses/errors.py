"""What failed: kinds of error with their place, age and cost, and how often calls fail now and before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from lambdascope_analytics.analyses.cost_cells import rounded
from lambdascope_analytics.analyses.cost_prices import other_price
from lambdascope_analytics.analyses.error_clusters import ErrorCluster, Examples, Row, Totals, clusters_of
from lambdascope_analytics.analyses.error_words import BilledOtherwise, Found, next_step_of, notes_of, summary_of
from lambdascope_analytics.analyses.function_scope import FunctionScope
from lambdascope_analytics.analyses.grouping import GroupKey, labels, read_group
from lambdascope_analytics.analyses.intervals import Interval, MeanDifference
from lambdascope_analytics.analyses.listing import read_top
from lambdascope_analytics.analyses.period import Period
from lambdascope_analytics.analyses.shares import Share, share_change
from lambdascope_analytics.history import History
from lambdascope_analytics.pricing import load_rates
from lambdascope_analytics.statements import statement

DEFAULT_TOP: Final = 10
# How far before both periods it is looked when a kind of error was first seen: so many times their length, but at least
# and at most so long. Each day costs as much as a day of the periods themselves.
LOOK_BACK_LENGTHS: Final = 7
LEAST_LOOK_BACK: Final = timedelta(days=7)
MOST_LOOK_BACK: Final = timedelta(days=90)
_LISTS: Final = {"errors": "failure", "caller_errors": "caller", "gone": "gone"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorGroup:
    """The calls of one group; `error_rate` is the share of `calls` without `caller_faults` that failed."""

    group: str
    calls: int
    failures: int
    caller_faults: int
    error_rate: float | None
    error_rate_interval: Interval | None
    previous_calls: int
    previous_failures: int
    previous_error_rate: float | None


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
    next_step: str


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
    """Find what failed from `start` to `end`; `top` kinds of error and groups are listed.

    Raises:
        QuestionError: a parameter makes no sense.
        HistoryError: the history cannot be read.
    """
    period = Period(start=start, end=end).up_to(now)
    asked: dict[str, object] = {**period.parameters, **FunctionScope.of(function_name).parameters}
    parameters = {**asked, "before_after": period.previous().start}
    grouped = {"group_by": read_group(group_by) if group_by else None, "top": read_top(top), "asked_at": now}
    groups = history.query(statement("errors/groups"), {**parameters, **grouped})
    known = {"known_after": seen_since(period), "top": top}
    clusters = history.query(statement("errors/clusters"), {**parameters, **known})
    return _answer(
        groups,
        clusters,
        _examples(history, clusters, asked),
        _billed_otherwise(history, groups, asked),
        period=period,
        group_by=group_by,
        function_name=function_name,
    )


def seen_since(period: Period) -> datetime:
    """From when on errors are looked at to tell when a kind was first seen."""
    reach = min(MOST_LOOK_BACK, max(LEAST_LOOK_BACK, (period.end - period.start) * LOOK_BACK_LENGTHS))
    return period.previous().start - reach


def _examples(history: History, clusters: Sequence[Row], asked: Mapping[str, object]) -> Examples:
    kinds = dict.fromkeys(row["kind"] for row in clusters if row["sort"] != "gone")
    if not kinds:
        return {}
    wanted = "\n" + "\n\n".join(kinds) + "\n"
    found: dict[tuple[str, str], list[str]] = {}
    for row in history.query(statement("errors/examples"), {**asked, "kinds": wanted}):
        found.setdefault((row["sort"], row["kind"]), []).append(row["call_id"])
    return found


def _billed_otherwise(history: History, groups: Sequence[Row], asked: Mapping[str, object]) -> BilledOtherwise:
    if not (groups and groups[0]["billed_failures"]):
        return BilledOtherwise()
    rates, calls = load_rates(), 0
    amounts: dict[str, Decimal] = {}
    for row in history.query(statement("errors/unpriced"), asked):
        price = other_price(rates, int(row["mb_ms"]), row["calls"], row["region"], row["architecture"])
        if price is not None:
            calls += row["calls"]
            amounts[price[0]] = rounded(amounts.get(price[0], Decimal(0)) + price[1])
    return BilledOtherwise(calls=calls, amounts=amounts)


def _answer(
    groups: Sequence[Row],
    clusters: Sequence[Row],
    examples: Examples,
    otherwise: BilledOtherwise,
    *,
    period: Period,
    group_by: str | None,
    function_name: str | None,
) -> ErrorsAnswer:
    whole: Row = groups[0] if groups else {}
    totals = Totals(calls=_count(whole, "all_calls"), previous_calls=_count(whole, "all_previous_calls"))
    lists = {
        name: clusters_of(clusters, sort, totals=totals, period=period, examples=examples)
        for name, sort in _LISTS.items()
    }
    before, after = _share(whole, "all_previous_"), _share(whole, "all_")
    change = share_change(before, after)
    not_listed = _not_listed(groups, clusters, lists, group_by)
    found = Found(
        whole=whole,
        before=before,
        after=after,
        change=change,
        not_listed=not_listed,
        otherwise=otherwise,
        function_name=function_name,
        **lists,
    )
    return ErrorsAnswer(
        summary=summary_of(found),
        period=period,
        previous=period.previous(),
        calls=totals.calls,
        previous_calls=totals.previous_calls,
        targets=_targets(whole),
        caller_faults=_count(whole, "all_caller_faults"),
        **_rates(before, after, change),
        cost_usd=whole.get("cost_usd"),
        unpriced_calls=_count(whole, "unpriced_failures"),
        other_currencies=otherwise.amounts,
        seen_since=seen_since(period),
        errors=lists["errors"],
        caller_errors=lists["caller_errors"],
        gone=lists["gone"],
        group_by=group_by,
        groups=_groups(groups) if group_by else (),
        not_listed=not_listed,
        notes=notes_of(found),
        next_step=next_step_of(found),
    )


def _rates(before: Share, after: Share, change: MeanDifference | None) -> dict[str, Any]:
    return {
        "failures": after.successes,
        "error_rate": after.value,
        "error_rate_interval": after.interval,
        "previous_failures": before.successes,
        "previous_error_rate": before.value,
        "difference": change.difference if change else None,
        "difference_interval": change.interval if change else None,
    }


def _count(row: Row, column: str) -> int:
    return int(row.get(column) or 0)


def _share(row: Row, prefix: str) -> Share:
    counts = {name: _count(row, prefix + name) for name in ("calls", "failures", "caller_faults")}
    return Share(successes=counts["failures"], n=counts["calls"] - counts["caller_faults"])


def _targets(whole: Row) -> dict[str, int]:
    functions, own = _count(whole, "lambda_calls"), _count(whole, "own_calls")
    counts = {"lambda": functions, "self": own, "upstream": _count(whole, "all_calls") - functions - own}
    return {name: count for name, count in counts.items() if count}


def _groups(rows: Sequence[Row]) -> tuple[ErrorGroup, ...]:
    shown = [row for row in rows if row["calls"] or row["previous_calls"]]
    names = labels([_key(row) for row in shown])
    return tuple(_group(label, row) for label, row in zip(names, shown, strict=True))


def _key(row: Row) -> GroupKey:
    return GroupKey(
        value=row["group_value"],
        region=row["region"],
        account_id=row["account_id"],
        same_name=row["same_name"],
        same_place=row["same_place"],
    )


def _group(label: str, row: Row) -> ErrorGroup:
    after, before = _share(row, ""), _share(row, "previous_")
    return ErrorGroup(
        group=label,
        calls=row["calls"],
        failures=row["failures"],
        caller_faults=row["caller_faults"],
        error_rate=after.value,
        error_rate_interval=after.interval,
        previous_calls=row["previous_calls"],
        previous_failures=row["previous_failures"],
        previous_error_rate=before.value,
    )


def _not_listed(
    groups: Sequence[Row], clusters: Sequence[Row], lists: Mapping[str, Sequence[object]], group_by: str | None
) -> dict[str, int]:
    kinds = {row["sort"]: int(row["kinds"]) for row in clusters}
    left_out = {name: kinds.get(sort, 0) - len(lists[name]) for name, sort in _LISTS.items()}
    if group_by and groups:
        left_out["groups"] = int(groups[0]["all_groups"]) - len(groups)
    return {name: count for name, count in left_out.items() if count}

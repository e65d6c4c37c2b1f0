"""What to set for one function: memory, architecture, timeout, provisioned concurrency, SnapStart and retries.

Every piece of advice rests on the executions of the history; what it cannot say it refuses, with what is missing.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from lambdascope_analytics.analyses.known_functions import known_functions
from lambdascope_analytics.analyses.period import Period
from lambdascope_analytics.analyses.sizing_answer import (
    LEAST_EXECUTIONS,
    MONTH,
    Advice,
    Recommendation,
    Refusal,
    SizingAnswer,
    if_worth_it,
    in_order,
    too_few,
    without_conflicts,
)
from lambdascope_analytics.analyses.sizing_architecture import advise_architecture
from lambdascope_analytics.analyses.sizing_evidence import (
    Evidence,
    Place,
    Size,
    in_use_first,
    one_place,
    ordered_period,
    read_levels,
    read_repeats,
    read_sizes,
)
from lambdascope_analytics.analyses.sizing_memory import advise_memory
from lambdascope_analytics.analyses.sizing_next import Next
from lambdascope_analytics.analyses.sizing_notes import notes_of
from lambdascope_analytics.analyses.sizing_prices import Prices, money
from lambdascope_analytics.analyses.sizing_provisioned import advise_provisioned
from lambdascope_analytics.analyses.sizing_retries import advise_retries
from lambdascope_analytics.analyses.sizing_snapstart import advise_snapstart
from lambdascope_analytics.analyses.sizing_timeout import advise_timeout
from lambdascope_analytics.errors import QuestionError
from lambdascope_analytics.pricing import load_rates

if TYPE_CHECKING:
    from lambdascope_analytics.history import History

_ADVISERS: Final = (
    advise_memory,
    advise_architecture,
    advise_timeout,
    advise_provisioned,
    advise_snapstart,
    advise_retries,
)
# Configurable since managed instances; AWS/Lambda's own maximum of a plain function is 900 s.
_TIMEOUT_S: Final = (1, 5_400)
_TOLD: Final = 3


def recommend_settings(
    history: "History",
    *,
    function_name: str,
    start: datetime,
    end: datetime,
    region: str | None = None,
    account_id: str | None = None,
    timeout_s: float | None = None,
    memory_mb: int | None = None,
    architecture: str | None = None,
    now: datetime,
) -> SizingAnswer:
    """Advise on the settings of one function; `timeout_s`, `memory_mb` and `architecture` are those it has, where they
    are known. `function_name` may have its region or its account and region in front, or be an ARN.

    Raises:
        QuestionError: a parameter makes no sense, or functions of that name ran in several regions or accounts.
        HistoryError: the history cannot be read.
    """
    if timeout_s is not None and not _TIMEOUT_S[0] <= timeout_s <= _TIMEOUT_S[1]:
        raise QuestionError("timeout_s", f"is {timeout_s:g}: use {_TIMEOUT_S[0]} to {_TIMEOUT_S[1]} seconds")
    place = Place.of(function_name, region, account_id)
    period = _until(now, start, end)
    after = Next(history=history, place=place, period=period, now=now)
    with history.within(period.start, period.end) as within:
        seen = read_sizes(within, place, period)
        ran = [size for size in seen if size.executions]
        if not ran:
            return _nothing(after, seen)
        one_place(ran)
        evidence = _evidence(within, place, period, in_use_first(ran, memory_mb, architecture), timeout_s)
    return _answer(evidence, seen, after)


def _until(now: datetime, start: datetime, end: datetime) -> Period:
    """What of the period is over: the rest of one that ends in the future has had no calls yet."""
    period = Period(start=start, end=end)
    return Period(start=start, end=min(end, now)) if start < now else period


def _evidence(
    history: "History", place: Place, period: Period, sizes: tuple[Size, ...], timeout_s: float | None
) -> Evidence:
    factor, in_use = Decimal(MONTH.total_seconds()) / Decimal(period.seconds), sizes[0]
    ordered = ordered_period(period, sum(size.executions for size in sizes))
    return Evidence(
        function_name=place.function_name,
        period=period,
        sizes=sizes,
        prices=Prices(rates=load_rates(), region=in_use.region or "an unknown region", factor=factor),
        timeout_s=timeout_s,
        ordered=ordered,
        levels=read_levels(history, place, ordered, memory_mb=in_use.memory_mb, architecture=in_use.architecture),
        repeats=read_repeats(history, place, ordered),
    )


def _answer(evidence: Evidence, seen: Sequence[Size], after: Next) -> SizingAnswer:
    advice: list[Advice] = [one for advise in _ADVISERS for one in advise(evidence)]
    worth_it = [if_worth_it(one) for one in advice if isinstance(one, Recommendation)]
    recommendations = in_order(without_conflicts(worth_it))
    refusals = tuple(one for one in advice if isinstance(one, Refusal))
    current = evidence.current
    return SizingAnswer(
        summary=_summary(evidence, recommendations, refusals),
        period=evidence.period,
        calls=sum(size.calls for size in seen),
        function_name=evidence.function_name,
        region=current.region,
        account_id=current.account_id,
        memory_mb=current.memory_mb,
        architecture=current.architecture,
        runtime=next((size.runtime for size in evidence.sizes if size.runtime), None),
        executions=current.executions,
        unpriced_calls=sum(size.unpriced_calls for size in seen),
        rates_version=evidence.prices.rates.version,
        month_factor=float(evidence.prices.factor),
        recommendations=recommendations,
        refusals=refusals,
        notes=notes_of(evidence, recommendations),
        next_step=after.after(evidence, recommendations, refusals),
    )


def _summary(evidence: Evidence, recommendations: Sequence[Recommendation], refusals: Sequence[Refusal]) -> str:
    current = evidence.current
    setting = f"{current.memory_mb or 'unknown'} MB, {current.architecture or 'unknown architecture'}"
    subject = f"{evidence.function_name} ({setting}, {current.executions:,} executions)"
    changes = [one for one in recommendations if one.is_change]
    told = "; ".join(_change(one, evidence.prices.currency) for one in changes[:_TOLD])
    more = f"; and {len(changes) - _TOLD} more" if len(changes) > _TOLD else ""
    open_ = f" Not judged: {', '.join(one.setting for one in refusals)}." if refusals else ""
    if changes:
        return f"{subject}: {told}{more}.{open_}"
    if recommendations:
        return f"{subject}: no change recommended.{open_}"
    return f"{subject}: nothing can be advised yet.{open_}"


def _change(one: Recommendation, currency: str) -> str:
    saves = one.saves_usd_month if one.saves_usd_month is not None else one.saves_cny_month
    text = f"{one.setting} {one.current} -> {one.suggested}"
    if not saves:
        return f"{text} ({one.purpose})"
    if saves < 0:
        return f"{text} ({one.purpose}; up to {money(-saves, currency)} more a month)"
    least = one.saves_least_usd_month if one.saves_least_usd_month is not None else one.saves_least_cny_month
    reach = "" if least == saves else "up to "
    return f"{text} (saves {reach}{money(saves, currency)} a month)"


def _nothing(after: Next, seen: Sequence[Size]) -> SizingAnswer:
    """The answer where nothing ran: what was called, if anything, never reached the handler."""
    calls, place, period = sum(size.calls for size in seen), after.place, after.period
    name, known = place.function_name, known_functions(after.history, place.scope)
    if calls:
        summary = f"{name} was called {calls:,} times and never ran, so there is nothing to size it by."
    else:
        instead = known.instead_of(name)
        summary = instead or f"The history has no calls of {name} in this period, so there is nothing to size it by."
    return SizingAnswer(
        summary=summary,
        period=period,
        calls=calls,
        function_name=name,
        region=place.region,
        account_id=place.account_id,
        memory_mb=None,
        architecture=None,
        runtime=None,
        executions=0,
        unpriced_calls=0,
        rates_version=load_rates().version,
        month_factor=MONTH.total_seconds() / period.seconds,
        recommendations=(),
        refusals=(too_few("all", 0, LEAST_EXECUTIONS, "executions"),),
        notes=(),
        next_step=after.without(calls, known),
    )

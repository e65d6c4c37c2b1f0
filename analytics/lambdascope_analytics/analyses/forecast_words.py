"""The forecast of cost in sentences: its summary, its method, what to know besides, and what to do next. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Final

from lambdascope_analytics.analyses.billed_otherwise import BilledOtherwise
from lambdascope_analytics.analyses.cost_cells import OTHER_SERVERS
from lambdascope_analytics.analyses.forecast_answer import Backtest, Budget, MoneyInterval
from lambdascope_analytics.analyses.forecast_base import Base, Change
from lambdascope_analytics.analyses.forecast_model import LEAST_DAYS
from lambdascope_analytics.analyses.forecast_month import Month
from lambdascope_analytics.analyses.forecast_past import Past
from lambdascope_analytics.analyses.known_functions import KnownFunctions
from lambdascope_analytics.analyses.next_call import call_of, time_range_of
from lambdascope_analytics.analyses.period import Period
from lambdascope_analytics.analyses.wording import counted, dollars, percent

LIST_PRICE: Final = "List prices, without free tier, volume tiers and discounts: AWS's bill may be lower."
_LIKELY: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whose cost is forecast, what of it this month is billed in other currencies, and whom the history knows if it has
    no calls of that function.
    """

    function_name: str | None
    otherwise: BilledOtherwise
    known: KnownFunctions


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What sentences are made of."""

    asked: Asked
    month: Month
    past: Past
    base: Base | None
    spent_usd: Decimal | None
    forecast_usd: Decimal | None
    interval_80: MoneyInterval | None
    interval_95: MoneyInterval | None
    backtest: Backtest | None
    budget: Budget | None

    @property
    def change(self) -> Change | None:
        """Of the level of days."""
        return self.base.change if self.base else None


def summary_of(told: Told) -> str:
    """One sentence with the figures that matter."""
    name = told.month.name
    if told.forecast_usd is None:
        instead = told.asked.known.instead_of(told.asked.function_name)
        reason = f"No forecast for {name}: {_reason(told)}{_so_far(told)}.{_of_budget(told)}"
        return f"{reason} {instead}".rstrip()
    sure = "no interval, for the days it rests on did not differ"
    if told.interval_80 and told.interval_95:
        sure = f"80% interval {_between(told.interval_80)}, 95% interval {_between(told.interval_95)}"
    return f"{name} is forecast to cost {dollars(told.forecast_usd)}{_so_far(told)}; {sure}.{_of_budget(told)}"


def method_of(told: Told) -> str:
    """How the forecast was made, in a sentence."""
    if told.base is None:
        return f"none: {_reason(told)}"
    made = f"Spent so far plus, for each day to come, the {_mean(told.base, told.past)}"
    return f"{made}; interval by Student's t from how days{_since(told.change)} differed from that."


def _mean(base: Base, past: Past) -> str:
    known = " of known cost" if past.unpriced_days else ""
    mean = "mean of its weekday" if base.pattern.is_weekly else "mean"
    if base.change is None:
        return f"{mean} over {counted(len(base.costs), 'complete day')}{known}"
    days = f"the {counted(len(base.costs), 'complete day')}{known} since {base.change.on}"
    if not base.change.is_shape_kept:
        return f"{mean} over {days}, when the level changed"
    return f"{mean} before {base.change.on}, when the level changed, times {_times(base.change)} for {days}"


def _since(change: Change | None) -> str:
    return f" since {change.on}" if change else ""


def _times(change: Change) -> str:
    return "nothing" if change.times is None else f"{change.times:,.3g}"


def notes_of(told: Told) -> tuple[str, ...]:
    """What to know besides."""
    return tuple(_notes(told))


def next_step_of(told: Told) -> str | None:
    """One thing to do next, never a question about cost that leads back here; None if there is nothing useful."""
    if not told.past.calls:
        return None if told.asked.known.last_at else "Make calls with invoke_function, then ask again."
    name = told.asked.function_name
    if name and name.startswith(OTHER_SERVERS):
        return None  # Comparisons and settings are of functions.
    if told.change:
        return f"{_comparison(told, told.change)} tells what changed on {told.change.on}."
    if name and told.budget and (told.budget.exceeded_on or (told.budget.chance_exceeded or 0) >= _LIKELY):
        return f"{call_of('recommend_settings', function_name=name)} tells which settings cost less."
    return None


def _comparison(told: Told, change: Change) -> str:
    """The days since the change with as many before it, of which all or fewer are recorded."""
    begin = datetime.combine(change.on, time(), UTC)
    since = Period(start=begin, end=told.month.now)
    first = datetime.combine(told.past.first_day, time(), UTC)
    before = None if since.previous().start >= first else time_range_of(Period(start=first, end=begin), told.month.now)
    after = time_range_of(since, told.month.now)
    return call_of("compare_periods", function_name=told.asked.function_name, a=before, b=after)


def _reason(told: Told) -> str:
    past, known = told.past, told.asked.known
    if not past.calls:
        of = f" of {told.asked.function_name}" if told.asked.function_name else ""
        last = f", the last on {known.asked_at:%Y-%m-%d}" if known.asked_at and told.asked.function_name else ""
        return f"no calls{of} are recorded since {past.first_day}{last}"
    if past.is_foreign:
        return "its calls are not billed in dollars, and nothing else is forecast"
    if not past.is_priced:
        return "no call has a price in dollars"
    of_known = " of known cost" if past.unpriced_days else ""
    return f"{counted(len(past.known), 'complete day')}{of_known} recorded, {LEAST_DAYS} are needed"


def _so_far(told: Told) -> str:
    is_to_come = told.month.first > told.past.today
    if told.past.is_foreign and told.asked.otherwise.amounts:
        return f"; {told.asked.otherwise.told} was spent so far"
    if told.spent_usd is None or is_to_come:
        return ""
    days = sum(each.known_usd is None for each in told.past.called if each.day >= told.month.first)
    unknown = f" without {counted(days, 'day')} of unknown cost" if days else ""
    return f", {dollars(told.spent_usd)} of it spent so far{unknown}"


def _between(interval: MoneyInterval) -> str:
    return f"{dollars(interval.low_usd)} to {dollars(interval.high_usd)}"


def _of_budget(told: Told) -> str:
    budget = told.budget
    if budget is None:
        return ""
    named = f"the budget of {dollars(budget.budget_usd)}"
    if budget.left_usd < 0:
        return f" It is {dollars(-budget.left_usd)} over {named} already."
    if budget.chance_exceeded is not None:
        when = f", expected on {budget.exceeded_on}" if budget.exceeded_on else ""
        return f" The chance that it exceeds {named} is {percent(budget.chance_exceeded)}{when}."
    if budget.exceeded_on:
        return f" It is expected to exceed {named} on {budget.exceeded_on}."
    return f" The chance that it exceeds {named} is not known."


def _notes(told: Told) -> Iterator[str]:
    if told.base and told.base.change:
        yield _changed(told.base, told.base.change)
    yield from _left_out(told.past)
    if told.asked.otherwise.amounts:
        amounts = f"{told.asked.otherwise.told} ({counted(told.asked.otherwise.calls, 'call')}, at list price)"
        yield f"Besides, {amounts} was spent so far in {told.month.name}: only dollars are forecast."
    recorded = told.past.recorded
    if told.past.calls and recorded[0].day > told.month.first:
        yield f"The history begins on {recorded[0].day}: what was spent in the month before that is not known."
    if told.base and not told.base.pattern.is_weekly:
        since = f" since {told.change.on}" if told.change else ""
        yield f"Not every weekday is known three times{since}: weekends are taken to be like other days."
    if told.backtest:
        error = percent(told.backtest.mean_error_share)
        yield f"On the last {counted(told.backtest.days, 'day')} a forecast of the next day was {error} off on average."
    if told.past.calls:
        yield LIST_PRICE


def _changed(base: Base, change: Change) -> str:
    days = f"the forecast rests on the {counted(len(base.costs), 'complete day')} since"
    if change.times is None:
        return f"Until {change.on} days cost nothing, beyond chance: {days}."
    if change.times == 0:
        return f"From {change.on} on days cost nothing any more, beyond chance: {days}."
    much = f"{_times(change)} times as much" if change.times >= 1 else f"{percent(change.times)} of what"
    before = "as the same weekdays" if base.pattern.is_weekly else "as days"
    as_before = f"{before} before" if change.times >= 1 else f"{before.removeprefix('as ')} cost before"
    return f"From {change.on} on days cost {much} {as_before}, beyond chance: {days}."


def _left_out(past: Past) -> Iterator[str]:
    if unpriced := sum(each.unpriced_calls for each in past.recorded):
        yield f"Left out, for they have no price in dollars: {counted(unpriced, 'call')}."
    if past.unpriced_days:
        days = f"{past.unpriced_days:,} of {counted(len(past.complete), 'complete day')}"
        yield f"On {days} no call has a price: they are in neither the mean nor what was spent."
    if partly := [each for each in past.recorded if each.is_partly_priced]:
        unknown, calls = sum(each.unknown_calls for each in partly), sum(each.calls for each in partly)
        days = f"{counted(len(partly), 'day')} {'costs' if len(partly) == 1 else 'cost'} more than is known"
        yield f"{days}, for calls that ran have no price: {unknown:,} of {calls:,}."
    if past.silent_days:
        since = f"Nothing was recorded after {past.recorded[-1].day}: the {counted(past.silent_days, 'day')} since"
        yield f"{since} {'is' if past.silent_days == 1 else 'are'} left out, for it is not known if the proxy ran."

"""The forecast of cost in sentences: its summary, its method, what to know besides, and what to do next. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from lambdascope_analytics.analyses.forecast_answer import Backtest, Budget, MoneyInterval
from lambdascope_analytics.analyses.forecast_model import LEAST_DAYS, Pattern
from lambdascope_analytics.analyses.forecast_month import Month
from lambdascope_analytics.analyses.forecast_past import Past
from lambdascope_analytics.analyses.wording import counted, dollars, percent

LIST_PRICE: Final = "List prices, without free tier, volume tiers and discounts: AWS's bill may be lower."
_LIKELY: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What sentences are made of."""

    month: Month
    past: Past
    pattern: Pattern | None
    spent_usd: Decimal | None
    forecast_usd: Decimal | None
    interval_80: MoneyInterval | None
    interval_95: MoneyInterval | None
    backtest: Backtest | None
    budget: Budget | None


def summary_of(told: Told) -> str:
    """One sentence with the figures that matter."""
    name = told.month.name
    if told.forecast_usd is None:
        return f"No forecast for {name}: {_reason(told)}{_so_far(told)}.{_of_budget(told)}"
    sure = "no interval, for the days it rests on did not differ"
    if told.interval_80 and told.interval_95:
        sure = f"80% interval {_between(told.interval_80)}, 95% interval {_between(told.interval_95)}"
    return f"{name} is forecast to cost {dollars(told.forecast_usd)}{_so_far(told)}; {sure}.{_of_budget(told)}"


def method_of(told: Told) -> str:
    """How the forecast was made, in a sentence."""
    if told.pattern is None:
        return f"none: {_reason(told)}"
    known = " of known cost" if told.past.unpriced_days else ""
    mean = "mean of its weekday" if told.pattern.is_weekly else "mean"
    each = f"the {mean} over {counted(len(told.past.known), 'complete day')}{known}"
    return f"Spent so far plus, for each day to come, {each}; interval by Student's t from how days differed from that."


def notes_of(told: Told) -> tuple[str, ...]:
    """What to know besides."""
    return tuple(_notes(told))


def next_step_of(told: Told) -> str:
    """One thing to do next."""
    if not told.past.calls:
        return "Make calls with invoke_function, then ask again."
    if told.pattern is None:
        return "analyze_cost() tells what was spent so far."
    if told.budget and (told.budget.exceeded_on or (told.budget.chance_exceeded or 0) >= _LIKELY):
        return "analyze_cost() tells which functions cost most, and what of it might be saved."
    return 'analyze_cost(group_by="day") tells which days cost most.'


def _reason(told: Told) -> str:
    if not told.past.calls:
        return f"no calls are recorded since {told.past.first_day}"
    if not told.past.is_priced:
        return "no call has a price in dollars"
    known = " of known cost" if told.past.unpriced_days else ""
    return f"{counted(len(told.past.known), 'complete day')}{known} recorded, {LEAST_DAYS} are needed"


def _so_far(told: Told) -> str:
    is_to_come = told.month.first > told.past.today
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
    yield from _left_out(told.past)
    recorded = told.past.recorded
    if told.past.calls and recorded[0].day > told.month.first:
        yield f"The history begins on {recorded[0].day}: what was spent in the month before that is not known."
    if told.pattern and not told.pattern.is_weekly:
        yield "Not every weekday is known three times: weekends are taken to be like other days."
    if told.backtest:
        error = percent(told.backtest.mean_error_share)
        yield f"On the last {counted(told.backtest.days, 'day')} a forecast of the next day was {error} off on average."
    if told.past.calls:
        yield LIST_PRICE


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

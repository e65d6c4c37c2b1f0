"""The forecast of cost in sentences: its summary, its method, what to know besides, and what to do next. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from lambdascope_analytics.analyses.forecast_answer import Backtest, Budget, MoneyInterval
from lambdascope_analytics.analyses.forecast_model import LEAST_DAYS, Pattern
from lambdascope_analytics.analyses.forecast_month import Month
from lambdascope_analytics.analyses.wording import counted, dollars, percent

LIST_PRICE: Final = "List prices, without free tier, volume tiers and discounts: AWS's bill may be lower."
_LIKELY: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What sentences are made of."""

    month: Month
    calls: int
    complete_days: int
    pattern: Pattern | None
    first_day: date | None
    spent_usd: Decimal | None
    forecast_usd: Decimal | None
    interval_80: MoneyInterval | None
    interval_95: MoneyInterval | None
    backtest: Backtest | None
    budget: Budget | None
    unpriced_calls: int


def summary_of(told: Told) -> str:
    """One sentence with the figures that matter."""
    name = told.month.name
    if told.forecast_usd is None or told.interval_80 is None or told.interval_95 is None:
        return f"No forecast for {name}: {_reason(told)}{_so_far(told)}.{_of_budget(told)}"
    return (
        f"{name} is forecast to cost {dollars(told.forecast_usd)}{_so_far(told)}; "
        f"80% interval {_between(told.interval_80)}, 95% interval {_between(told.interval_95)}.{_of_budget(told)}"
    )


def method_of(told: Told) -> str:
    """How the forecast was made, in a sentence."""
    if told.pattern is None:
        return f"none: {_reason(told)}"
    days = counted(told.complete_days, "complete day")
    each = f"the mean of its weekday over the last {days}" if told.pattern.is_weekly else f"the mean of the last {days}"
    return f"Spent so far plus, for each day to come, {each}; interval by Student's t from how days differed from that."


def notes_of(told: Told) -> tuple[str, ...]:
    """What to know besides."""
    return tuple(_notes(told))


def next_step_of(told: Told) -> str:
    """One thing to do next."""
    if not told.calls:
        return "Make calls with invoke_function, then ask again."
    if told.pattern is None:
        return "analyze_cost() tells what was spent so far."
    if told.budget and (told.budget.chance_exceeded or 0) >= _LIKELY:
        return "analyze_cost() tells which functions cost most, and what of it might be saved."
    return 'analyze_cost(group_by="day") tells which days cost most.'


def _reason(told: Told) -> str:
    if not told.calls:
        return "no calls are recorded"
    if told.complete_days < LEAST_DAYS:
        return f"{counted(told.complete_days, 'complete day')} recorded, {LEAST_DAYS} are needed"
    return "no call has a price in dollars"


def _so_far(told: Told) -> str:
    return "" if told.spent_usd is None else f", {dollars(told.spent_usd)} of it spent so far"


def _between(interval: MoneyInterval) -> str:
    return f"{dollars(interval.low_usd)} to {dollars(interval.high_usd)}"


def _of_budget(told: Told) -> str:
    budget = told.budget
    if budget is None:
        return ""
    named = f"the budget of {dollars(budget.budget_usd)}"
    if budget.left_usd < 0:
        return f" It is {dollars(-budget.left_usd)} over {named} already."
    when = "" if budget.exceeded_on is None else f", expected on {budget.exceeded_on}"
    chance = "is not known" if budget.chance_exceeded is None else f"is {percent(budget.chance_exceeded)}"
    return f" The chance that it exceeds {named} {chance}{when}."


def _notes(told: Told) -> Iterator[str]:
    if told.unpriced_calls:
        yield f"Left out, for they have no price in dollars: {counted(told.unpriced_calls, 'call')}."
    if told.first_day and told.first_day > told.month.first:
        yield f"The first call is of {told.first_day}: what was spent in the month before it is not known."
    if told.pattern and not told.pattern.is_weekly:
        yield "Less than three weeks are known: weekends are taken to be like other days."
    if told.backtest and told.complete_days:
        error = percent(told.backtest.mean_error_share)
        yield f"On the last {counted(told.backtest.days, 'day')} a forecast of the next day was {error} off on average."
    if told.calls:
        yield LIST_PRICE

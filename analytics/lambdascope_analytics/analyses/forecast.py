"""What calls will have cost at the end of a month, from what they cost on past days."""

from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from lambdascope_analytics.analyses.forecast_answer import Backtest, Budget, ForecastAnswer, MoneyInterval
from lambdascope_analytics.analyses.forecast_base import Base, mean_error_share
from lambdascope_analytics.analyses.forecast_model import LEAST_DAYS, Pattern, Sum
from lambdascope_analytics.analyses.forecast_month import Month, course_of
from lambdascope_analytics.analyses.forecast_past import Past, billed_otherwise, look_back
from lambdascope_analytics.analyses.forecast_words import Asked, Told, method_of, next_step_of, notes_of, summary_of
from lambdascope_analytics.analyses.function_scope import FunctionScope
from lambdascope_analytics.analyses.known_functions import KnownFunctions, known_functions
from lambdascope_analytics.analyses.period import Period
from lambdascope_analytics.errors import QuestionError
from lambdascope_analytics.history import History
from lambdascope_analytics.pricing import load_rates

_MOST_BUDGET: Final = Decimal(10) ** 12


def forecast_cost(
    history: History,
    *,
    now: datetime,
    function_name: str | None = None,
    months_ahead: int = 0,
    budget_usd: Decimal | float | str | None = None,
) -> ForecastAnswer:
    """Return what calls of functions and other MCP servers will have cost at the end of this month (UTC), or of a next.

    Raises:
        QuestionError: a parameter makes no sense.
        HistoryError: the history cannot be read.
    """
    month = Month.of(now, months_ahead)
    budget = None if budget_usd is None else _budget(budget_usd)
    scope, rates = FunctionScope.of(function_name), load_rates()
    past = look_back(history, month.now, scope, rates)
    asked = Asked(
        function_name=function_name,
        otherwise=billed_otherwise(history, past, month, scope, rates),
        known=KnownFunctions() if past.calls else known_functions(history, scope),
    )
    return _answer(_told(asked, month, past, budget))


def _told(asked: Asked, month: Month, past: Past, budget: Decimal | None) -> Told:
    costs = [None if cost is None else float(cost) for cost in past.complete]
    has_enough = len(past.known) >= LEAST_DAYS and past.is_priced
    base = Base.of(past.first_complete, costs) if has_enough else None
    pattern = base.pattern if base else None
    tested = mean_error_share(past.first_complete, costs) if has_enough else None
    spent = past.spent_since(month.first)
    ahead = pattern.sum_of(month.to_come) if pattern else None
    return Told(
        asked=asked,
        month=month,
        past=past,
        base=base,
        spent_usd=spent,
        forecast_usd=_plus(spent, ahead.expected) if ahead else None,
        interval_80=_interval(spent, ahead, 0.8),
        interval_95=_interval(spent, ahead, 0.95),
        backtest=Backtest(days=tested[0], mean_error_share=tested[1]) if tested else None,
        budget=None if budget is None else _spending(budget, month, past, pattern),
    )


def _answer(told: Told) -> ForecastAnswer:
    month, past = told.month, told.past
    return ForecastAnswer(
        summary=summary_of(told),
        period=Period(start=datetime.combine(past.first_day, time(), UTC), end=month.now),
        calls=past.calls,
        month=month.name,
        function_name=told.asked.function_name,
        spent_usd=told.spent_usd,
        forecast_usd=told.forecast_usd,
        interval_80=told.interval_80,
        interval_95=told.interval_95,
        **_base(told),
        complete_days=len(past.known),
        unpriced_days=past.unpriced_days,
        silent_days=past.silent_days,
        method=method_of(told),
        backtest=told.backtest,
        budget=told.budget,
        unpriced_calls=sum(each.unpriced_calls for each in past.recorded),
        other_currencies=told.asked.otherwise.amounts,
        course=course_of(month, past.costs_since(month.first), told.base.pattern if told.base else None),
        notes=notes_of(told),
        next_step=next_step_of(told),
    )


def _base(told: Told) -> dict[str, Any]:
    base = told.base
    return {
        "mean_day_usd": _amount(sum(base.costs) / len(base.costs)) if base else None,
        "base_days": len(base.costs) if base else 0,
        "changed_on": told.change.on if told.change else None,
    }


def _spending(budget: Decimal, month: Month, past: Past, pattern: Pattern | None) -> Budget:
    left = budget - (past.spent_since(month.first) or Decimal(0))
    chance = pattern.sum_of(month.to_come).chance_above(float(left)) if pattern else None
    return Budget(
        budget_usd=budget,
        left_usd=left,
        chance_exceeded=1.0 if left < 0 else chance,
        exceeded_on=_exceeded_on(budget, month, past, pattern),
    )


def _exceeded_on(budget: Decimal, month: Month, past: Past, pattern: Pattern | None) -> date | None:
    """The day on which the expected sum passes the budget, be it past or to come."""
    spent, costs, to_come = Decimal(0), past.costs_since(month.first), month.to_come
    ahead: dict[date, float] = {}
    for day in month.days:
        spent += costs.get(day, Decimal(0))
        ahead |= {day: to_come[day]} if day in to_come else {}
        if _plus(spent, pattern.sum_of(ahead).expected if pattern else 0.0) > budget:
            return day
    return None


def _interval(spent: Decimal | None, ahead: Sum | None, confidence: float) -> MoneyInterval | None:
    bounds = ahead.interval(confidence) if ahead else None
    if bounds is None:
        return None
    # What is spent stays spent.
    return MoneyInterval(low_usd=_plus(spent, max(bounds[0], 0.0)), high_usd=_plus(spent, bounds[1]))


def _plus(spent: Decimal | None, more: float) -> Decimal:
    return (spent or Decimal(0)) + _amount(more)


def _amount(value: float) -> Decimal:
    # Nothing is forecast to more digits than these.
    return Decimal(f"{value:.6g}")


def _budget(value: Decimal | float | str) -> Decimal:
    try:
        budget = Decimal(str(value))
    except InvalidOperation:
        raise QuestionError("budget_usd", f"is {value!r}, which is no amount") from None
    if not (budget.is_finite() and 0 < budget <= _MOST_BUDGET):
        raise QuestionError("budget_usd", f"is {value}: use an amount above zero")
    return budget

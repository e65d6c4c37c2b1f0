"""What calls will have cost at the end of a month, from what they cost on past days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from lambdascope_analytics.analyses.cost_cells import usd
from lambdascope_analytics.analyses.forecast_answer import Backtest, Budget, ForecastAnswer, MoneyInterval
from lambdascope_analytics.analyses.forecast_model import LEAST_DAYS, Pattern, Sum, mean_error_share
from lambdascope_analytics.analyses.forecast_month import Month, course_of
from lambdascope_analytics.analyses.forecast_words import Told, method_of, next_step_of, notes_of, summary_of
from lambdascope_analytics.analyses.period import Period
from lambdascope_analytics.errors import QuestionError
from lambdascope_analytics.history import History
from lambdascope_analytics.statements import statement

# What was long ago says little of next week.
MOST_DAYS: Final = 56
_MOST_BUDGET: Final = Decimal(10) ** 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What the history has: a row for each day with calls, the latest ones up to now."""

    rows: Sequence[dict[str, Any]]
    today: date

    @property
    def first_complete(self) -> date | None:
        """The first day that was recorded from its beginning: the one after the first call, or MOST_DAYS ago."""
        if not self.rows:
            return None
        return max(self.rows[0]["day"], self.today - timedelta(days=MOST_DAYS + 1)) + timedelta(days=1)

    @property
    def complete(self) -> list[float]:
        """What each complete day cost; one without calls cost nothing."""
        first = self.first_complete
        if first is None:
            return []
        by_day = self.costs()
        return [by_day.get(first + timedelta(days=number), 0.0) for number in range((self.today - first).days)]

    def costs(self) -> dict[date, float]:
        """Dollars by day, as far as there are any."""
        return {row["day"]: float(row["cost_usd"]) for row in self.rows if row["cost_usd"] is not None}


def forecast_cost(
    history: History,
    *,
    now: datetime,
    function_name: str | None = None,
    months_ahead: int = 0,
    budget_usd: Decimal | float | str | None = None,
) -> ForecastAnswer:
    """Return what calls of Lambda functions will have cost at the end of this month (UTC), or of one of the next.

    Raises:
        QuestionError: a parameter makes no sense.
        HistoryError: the history cannot be read.
    """
    month = Month.of(now, months_ahead)
    budget = None if budget_usd is None else _budget(budget_usd)
    past = _look(history, month.now, function_name)
    costs, first = past.complete, past.first_complete
    pattern = Pattern.of(first, costs) if first and len(costs) >= LEAST_DAYS and past.costs() else None
    return _answer(month, past, pattern, budget, function_name)


def _look(history: History, now: datetime, function_name: str | None) -> Past:
    since = now.date() - timedelta(days=MOST_DAYS + 1)
    parameters = {
        "started_after": datetime.combine(since, time(), UTC),
        "started_before": now,
        "function_name": function_name,
    }
    return Past(rows=history.query(statement("forecast/days"), parameters), today=now.date())


def _answer(
    month: Month, past: Past, pattern: Pattern | None, budget: Decimal | None, function_name: str | None
) -> ForecastAnswer:
    ours = [row for row in past.rows if row["day"] >= month.first]
    spent = usd(row["cost_usd"] for row in ours)
    ahead = pattern.sum_of(month.to_come) if pattern else None
    tested = mean_error_share(past.first_complete, past.complete) if pattern and past.first_complete else None
    told = Told(
        month=month,
        calls=sum(row["calls"] for row in past.rows),
        complete_days=len(past.complete),
        pattern=pattern,
        first_day=past.rows[0]["day"] if past.rows else None,
        spent_usd=spent,
        forecast_usd=_plus(spent, ahead.expected) if ahead else None,
        interval_80=_interval(spent, ahead, 0.8),
        interval_95=_interval(spent, ahead, 0.95),
        backtest=Backtest(days=tested[0], mean_error_share=tested[1]) if tested else None,
        budget=None if budget is None else _spending(budget, month, past, spent, pattern),
        unpriced_calls=sum(row["unpriced_calls"] for row in past.rows),
    )
    return ForecastAnswer(
        summary=summary_of(told),
        period=_period(month, past),
        calls=told.calls,
        month=month.name,
        function_name=function_name,
        spent_usd=spent,
        forecast_usd=told.forecast_usd,
        interval_80=told.interval_80,
        interval_95=told.interval_95,
        mean_day_usd=_amount(sum(past.complete) / len(past.complete)) if pattern else None,
        complete_days=told.complete_days,
        method=method_of(told),
        backtest=told.backtest,
        budget=told.budget,
        unpriced_calls=told.unpriced_calls,
        course=course_of(month, past.costs(), pattern),
        notes=notes_of(told),
        next_step=next_step_of(told),
    )


def _period(month: Month, past: Past) -> Period:
    """From the first day with calls to now; without any, as far back as was looked."""
    first = past.rows[0]["day"] if past.rows else past.today - timedelta(days=MOST_DAYS + 1)
    return Period(start=datetime.combine(first, time(), UTC), end=month.now)


def _spending(budget: Decimal, month: Month, past: Past, spent: Decimal | None, pattern: Pattern | None) -> Budget:
    left = budget - (spent or Decimal(0))
    chance = pattern.sum_of(month.to_come).chance_above(float(left)) if pattern else None
    return Budget(
        budget_usd=budget,
        left_usd=left,
        chance_exceeded=1.0 if left < 0 else chance,
        exceeded_on=_exceeded_on(budget, month, past, pattern),
    )


def _exceeded_on(budget: Decimal, month: Month, past: Past, pattern: Pattern | None) -> date | None:
    """The day on which the expected sum passes the budget, be it past or to come."""
    total, costs, ahead = 0.0, past.costs(), month.to_come
    for day in month.days:
        total += costs.get(day, 0.0)
        total += pattern.sum_of({day: ahead[day]}).expected if pattern and day in ahead else 0.0
        if total > float(budget):
            return day
    return None


def _interval(spent: Decimal | None, ahead: Sum | None, confidence: float) -> MoneyInterval | None:
    if ahead is None:
        return None
    low, high = ahead.interval(confidence)
    # What is spent stays spent.
    return MoneyInterval(low_usd=_plus(spent, max(low, 0.0)), high_usd=_plus(spent, high))


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

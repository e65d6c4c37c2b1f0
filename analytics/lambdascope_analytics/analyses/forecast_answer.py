"""What the forecast of cost answers: a month's figures, how sure they are, and how they were made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lambdascope_analytics.analyses.period import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyInterval:
    """From `low_usd` to `high_usd`."""

    low_usd: Decimal
    high_usd: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """How far the method was off on past days, each forecast from the days before it; 0.2 is a fifth of their cost."""

    days: int
    mean_error_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What is left of a budget for the month, how likely it is exceeded, and on which day, as far as is expected."""

    budget_usd: Decimal
    left_usd: Decimal
    chance_exceeded: float | None
    exceeded_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The month's cost up to the end of each of its days, to be drawn: `spent` so far, then what is expected.

    `low` and `high` bound it with a chance of 80 %. None is not known, or not to be expected any more.
    """

    spent_usd: tuple[float | None, ...]
    expected_usd: tuple[float | None, ...]
    low_usd: tuple[float | None, ...]
    high_usd: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastAnswer:
    """What calls of Lambda functions will cost in a month; `period` is that of the days the forecast rests on.

    `forecast_usd` holds what was `spent_usd` already. Where there are too few days, it and its intervals are None;
    where no day differed, its intervals are. There are `complete_days` of known cost; `unpriced_days` have calls and
    no price, and on the `silent_days`, the latest, nothing was recorded: both are left out. What a day costs is told by
    `base_days` of them: all, or where the level changed those from `changed_on` on; `mean_day_usd` is their mean.
    `other_currencies` is what AWS billed in others so far this month; of these nothing is forecast.
    """

    summary: str
    period: Period
    calls: int
    month: str
    function_name: str | None
    spent_usd: Decimal | None
    forecast_usd: Decimal | None
    interval_80: MoneyInterval | None
    interval_95: MoneyInterval | None
    mean_day_usd: Decimal | None
    base_days: int
    changed_on: date | None
    complete_days: int
    unpriced_days: int
    silent_days: int
    method: str
    backtest: Backtest | None
    budget: Budget | None
    unpriced_calls: int
    other_currencies: Mapping[str, Decimal]
    course: Course
    notes: tuple[str, ...]
    next_step: str | None

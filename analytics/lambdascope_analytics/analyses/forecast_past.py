"""What past days cost as far as it is known, for a forecast to rest on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from lambdascope_analytics.analyses.billed_otherwise import BilledOtherwise, regions_billed_otherwise
from lambdascope_analytics.analyses.cost_cells import usd
from lambdascope_analytics.analyses.forecast_month import Month
from lambdascope_analytics.analyses.function_scope import FunctionScope
from lambdascope_analytics.history import History
from lambdascope_analytics.pricing import RateTable
from lambdascope_analytics.statements import statement

# What was long ago says little of next week.
MOST_DAYS: Final = 56
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedDay:
    """A day that anything was recorded on; `unknown_calls` have no price though they ran or may have run, and the
    `foreign_calls` none in dollars, for AWS bills them in another currency.
    """

    day: date
    calls: int
    unpriced_calls: int
    unknown_calls: int
    foreign_calls: int
    cost_usd: Decimal | None

    @property
    def known_usd(self) -> Decimal | None:
        """What it cost as far as is known: nothing if nothing ran, and None if no call that ran has a price."""
        if self.cost_usd is None:
            return None if self.unknown_calls else Decimal(0)
        return self.cost_usd

    @property
    def is_partly_priced(self) -> bool:
        """Whether it cost more than is known."""
        return self.cost_usd is not None and self.unknown_calls > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """The latest days up to now that anything was recorded on, of whichever function or tool."""

    recorded: Sequence[RecordedDay]
    today: date

    @property
    def called(self) -> list[RecordedDay]:
        """Those of them with calls that are asked about."""
        return [each for each in self.recorded if each.calls]

    @property
    def calls(self) -> int:
        """How many calls these are."""
        return sum(each.calls for each in self.recorded)

    @property
    def first_day(self) -> date:
        """The first day with calls; without any, as far back as was looked."""
        called = self.called
        return called[0].day if called else looked_since(self.today)

    @property
    def first_complete(self) -> date:
        """The first day that was recorded from its beginning: the one after the first call."""
        return self.first_day + _DAY

    @property
    def complete(self) -> list[Decimal | None]:
        """What each complete day cost up to the last one recorded, None where that is not known.

        A day between without calls cost nothing. Of days after the last record nobody knows whether the proxy ran.
        """
        if not self.called:
            return []
        by_day = {each.day: each.known_usd for each in self.recorded}
        count = (min(self.today, self.recorded[-1].day + _DAY) - self.first_complete).days
        return [by_day.get(self.first_complete + timedelta(days=number), Decimal(0)) for number in range(count)]

    @property
    def known(self) -> list[Decimal]:
        """What the complete days cost of which that is known."""
        return [cost for cost in self.complete if cost is not None]

    @property
    def unpriced_days(self) -> int:
        """How many complete days have calls and no price."""
        return len(self.complete) - len(self.known)

    @property
    def silent_days(self) -> int:
        """How many days before today nothing was recorded on any more."""
        return max(0, (self.today - self.recorded[-1].day).days - 1) if self.called else 0

    @property
    def is_priced(self) -> bool:
        """Whether any call has a price."""
        return any(each.cost_usd is not None for each in self.recorded)

    @property
    def is_foreign(self) -> bool:
        """Whether calls have a price, but none of them in dollars."""
        return not self.is_priced and any(each.foreign_calls for each in self.recorded)

    def costs_since(self, first: date) -> dict[date, Decimal]:
        """What days cost from the first one on, as far as it is known."""
        costs = {each.day: each.known_usd for each in self.called if each.day >= first}
        return {day: cost for day, cost in costs.items() if cost is not None}

    def spent_since(self, first: date) -> Decimal | None:
        """Their sum: nothing where nothing was called, None where calls were made and no cost is known."""
        if self.is_foreign:
            return None
        has_calls = any(each.day >= first for each in self.called)
        return usd(self.costs_since(first).values()) if has_calls or not self.called else Decimal(0)


def looked_since(today: date) -> date:
    """How far back it is looked: the first day may be incomplete, MOST_DAYS follow."""
    return today - timedelta(days=MOST_DAYS + 1)


def look_back(history: History, now: datetime, scope: FunctionScope, rates: RateTable) -> Past:
    """Ask the history. Raises: HistoryError."""
    today = now.date()
    parameters = {
        **scope.parameters,
        "started_after": datetime.combine(looked_since(today), time(), UTC),
        "started_before": now,
        "billed_otherwise": regions_billed_otherwise(rates),
    }
    rows = history.query(statement("forecast/days"), parameters)
    return Past(recorded=tuple(RecordedDay(**row) for row in rows), today=today)


def billed_otherwise(
    history: History, past: Past, month: Month, scope: FunctionScope, rates: RateTable
) -> BilledOtherwise:
    """What calls of the month up to now cost that AWS does not bill in dollars. Raises: HistoryError."""
    if not any(each.foreign_calls for each in past.recorded if each.day >= month.first):
        return BilledOtherwise()
    span = {"started_after": datetime.combine(month.first, time(), UTC), "started_before": month.now}
    return BilledOtherwise.of(rates, history.query(statement("forecast/unpriced"), {**scope.parameters, **span}))

"""A month's days as a forecast sees them: which are past, and how much of each is still to come. Pure."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final, Self

from lambdascope_analytics.analyses.forecast_answer import Course
from lambdascope_analytics.analyses.forecast_model import Pattern
from lambdascope_analytics.errors import QuestionError

MOST_AHEAD: Final = 11
_DAY_S: Final = 86_400
_SHOWN_CHANCE: Final = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A calendar month in UTC, seen from `now`."""

    first: date
    now: datetime

    @classmethod
    def of(cls, now: datetime, months_ahead: int) -> Self:
        """The month of `now`, or one that follows. Raises: QuestionError."""
        if not 0 <= months_ahead <= MOST_AHEAD:
            raise QuestionError("months_ahead", f"is {months_ahead}: use 0 (this month) to {MOST_AHEAD}")
        now = now.astimezone(UTC)
        year, month = divmod(now.year * 12 + now.month - 1 + months_ahead, 12)
        return cls(first=date(year, month + 1, 1), now=now)

    @property
    def name(self) -> str:
        """Such as 2026-11."""
        return f"{self.first:%Y-%m}"

    @property
    def days(self) -> list[date]:
        """All of its days."""
        return [self.first + timedelta(days=number) for number in range(monthrange(*self._place)[1])]

    @property
    def to_come(self) -> dict[date, float]:
        """How much of its days is still to come: all of those after today, and a part of today."""
        return {day: part for day in self.days if (part := self._part_to_come(day)) > 0}

    @property
    def _place(self) -> tuple[int, int]:
        return self.first.year, self.first.month

    def _part_to_come(self, day: date) -> float:
        if day != self.now.date():
            return float(day > self.now.date())
        begun = datetime(day.year, day.month, day.day, tzinfo=UTC)
        return 1 - (self.now - begun).total_seconds() / _DAY_S


def course_of(month: Month, costs: Mapping[date, Decimal], pattern: Pattern | None) -> Course:
    """The month's cost up to the end of each day; `costs` are those of its days so far."""
    today, spent = month.now.date(), Decimal(0)
    lines: list[tuple[float | None, ...]] = []
    ahead: dict[date, float] = {}
    for day in month.days:
        spent += costs.get(day, Decimal(0))
        known = _drawn(float(spent)) if day <= today else None
        ahead |= {day: month.to_come[day]} if day in month.to_come else {}
        if pattern is None or not ahead:
            lines.append((known, None, None, None))
            continue
        total = pattern.sum_of(ahead)
        bounds = total.interval(_SHOWN_CHANCE)
        figures = (total.expected, max(bounds[0], 0.0), bounds[1]) if bounds else (total.expected, None, None)
        lines.append((known, *(None if part is None else _drawn(float(spent) + part) for part in figures)))
    columns = list(zip(*lines, strict=True))
    return Course(spent_usd=columns[0], expected_usd=columns[1], low_usd=columns[2], high_usd=columns[3])


def _drawn(amount: float) -> float:
    # No eye sees a fifth digit.
    return float(f"{amount:.4g}")

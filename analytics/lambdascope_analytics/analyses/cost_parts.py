"""Parts of a period, for figures over time. Pure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, Self

from lambdascope_analytics.analyses.cost_answer import CostTrend
from lambdascope_analytics.analyses.cost_cells import Cell, cost_of
from lambdascope_analytics.analyses.cost_prices import USD, currency_of, other_currencies
from lambdascope_analytics.analyses.period import Period
from lambdascope_analytics.pricing import RateTable

MOST: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """At most 24 parts of whole seconds, on which engines agree: all of one length but for the last."""

    start_s: int
    bucket_s: int
    count: int

    @classmethod
    def of(cls, period: Period) -> Self:
        """Cut a period; the first part begins with the second it begins in."""
        start_s = math.floor(period.start.timestamp())
        bucket_s = max(1, math.ceil(period.seconds / MOST))
        count = math.ceil((period.end.timestamp() - start_s) / bucket_s)
        # A start within a second may leave less than a second over: that belongs to the last part.
        return cls(start_s=start_s, bucket_s=bucket_s, count=min(count, MOST))

    def begins(self, bucket: int) -> datetime:
        """When a part begins."""
        return datetime.fromtimestamp(self.start_s, UTC) + timedelta(seconds=bucket * self.bucket_s)

    def trend(
        self, cells: Iterable[Cell], rates: RateTable, *, group: str | None = None, known_since: datetime
    ) -> CostTrend:
        """What calls cost in each part. Not known: before the history begins, and where no call has a price."""
        by_bucket: dict[int, list[Cell]] = {}
        for cell in cells:
            by_bucket.setdefault(cell.bucket, []).append(cell)
        parts = [by_bucket.get(bucket, ()) for bucket in range(self.count)]
        courses = {name: self._course(name, parts, rates, known_since) for name in _currencies(rates, parts)}
        nothing = (None,) * self.count
        return CostTrend(
            group=group, bucket_s=self.bucket_s, cost_usd=courses.pop(USD, nothing), other_currencies=courses
        )

    def _course(
        self, currency: str, parts: Sequence[Sequence[Cell]], rates: RateTable, known_since: datetime
    ) -> tuple[float | None, ...]:
        course: list[float | None] = []
        for bucket, cells in enumerate(parts):
            mine = [cell for cell in cells if (currency_of(rates, cell.region) or USD) == currency]
            amount = cost_of(mine) if currency == USD else other_currencies(rates, mine).get(currency)
            is_nothing = not mine and self.begins(bucket + 1) > known_since
            course.append(_drawn(amount, is_nothing=is_nothing))
        return tuple(course)


def _currencies(rates: RateTable, parts: Sequence[Sequence[Cell]]) -> list[str]:
    """Dollars too where nothing was called: then nothing was spent."""
    found = {currency_of(rates, cell.region) or USD for cells in parts for cell in cells}
    return sorted(found) or [USD]


def _drawn(amount: Decimal | None, *, is_nothing: bool) -> float | None:
    if amount is None:
        return 0.0 if is_nothing else None
    # To be drawn: no eye sees a fifth digit.
    return float(f"{amount:.4g}")

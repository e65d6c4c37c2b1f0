"""Parts of a period, for figures over time. Pure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self

from lambdascope_analytics.analyses.cost_answer import CostTrend
from lambdascope_analytics.analyses.cost_cells import Cell, cost_of
from lambdascope_analytics.analyses.period import Period

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

    def trend(self, cells: Iterable[Cell], *, group: str | None = None, known_since: datetime) -> CostTrend:
        """What calls cost in each part. Not known: before the history begins, and where no call has a price."""
        by_bucket: dict[int, list[Cell]] = {}
        for cell in cells:
            by_bucket.setdefault(cell.bucket, []).append(cell)
        values = (self._value(bucket, by_bucket.get(bucket, ()), known_since) for bucket in range(self.count))
        return CostTrend(group=group, bucket_s=self.bucket_s, cost_usd=tuple(values))

    def _value(self, bucket: int, cells: Sequence[Cell], known_since: datetime) -> float | None:
        if not cells:
            return None if self.begins(bucket + 1) <= known_since else 0.0
        cost = cost_of(cells)
        # To be drawn: no eye sees a fifth digit.
        return None if cost is None else float(f"{cost:.4g}")

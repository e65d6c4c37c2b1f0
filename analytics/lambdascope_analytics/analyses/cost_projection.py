"""What a month would cost at the pace of a period. Pure."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from lambdascope_analytics.analyses.cost_answer import Projection
from lambdascope_analytics.analyses.cost_cells import rounded
from lambdascope_analytics.analyses.period import Period

_DAY_S: Final = 86_400
# With more calls of unknown price the pace of the others says too little.
_MOST_UNKNOWN: Final = 0.1


def project(
    cost_usd: Decimal | None,
    others: Mapping[str, Decimal],
    period: Period,
    *,
    calls: int,
    unknown_calls: int,
    known_since: datetime,
    now: datetime,
) -> Projection:
    """The month of `now` at the mean pace of the part of the period that the history knows; not of less than a day.

    `unknown_calls` are those of all that ran, or may have run, at no known price.
    """
    now = now.astimezone(UTC)
    month, days = f"{now:%Y-%m}", monthrange(now.year, now.month)[1]
    known_s = (period.end - max(period.start, known_since)).total_seconds()
    unknown = f"{unknown_calls:,} of {calls:,} calls have no known price"
    if cost_usd is None and not others:
        return _none(month, "no call has a price")
    if unknown_calls > _MOST_UNKNOWN * calls:
        return _none(month, unknown)
    if known_s < _DAY_S:
        return _none(month, "less than a day is known")
    known_days = Decimal(known_s) / _DAY_S
    return Projection(
        month=month,
        cost_usd=None if cost_usd is None else rounded(cost_usd / known_days * days),
        other_currencies={name: rounded(amount / known_days * days) for name, amount in others.items()},
        method=f"mean of {known_days:.3g} days x {days} days" + (f"; {unknown}" if unknown_calls else ""),
    )


def _none(month: str, reason: str) -> Projection:
    return Projection(month=month, cost_usd=None, other_currencies={}, method=f"none: {reason}")

"""What to know besides of the figures that advice on settings rests on. Pure."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from lambdascope_analytics.analyses.sizing_answer import Recommendation
from lambdascope_analytics.analyses.sizing_evidence import Evidence, Size

# So many sizes are named.
_MOST_SIZES: Final = 3


def notes_of(evidence: Evidence, recommendations: Sequence[Recommendation] = ()) -> tuple[str, ...]:
    """Return them, those that concern every figure first."""
    return tuple(_notes(evidence, recommendations))


def _notes(evidence: Evidence, recommendations: Sequence[Recommendation]) -> Iterator[str]:
    first = min(size.first_at for size in evidence.sizes)
    month = f"A month is 30 days: figures of the range times {evidence.prices.factor:.3g}"
    late = first - evidence.period.start
    begun = f"; its first execution came {_length(late)} after the range began" if late > _period(evidence) / 10 else ""
    alone = "; each saving is of today's bill, so they do not add up" if _several_save(recommendations) else ""
    yield f"{month}, at list prices of {evidence.prices.rates.version}, first tier, without free tier{begun}{alone}."
    yield from _others(evidence)
    if unpriced := sum(size.unpriced_calls for size in evidence.sizes):
        yield f"{unpriced:,} executions have no cost in dollars in the history; they are priced here by billed time."
    if without := sum(max(0, size.executions - size.with_billed_ms) for size in evidence.sizes):
        yield f"{without:,} executions have no billed time and are in no amount."
    if skewed := sum(size.skewed_calls for size in evidence.sizes):
        yield f"{skewed:,} calls have times that contradict each other (clock skew)."
    if from_logs := sum(size.from_logs for size in evidence.sizes):
        yield f"{from_logs:,} executions were taken from the logs; they did not come through this proxy."
    if evidence.ordered != evidence.period:
        yield f"Concurrency and retries: of the newest {_length(evidence.ordered.end - evidence.ordered.start)}."
    yield "Calls that are not in this history are in no figure."


def _several_save(recommendations: Sequence[Recommendation]) -> bool:
    amounts = [one.saves_usd_month or one.saves_cny_month for one in recommendations if one.is_change]
    return sum(1 for amount in amounts if amount) > 1


def _others(evidence: Evidence) -> Iterator[str]:
    """What ran at other sizes: advice is for the one in use, and a saving is of what ran there."""
    current = evidence.current
    others = sorted(evidence.sizes[1:], key=lambda size: -size.executions)
    if not others:
        return
    told = ", ".join(f"{size.executions:,} at {_setting(size)}" for size in others[:_MOST_SIZES])
    more = f" and {len(others) - _MOST_SIZES} more sizes" if len(others) > _MOST_SIZES else ""
    yield (
        f"Advice and savings are for {_setting(current)} ({current.executions:,} executions); {told}{more} ran "
        f"besides, of which nothing is saved."
    )


def _setting(size: Size) -> str:
    return f"{size.memory_mb or 'unknown'} MB {size.architecture or 'unknown architecture'}"


def _period(evidence: Evidence) -> timedelta:
    return evidence.period.end - evidence.period.start


def _length(length: timedelta) -> str:
    hours = length.total_seconds() / 3600
    return f"{hours / 24:.3g} days" if hours >= 48 else f"{hours:.3g} hours"

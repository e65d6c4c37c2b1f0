"""What to know besides of the figures that advice on settings rests on. Pure."""

from collections.abc import Iterator
from datetime import timedelta

from lambdascope_analytics.analyses.sizing_evidence import Evidence


def notes_of(evidence: Evidence) -> tuple[str, ...]:
    """Return them, those that concern every figure first."""
    return tuple(_notes(evidence))


def _notes(evidence: Evidence) -> Iterator[str]:
    first = min(size.first_at for size in evidence.sizes)
    month = f"A month is 30 days: figures of the range times {evidence.prices.factor:.3g}"
    late = first - evidence.period.start
    begun = f"; its first execution came {_length(late)} after the range began" if late > _period(evidence) / 10 else ""
    yield f"{month}, at list prices of {evidence.prices.rates.version}, first tier, without free tier{begun}."
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


def _period(evidence: Evidence) -> timedelta:
    return evidence.period.end - evidence.period.start


def _length(length: timedelta) -> str:
    hours = length.total_seconds() / 3600
    return f"{hours / 24:.3g} days" if hours >= 48 else f"{hours:.3g} hours"

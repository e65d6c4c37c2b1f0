"""What was measured at two sizes, compared: how surely one costs less than the other, and what it would save. Pure."""

from decimal import Decimal

from lambdascope_analytics.analyses.intervals import MeanDifference, welch
from lambdascope_analytics.analyses.sizing_answer import Confidence, confidence_of
from lambdascope_analytics.analyses.sizing_evidence import Evidence, Size
from lambdascope_analytics.analyses.sizing_prices import Saving


def gain_of(current: Size, other: Size, *, price_ratio: float = 1.0) -> MeanDifference:
    """How much more a warm call costs with the other size, as a share of what it costs now, and the interval of that.

    `price_ratio` is the other's price of a GB-second over that of the size in use.
    """
    unit = (current.alike_billed_ms or 0) / current.alike * (current.memory_mb or 0) or 1.0
    now = current.billed((current.memory_mb or 0) / unit)
    return welch(now, other.billed((other.memory_mb or 0) * price_ratio / unit))


def saving_of(evidence: Evidence, gain: MeanDifference) -> Saving | None:
    """What of the bill of the size in use would have been saved, had all that ran there changed as warm calls do."""
    billed = evidence.prices.compute(evidence.current.mb_ms, evidence.current.architecture)
    if billed is None:
        return None
    return Saving(most=Decimal(-gain.difference) * billed, least=Decimal(-gain.interval.high) * billed)


def measured_confidence(one: Size, other: Size) -> Confidence:
    """High only where both ran in the same days: otherwise more than the size may have changed."""
    confidence = confidence_of(min(one.alike, other.alike), is_measured=True)
    return confidence if ran_together(one, other) else "medium"


def ran_together(one: Size, other: Size) -> bool:
    """Whether the times of the two overlap."""
    return one.first_at < other.last_at and other.first_at < one.last_at

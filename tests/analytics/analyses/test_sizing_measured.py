"""Two sizes compared: a saving is a share of what was billed at the size in use, and never more."""

from collections.abc import Callable
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambdascope_analytics.analyses.sizing_evidence import Evidence, Size
from lambdascope_analytics.analyses.sizing_measured import gain_of, measured_confidence, ran_together, saving_of

Make = Callable[..., Size]
Gather = Callable[..., Evidence]


# The fixtures only make values.
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(billed_ms=st.integers(0, 10**9), other_ms=st.integers(0, 10**9), other_mb=st.integers(128, 10_240))
def test_no_saving_is_more_than_what_was_billed(
    size_of: Make, evidence_of: Gather, billed_ms: int, other_ms: int, other_mb: int
) -> None:
    """Warm calls may take longer than all others, as where many fail at once."""
    evidence = evidence_of(size_of(billed_ms=billed_ms), size_of(memory_mb=other_mb, alike_billed_ms=other_ms))
    saving = saving_of(evidence, gain_of(*evidence.sizes))
    bill = evidence.prices.compute(billed_ms * 512, "x86_64")
    assert saving is not None
    assert bill is not None
    assert saving.least is not None
    assert saving.least <= saving.most <= bill * Decimal("1.000000001")


def test_a_gain_is_a_share_of_what_a_warm_call_costs(size_of: Make) -> None:
    half = gain_of(size_of(), size_of(memory_mb=256))
    assert abs(half.difference + 0.5) < 1e-9
    dearer = gain_of(size_of(), size_of(), price_ratio=1.25)
    assert abs(dearer.difference - 0.25) < 1e-9


def test_only_what_ran_in_the_same_days_is_sure(size_of: Make) -> None:
    now = size_of()
    before = size_of(last_at=now.first_at)
    assert [ran_together(now, each) for each in (now, before)] == [True, False]
    assert [measured_confidence(now, each) for each in (now, before)] == ["high", "medium"]

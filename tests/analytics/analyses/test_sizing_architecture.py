"""Advice on the architecture: by list prices where one was seen, by what was measured where both were."""

from collections.abc import Callable
from decimal import Decimal

from lambdascope_analytics.analyses.sizing_answer import Advice, Recommendation, Refusal
from lambdascope_analytics.analyses.sizing_architecture import advise_architecture
from lambdascope_analytics.analyses.sizing_evidence import Evidence, Size

Make = Callable[..., Size]
Gather = Callable[..., Evidence]


def advice(evidence: Evidence) -> Advice:
    (found,) = advise_architecture(evidence)
    return found


def recommended(evidence: Evidence) -> Recommendation:
    found = advice(evidence)
    assert isinstance(found, Recommendation)
    return found


def test_arm64_is_advised_by_the_prices_of_the_region_with_its_break_even(size_of: Make, evidence_of: Gather) -> None:
    found = recommended(evidence_of(size_of()))
    assert (found.suggested, found.confidence) == ("arm64", "medium")
    # 2,000 x 100 ms x 512 MB = 100 GB-s.
    assert found.saves_usd_month == (100 * (Decimal("0.0000166667") - Decimal("0.0000133334"))).quantize(
        Decimal("1e-6")
    )
    assert found.saves_least_usd_month is None, "how much longer it may take there is not known"
    assert "20% less" in found.why
    assert "over 25% longer" in found.why


def test_on_arm64_nothing_is_to_be_changed(size_of: Make, evidence_of: Gather) -> None:
    found = recommended(evidence_of(size_of(architecture="arm64")))
    assert (found.is_change, found.saves_usd_month) == (False, None)
    assert "20% faster" in found.why


def test_where_both_ran_with_the_same_memory_what_was_measured_counts(size_of: Make, evidence_of: Gather) -> None:
    slow = size_of(architecture="arm64", alike_billed_ms=130 * 2_000)
    found = recommended(evidence_of(size_of(), slow))
    assert not found.is_change, "30 % slower is more than arm64 is cheaper"
    quick = size_of(architecture="arm64", alike_billed_ms=110 * 2_000)
    found = recommended(evidence_of(size_of(), quick))
    assert (found.suggested, found.confidence) == ("arm64", "high")
    here, there = Decimal(100) * Decimal("0.0000166667"), Decimal(110) * Decimal("0.0000133334")
    # 2,000 ran on x86: those on arm64 cost that already.
    expected = (here - there) / 2 / 1000 * 2_000
    assert found.saves_usd_month is not None
    assert abs(found.saves_usd_month - expected) <= Decimal("0.000002")
    assert found.saves_least_usd_month is not None
    assert 0 < found.saves_least_usd_month < (found.saves_usd_month or 0)


def test_the_way_back_to_x86_is_advised_where_it_was_measured_to_be_cheaper(size_of: Make, evidence_of: Gather) -> None:
    current = size_of(architecture="arm64", alike_billed_ms=150 * 2_000)
    assert recommended(evidence_of(current, size_of())).suggested == "x86_64"


def test_other_memory_on_the_other_architecture_is_not_compared(size_of: Make, evidence_of: Gather) -> None:
    found = recommended(evidence_of(size_of(), size_of(architecture="arm64", memory_mb=1024, alike_billed_ms=500_000)))
    assert found.suggested == "arm64"
    assert "if they take as long" in found.why


def test_what_is_not_known_is_refused(size_of: Make, evidence_of: Gather) -> None:
    for size, missing in (
        (size_of(architecture=None), "does not say"),
        (size_of(executions=49), "at least 50"),
        (size_of(region="mars-north-1"), "no compute_gb_s price for x86_64 in mars-north-1"),
        (size_of(region="cn-north-1"), "no compute_gb_s price for arm64 in cn-north-1"),
    ):
        found = advice(evidence_of(size))
        assert isinstance(found, Refusal)
        assert missing in found.missing


def test_what_runs_on_the_other_architecture_already_saves_nothing(size_of: Make, evidence_of: Gather) -> None:
    there = size_of(architecture="arm64", memory_mb=1024, executions=100_000)
    alone, besides = (recommended(evidence_of(size_of(), *others)) for others in ((), (there,)))
    assert besides.saves_usd_month == alone.saves_usd_month


def test_a_function_that_fails_is_not_moved_nor_to_where_it_fails(size_of: Make, evidence_of: Gather) -> None:
    refused = advice(evidence_of(size_of(failed=101)))
    assert isinstance(refused, Refusal)
    assert "101 of 2,000 executions failed (5%)" in refused.missing
    found = recommended(evidence_of(size_of(), size_of(architecture="arm64", failed=101)))
    assert (found.is_change, "101 of 2,000 failed there" in found.why) == (False, True)

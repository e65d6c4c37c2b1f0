"""Advice on memory: by what was used where one size was seen, by what was measured where several were."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from lambdascope_analytics.analyses.sizing_answer import Recommendation, Refusal
from lambdascope_analytics.analyses.sizing_evidence import Evidence, Size
from lambdascope_analytics.analyses.sizing_memory import advise_memory, slowdown

Make = Callable[..., Size]
Gather = Callable[..., Evidence]


def advice(evidence: Evidence) -> tuple[Recommendation, list[Refusal]]:
    found = list(advise_memory(evidence))
    (recommendation,) = [one for one in found if isinstance(one, Recommendation)]
    return recommendation, [one for one in found if isinstance(one, Refusal)]


def test_with_one_size_the_saving_is_bounded_by_waiting_and_computing(size_of: Make, evidence_of: Gather) -> None:
    found, refused = advice(evidence_of(size_of(memory_max_mb=100)))
    assert (found.is_change, found.current, found.suggested) == (True, "512 MB", "256 MB")
    # 2,000 x 100 ms x 256 MB = 50 GB-s, at 0.0000166667; a handler that computes takes twice as long: nothing saved.
    assert found.saves_usd_month == Decimal("0.000833")
    assert found.saves_least_usd_month == 0
    assert found.confidence == "medium"
    assert "2.0x slower" in found.risk
    (open_,) = refused
    assert "at two sizes" in open_.missing


def test_one_step_down_goes_to_half_at_most_and_never_below_what_is_used(size_of: Make, evidence_of: Gather) -> None:
    assert advice(evidence_of(size_of(memory_mb=3008, memory_max_mb=90)))[0].suggested == "1536 MB"
    assert advice(evidence_of(size_of(memory_mb=512, memory_max_mb=400)))[0].suggested == "no change"
    assert advice(evidence_of(size_of(memory_mb=1024, memory_max_mb=600)))[0].suggested == "768 MB"


def test_memory_that_ran_out_or_is_nearly_full_is_raised_before_anything_is_saved(
    size_of: Make, evidence_of: Gather
) -> None:
    ran_out, _ = advice(evidence_of(size_of(out_of_memory=3, memory_max_mb=512)))
    assert (ran_out.purpose, ran_out.suggested, ran_out.confidence) == ("fewer failures", "768 MB", "high")
    assert ran_out.saves_usd_month == Decimal("-0.000833"), "costs more, which is said as below zero"
    assert "3 of 2,000 executions ran out of memory" in ran_out.why
    full, _ = advice(evidence_of(size_of(memory_max_mb=480)))
    assert (full.purpose, full.suggested) == ("fewer failures", "576 MB")
    most, _ = advice(evidence_of(size_of(memory_mb=10_240, memory_max_mb=10_240, out_of_memory=1)))
    assert not most.is_change


def test_of_several_sizes_the_cheapest_that_is_surely_cheaper_and_not_slower_is_taken(
    size_of: Make, evidence_of: Gather
) -> None:
    current = size_of(memory_mb=1024)
    smaller = size_of(memory_mb=512, alike_billed_ms=104 * 2_000)
    found, refused = advice(evidence_of(current, smaller))
    assert (found.suggested, found.confidence, refused) == ("512 MB", "high", [])
    # 100 ms x 1,024 MB against 104 ms x 512 MB, for the 2,000 executions that ran with it.
    saved_gb_s = Decimal(100 * 1024 - 104 * 512) / 1024 / 1000 * 2_000
    assert found.saves_usd_month == (saved_gb_s * Decimal("0.0000166667")).quantize(Decimal("1e-6"))
    assert found.saves_least_usd_month is not None
    assert 0 < found.saves_least_usd_month < (found.saves_usd_month or 0)
    assert "n=2,000" in found.why


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"alike_billed_ms": 199 * 2_000, "alike_variance": 4e6}, "within what chance does"),
        ({"alike_billed_ms": 104 * 2_000, "alike_p95_ms": 200.0}, "slower"),
        ({"alike_billed_ms": 300 * 2_000}, "dearer"),
    ],
)
def test_a_size_that_is_not_surely_cheaper_or_slower_is_not_taken(
    size_of: Make, evidence_of: Gather, other: dict[str, float], why: str
) -> None:
    found, _ = advice(evidence_of(size_of(memory_mb=1024), size_of(memory_mb=512, **other)))
    assert not found.is_change, why


def test_a_size_below_what_is_used_is_not_taken_however_cheap(size_of: Make, evidence_of: Gather) -> None:
    current = size_of(memory_mb=512, memory_max_mb=260)
    assert not advice(evidence_of(current, size_of(memory_mb=256, memory_max_mb=120)))[0].is_change


def test_sizes_that_were_measured_at_different_times_are_less_sure(size_of: Make, evidence_of: Gather) -> None:
    current = size_of(memory_mb=1024)
    before = size_of(memory_mb=512, last_at=current.first_at)
    found, _ = advice(evidence_of(current, before))
    assert (found.is_change, found.confidence) == (True, "medium")
    assert "different times" in found.risk


def test_a_sample_that_is_too_small_is_refused_with_the_least_it_takes(size_of: Make, evidence_of: Gather) -> None:
    (refused,) = advise_memory(evidence_of(size_of(memory_reports=49)))
    assert refused == Refusal(
        setting="memory",
        missing="at least 50 executions at the size in use that report the memory they used are needed, there are 49",
    )


def test_memory_that_ran_out_needs_no_sample(size_of: Make, evidence_of: Gather) -> None:
    found, _ = advice(evidence_of(size_of(executions=2, memory_reports=2, memory_max_mb=512, out_of_memory=1)))
    assert (found.suggested, found.confidence) == ("768 MB", "medium")


def test_without_a_price_memory_is_still_judged_and_no_amount_is_guessed(size_of: Make, evidence_of: Gather) -> None:
    found, _ = advice(evidence_of(size_of(region="mars-north-1")))
    assert (found.suggested, found.saves_usd_month) == ("256 MB", None)


def test_an_amount_in_china_is_no_amount_in_dollars(size_of: Make, evidence_of: Gather) -> None:
    found, _ = advice(evidence_of(size_of(region="cn-north-1")))
    assert found.saves_usd_month is None
    assert found.saves_cny_month == (50 * Decimal("0.000113477")).quantize(Decimal("1e-6"))
    assert "CNY" in found.why


def test_a_saving_is_of_what_ran_at_the_size_in_use(size_of: Make, evidence_of: Gather) -> None:
    other = size_of(architecture="arm64", executions=50_000)
    found, _ = advice(evidence_of(size_of(memory_max_mb=100), other))
    assert found.saves_usd_month == Decimal("0.000833"), "what 2,000 executions save, not 52,000"


def test_nothing_is_saved_on_a_function_that_fails(size_of: Make, evidence_of: Gather) -> None:
    (refused,) = advise_memory(evidence_of(size_of(failed=2_000, successes=0)))
    assert isinstance(refused, Refusal)
    assert "2,000 of 2,000 executions failed (100%)" in refused.missing
    assert advice(evidence_of(size_of(failed=2_000, out_of_memory=2_000)))[0].purpose == "fewer failures"


def test_a_size_at_which_calls_fail_is_not_taken_however_cheap(size_of: Make, evidence_of: Gather) -> None:
    smaller = size_of(memory_mb=512, failed=200)
    assert not advice(evidence_of(size_of(memory_mb=1024), smaller))[0].is_change


def test_how_much_slower_calls_may_get_is_told_to_the_timeout_of_the_same_answer(
    size_of: Make, evidence_of: Gather
) -> None:
    dear = size_of(billed_ms=100_000_000)
    assert slowdown(evidence_of(dear)) == 2.0
    assert slowdown(evidence_of(size_of())) == 1.0, "too little to be saved: nothing is to be changed"
    assert slowdown(evidence_of(dear, size_of(memory_mb=256))) == 1.0, "both were measured"
    assert slowdown(evidence_of(size_of(billed_ms=100_000_000, out_of_memory=1))) == 1.0

"""Advice on the timeout: too low, too high, or not known."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.analyses.sizing_answer import Advice, Recommendation, Refusal
from lambdascope_analytics.analyses.sizing_evidence import Evidence, Size
from lambdascope_analytics.analyses.sizing_timeout import advise_timeout, fitting_timeout_s

Make = Callable[..., Size]
Gather = Callable[..., Evidence]


def advice(evidence: Evidence) -> Advice:
    (found,) = advise_timeout(evidence)
    return found


def recommended(evidence: Evidence) -> Recommendation:
    found = advice(evidence)
    assert isinstance(found, Recommendation)
    return found


def test_a_timeout_that_slow_calls_come_near_is_raised(size_of: Make, evidence_of: Gather) -> None:
    found = recommended(evidence_of(size_of(success_p999_ms=2_700.0, success_longest_ms=2_950.0), timeout_s=3))
    assert (found.purpose, found.current, found.suggested) == ("fewer failures", "3 s", "6 s")


def test_slow_calls_that_were_cut_off_ask_for_twice_the_time(size_of: Make, evidence_of: Gather) -> None:
    size = size_of(success_p999_ms=2_000.0, success_longest_ms=2_900.0, timeouts=7, timeout_ms=3_000.0)
    found = recommended(evidence_of(size))
    assert (found.current, found.suggested) == ("3 s", "6 s"), "the timeout is that of the calls that were cut off"
    assert "7 of 2,000 executions timed out" in found.why
    assert "2.0x" in found.risk


def test_where_calls_hung_they_are_looked_at_first_and_what_less_may_save_is_bounded(
    size_of: Make, evidence_of: Gather
) -> None:
    size = size_of(timeouts=10, timeout_ms=30_000.0, timeouts_billed_ms=300_000)
    found = recommended(evidence_of(size, timeout_s=30))
    assert (found.purpose, found.current) == ("fewer failures", "30 s")
    assert found.suggested == "see first why 10 timed out; if they hang, 3 s will do"
    # 10 calls x 27 s x 0.5 GB; if they are slow, nothing.
    assert found.saves_usd_month == (Decimal(135) * Decimal("0.0000166667")).quantize(Decimal("1e-6"))
    assert found.saves_least_usd_month == 0


def test_that_every_call_timed_out_needs_no_sample(size_of: Make, evidence_of: Gather) -> None:
    nothing = {"successes": 0, "success_p999_ms": None, "success_longest_ms": None}
    size = size_of(executions=6, **{"timeouts": 6, "timeout_ms": 60_000.0, "failed": 6, **nothing})
    found = recommended(evidence_of(size))
    assert (found.is_change, found.purpose, found.suggested) == (True, "fewer failures", "see first why 6 timed out")
    assert found.why.startswith("6 of 6 executions timed out, none succeeded")
    assert found.saves_usd_month is None


def test_a_long_timeout_that_nothing_reached_is_left_as_less_saves_nothing(size_of: Make, evidence_of: Gather) -> None:
    found = recommended(evidence_of(size_of(), timeout_s=900))
    assert (found.is_change, found.suggested, found.saves_usd_month) == (False, "no change", None)
    assert (
        "none timed out, so less saves nothing: it would bound what a call that hangs costs, $0.0075 now" in found.why
    )


def test_the_default_of_a_quick_function_with_a_long_init_is_left(size_of: Make, evidence_of: Gather) -> None:
    quick = size_of(success_p999_ms=12.0, success_longest_ms=12.0, init_p99_ms=2_500.0)
    assert not recommended(evidence_of(quick, timeout_s=3)).is_change
    assert recommended(evidence_of(quick)).suggested == "about 4 s", "an init that failed runs again and counts"


def test_a_timeout_that_was_lower_before_is_not_the_one_that_cuts_off(size_of: Make, evidence_of: Gather) -> None:
    found = recommended(evidence_of(size_of(timeouts=9, timeout_ms=1_000.0), timeout_s=30))
    assert (found.is_change, "9 timed out when it was lower" in found.why) == (False, True)


def test_beside_advice_of_less_memory_the_timeout_leaves_room_for_slower_calls(
    size_of: Make, evidence_of: Gather
) -> None:
    dear = size_of(billed_ms=100_000_000, success_p999_ms=2_000.0, success_longest_ms=2_100.0)
    found = recommended(evidence_of(dear))
    assert found.suggested == "about 8 s, which leaves room for calls 2.0x slower with the memory advised"


def test_a_timeout_that_fits_is_left(size_of: Make, evidence_of: Gather) -> None:
    assert not recommended(evidence_of(size_of(success_p999_ms=4_000.0), timeout_s=10)).is_change
    assert not recommended(
        evidence_of(size_of(success_p999_ms=890_000.0, success_longest_ms=899_000.0), timeout_s=900)
    ).is_change, "900 s is the most"


def test_a_timeout_that_is_not_known_is_not_judged_but_one_that_fits_is_told(
    size_of: Make, evidence_of: Gather
) -> None:
    found = recommended(evidence_of(size_of(success_p999_ms=4_000.0)))
    assert (found.is_change, found.current, found.suggested) == (False, "not known", "about 8 s")


def test_too_few_successes_are_refused(size_of: Make, evidence_of: Gather) -> None:
    assert advice(evidence_of(size_of(successes=99), timeout_s=3)) == Refusal(
        setting="timeout", missing="at least 100 successful executions at the size in use are needed, there are 99"
    )


@given(p999=st.floats(0, 899_000), over=st.floats(0, 1_000), init=st.floats(0, 10_000))
def test_a_fitting_timeout_lets_every_success_through_with_its_init_and_can_be_set(
    p999: float, over: float, init: float
) -> None:
    longest = min(900_000.0, p999 + over)
    fitting = fitting_timeout_s(p999, longest, init)
    assert 3 <= fitting <= 900
    assert fitting * 1000 >= longest + init or fitting == 900


@pytest.mark.parametrize("timeout_s", [1.0, 2.0, 3.0, 30.0, 900.0])
@pytest.mark.parametrize("timeouts", [0, 1, 500])
def test_no_advice_is_to_lower_a_timeout_for_sure(
    size_of: Make, evidence_of: Gather, timeout_s: float, timeouts: int
) -> None:
    seen = {"timeouts": timeouts, "timeout_ms": timeout_s * 1000 if timeouts else None}
    found = recommended(evidence_of(size_of(success_longest_ms=900.0, **seen), timeout_s=timeout_s))
    raised = found.suggested.removesuffix(" s")
    assert not found.is_change or "see first why" in raised or int(raised) > timeout_s

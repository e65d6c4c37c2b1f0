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
    assert "7 timed out" in found.why
    assert "2.0x" in found.risk


def test_calls_that_hang_are_cut_off_sooner_and_what_that_saves_is_told(size_of: Make, evidence_of: Gather) -> None:
    size = size_of(timeouts=10, timeout_ms=30_000.0)
    found = recommended(evidence_of(size, timeout_s=30))
    assert (found.purpose, found.suggested) == ("less cost", "1 s")
    # 10 calls x 29 s x 0.5 GB.
    assert found.saves_usd_month == (Decimal(145) * Decimal("0.0000166667")).quantize(Decimal("1e-6"))


def test_a_long_timeout_that_nothing_reached_only_bounds_what_a_hanging_call_may_cost(
    size_of: Make, evidence_of: Gather
) -> None:
    found = recommended(evidence_of(size_of(), timeout_s=900))
    assert (found.is_change, found.suggested, found.saves_usd_month) == (True, "1 s", None)
    assert "a call that hangs costs" in found.why


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
        setting="timeout", missing="at least 100 successful executions are needed, the range has 99"
    )


@given(p999=st.floats(0, 899_000), over=st.floats(0, 1_000))
def test_a_fitting_timeout_lets_every_success_through_and_can_be_set(p999: float, over: float) -> None:
    longest = min(900_000.0, p999 + over)
    fitting = fitting_timeout_s(p999, longest)
    assert 1 <= fitting <= 900
    assert fitting * 1000 >= longest or fitting == 900


@pytest.mark.parametrize("timeout_s", [1.0, 2.0, 3.0])
def test_no_advice_lowers_a_timeout_below_the_longest_success(
    size_of: Make, evidence_of: Gather, timeout_s: float
) -> None:
    found = recommended(evidence_of(size_of(success_longest_ms=900.0), timeout_s=timeout_s))
    assert not found.is_change or int(found.suggested.removesuffix(" s")) > 0.9

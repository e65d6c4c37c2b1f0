"""Advice on memory with one size: never below what is used, and not where it could make calls fail."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.analyses.sizing_answer import Recommendation, Refusal
from lambdascope_analytics.analyses.sizing_evidence import Evidence, Size
from lambdascope_analytics.analyses.sizing_memory_step import advise_step, least_memory

Make = Callable[..., Size]
Gather = Callable[..., Evidence]


@given(used=st.integers(0, 10_240))
def test_the_least_memory_holds_what_was_used_and_can_be_set(used: int) -> None:
    least = least_memory(used)
    assert 128 <= least <= 10_240
    assert least >= min(10_240, used * 1.2)


def test_less_is_not_advised_where_slower_calls_would_not_make_the_timeout(size_of: Make, evidence_of: Gather) -> None:
    slow = size_of(success_p999_ms=39_987.0, success_longest_ms=39_991.0)
    refused = advise_step(evidence_of(slow, timeout_s=60), 512)
    assert isinstance(refused, Refusal)
    assert "at 256 MB a handler that computes could take 79,974 ms (p99.9 now 39,987)" in refused.missing
    assert isinstance(advise_step(evidence_of(slow, timeout_s=80), 512), Recommendation)


def test_less_is_not_advised_where_more_than_one_in_a_thousand_timed_out(size_of: Make, evidence_of: Gather) -> None:
    found = [advise_step(evidence_of(size_of(timeouts=timeouts, timeout_ms=30_000.0)), 512) for timeouts in (2, 3)]
    assert [type(each) for each in found] == [Recommendation, Refusal]


@pytest.mark.parametrize(("timeout_s", "told"), [(None, "which is not known"), (3, "3 s")])
def test_the_risk_names_the_longest_call_and_the_timeout(
    size_of: Make, evidence_of: Gather, timeout_s: float | None, told: str
) -> None:
    found = advise_step(evidence_of(size_of(), timeout_s=timeout_s), 512)
    assert isinstance(found, Recommendation)
    assert found.risk == f"up to 2.0x slower where it computes, the longest call 800 ms: mind the timeout, {told}"


def test_what_another_size_used_is_told_and_held(size_of: Make, evidence_of: Gather) -> None:
    found = advise_step(evidence_of(size_of(), size_of(architecture="arm64", memory_max_mb=300)), 512)
    assert isinstance(found, Recommendation)
    assert found.suggested == "384 MB"
    assert found.why.startswith("at most 100 of 512 MB used (p99.9 99) in 2,000 executions, 300 at another size")


def test_where_less_still_would_hold_what_is_used_a_step_is_called_the_first_and_why(
    size_of: Make, evidence_of: Gather
) -> None:
    found = advise_step(evidence_of(size_of(memory_mb=3072, memory_max_mb=310)), 3072)
    assert isinstance(found, Recommendation)
    assert found.suggested == "1536 MB"
    assert found.why.startswith(
        "a first step: 384 MB would hold what is used, but have 12% of the CPU, so measure this before the next; "
        "at most 310 of 3072 MB used"
    )

"""Advice on retries: what repeating cost, and whether it helped."""

from collections.abc import Callable
from decimal import Decimal

from lambdascope_analytics.analyses.sizing_answer import Recommendation, Refusal
from lambdascope_analytics.analyses.sizing_evidence import Evidence, Repeats, Size
from lambdascope_analytics.analyses.sizing_retries import advise_retries

Make = Callable[..., Size]
Gather = Callable[..., Evidence]
Tell = Callable[..., Repeats]
GB_S = 1024 * 1000


def advice(evidence: Evidence) -> list[Recommendation]:
    found = list(advise_retries(evidence))
    assert all(isinstance(one, Recommendation) for one in found)
    return [one for one in found if isinstance(one, Recommendation)]


def test_repeats_that_do_not_help_are_waste_with_a_price(size_of: Make, evidence_of: Gather, repeats_of: Tell) -> None:
    told = repeats_of(failed=100, repeats=60, repeats_ok=3, repeats_mb_ms=30_000 * GB_S)
    (found,) = advice(evidence_of(size_of(), repeats=told))
    assert (found.is_change, found.confidence) == (True, "medium")
    assert found.saves_usd_month == Decimal("0.500001")
    assert "60 calls" in found.why
    assert "3 of them succeeded" in found.why


def test_asynchronous_attempts_that_do_not_help_are_not_to_be_made(
    size_of: Make, evidence_of: Gather, repeats_of: Tell
) -> None:
    told = repeats_of(event_calls=500, event_retried=40, event_retried_ok=1, event_retried_mb_ms=60_000 * GB_S)
    (found,) = advice(evidence_of(size_of(), repeats=told))
    assert found.suggested.startswith("MaximumRetryAttempts 0")
    assert found.saves_usd_month == Decimal("1.000002")


def test_repeats_that_help_are_left_and_what_failing_cost_is_told(
    size_of: Make, evidence_of: Gather, repeats_of: Tell
) -> None:
    told = repeats_of(failed=100, failed_mb_ms=60_000 * GB_S, repeats=60, repeats_ok=50, throttled_attempts=4)
    (found,) = advice(evidence_of(size_of(), repeats=told))
    assert (found.is_change, found.saves_usd_month) == (False, None)
    assert found.why == (
        "100 of 2,000 executions failed, which cost $1.00 a month; 60 repeated after a failure, 50 of those succeeded; "
        "4 more requests for the same calls, after throttles (not billed) or by the proxy's retries"
    )


def test_calls_of_which_no_caller_is_known_are_said_to_hide_repeats(
    size_of: Make, evidence_of: Gather, repeats_of: Tell
) -> None:
    # Nothing found among calls in which nothing can be found is no reason to leave retries as they are.
    (found,) = advice(evidence_of(size_of(), repeats=repeats_of(callerless=1_500)))
    assert "of 1,500 calls no caller is known, so what repeated them does not show" in found.why


def test_an_unknown_price_makes_an_unknown_amount(size_of: Make, evidence_of: Gather, repeats_of: Tell) -> None:
    told = repeats_of(failed=100, failed_mb_ms=60_000 * GB_S)
    (found,) = advice(evidence_of(size_of(region="mars-north-1"), repeats=told))
    assert "an unknown amount" in found.why


def test_too_few_executions_are_refused(size_of: Make, evidence_of: Gather, repeats_of: Tell) -> None:
    assert list(advise_retries(evidence_of(size_of(), repeats=repeats_of(executions=49)))) == [
        Refusal(setting="retries", missing="at least 50 executions are needed, there are 49")
    ]

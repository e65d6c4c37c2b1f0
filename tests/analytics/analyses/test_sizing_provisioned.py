"""Advice on provisioned concurrency in words: when it pays, what it would buy, what it cannot say."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import get_args

import pytest

from lambdascope_analytics.analyses.sizing_answer import Advice, Recommendation, Refusal
from lambdascope_analytics.analyses.sizing_evidence import Evidence, Level, Repeats, Size
from lambdascope_analytics.analyses.sizing_provisioned import advise_provisioned
from lambdascope_analytics.pricing import PriceItem

Make = Callable[..., Size]
Gather = Callable[..., Evidence]
Tell = Callable[..., Repeats]

pytestmark = pytest.mark.skipif(
    "provisioned_idle_gb_s" not in get_args(PriceItem), reason="the rate table has no such prices yet"
)


def busy(
    share_of_hour: Mapping[int, Sequence[float]], *, days: int = 30, cold_starts: int = 0, begun: int = 2_000
) -> list[Level]:
    """By hour of the day the share of time for which exactly 1, 2, ... executions ran at once."""
    return [
        Level(
            hour_utc=hour,
            level=n,
            level_us=round(share * 3600e6 * days),
            begun=begun,
            cold_starts=cold_starts,
            init_ms=500.0 * cold_starts,
        )
        for hour, shares in share_of_hour.items()
        for n, share in enumerate(shares, 1)
    ]


def advice(evidence: Evidence) -> Advice:
    (found,) = advise_provisioned(evidence)
    return found


def recommended(evidence: Evidence) -> Recommendation:
    found = advice(evidence)
    assert isinstance(found, Recommendation)
    return found


def test_environments_that_are_busy_all_day_are_kept(size_of: Make, evidence_of: Gather, repeats_of: Tell) -> None:
    levels = busy({hour: [0.1, 0.9] for hour in range(24)})
    found = recommended(evidence_of(size_of(), levels=levels, repeats=repeats_of()))
    assert (found.suggested, found.purpose, found.confidence) == ("2 all day", "less cost", "high")
    # Busy are the first all the time and the second for 90 %: 1.9 x 30 days x 0.5 GB x (16.6667 - 9.7222) - 2 x idle.
    month = 30 * 86_400 * Decimal("0.5")
    expected = month * (Decimal("1.9") * Decimal("0.0000069445") - 2 * Decimal("0.0000041667"))
    assert found.saves_usd_month == expected.quantize(Decimal("1e-6"))
    assert "over 60.0% of the time" in found.why


def test_where_only_some_hours_are_busy_they_get_a_schedule(
    size_of: Make, evidence_of: Gather, repeats_of: Tell
) -> None:
    levels = busy({hour: [0.05, 0.95] for hour in (9, 10, 11)} | {14: [0.9]}, cold_starts=2)
    found = recommended(evidence_of(size_of(), levels=levels, repeats=repeats_of()))
    assert found.suggested == "2 from 09:00 to 12:00, 1 from 14:00 to 15:00 UTC"
    assert "14 cold starts" in found.why


def test_a_schedule_is_not_made_of_a_few_days(size_of: Make, evidence_of: Gather, repeats_of: Tell) -> None:
    levels = busy({9: [0.95]}, days=3)
    found = recommended(evidence_of(size_of(), levels=levels, repeats=repeats_of(), days=3))
    assert (found.is_change, found.confidence) == (False, "low")


def test_where_it_does_not_pay_its_price_and_what_it_buys_are_told(
    size_of: Make, evidence_of: Gather, repeats_of: Tell
) -> None:
    levels = busy({9: [0.1, 0.01]}, cold_starts=30)
    found = recommended(evidence_of(size_of(), levels=levels, repeats=repeats_of()))
    assert (found.is_change, found.suggested, found.saves_usd_month) == (False, "none", None)
    idle = 30 * 86_400 * Decimal("0.5") * Decimal("0.0000041667")
    gained = Decimal("0.5") * (30 * 360 * Decimal("0.0000069445") + 15 * Decimal("0.0000166667"))
    assert f"${idle - gained:.2f} more a month" in found.why
    assert "of about 60 cold starts a month it would avoid 30" in found.why


def test_in_a_region_where_it_never_pays_that_is_said(size_of: Make, evidence_of: Gather, repeats_of: Tell) -> None:
    levels = busy({hour: [1.0] for hour in range(24)})
    found = recommended(evidence_of(size_of(region="eu-central-1"), levels=levels, repeats=repeats_of()))
    assert not found.is_change
    assert "in eu-central-1 it never costs less than on demand" in found.why


def test_what_it_cannot_be_judged_by_is_refused(size_of: Make, evidence_of: Gather, repeats_of: Tell) -> None:
    # That others ran at another size is no evidence for this one.
    few = advice(evidence_of(size_of(), levels=busy({9: [1.0]}, begun=499), repeats=repeats_of(executions=9_000)))
    assert isinstance(few, Refusal)
    assert "at least 500" in few.missing
    failing = advice(evidence_of(size_of(failed=101), levels=busy({9: [1.0]})))
    assert isinstance(failing, Refusal)
    assert "101 of 2,000 executions failed (5%)" in failing.missing
    unknown = advice(evidence_of(size_of(region="cn-north-1"), levels=busy({9: [1.0]})))
    assert isinstance(unknown, Refusal)
    assert "no such price for x86_64 in cn-north-1" in unknown.missing

"""What buckets say of a group: rates, shares that know how failures come together, and likeness in time."""

from decimal import Decimal

import pytest

from lambdascope_analytics.analyses.tallies import Side, Tally, autocorrelation, design_effect


def tally(tried: int, failures: int) -> Tally:
    return Tally(calls=tried, tried=tried, failures=failures)


def test_failures_spread_as_chance_would_count_fully_and_bursts_count_less() -> None:
    even = [tally(100, failures) for failures in (9, 10, 11, 10)]
    burst = [tally(100, failures) for failures in (0, 40, 0, 0)]
    assert design_effect(even) == 1.0
    # 4/3 of (3 * 10^2 + 30^2), by 400 * 0.1 * 0.9.
    assert design_effect(burst) == pytest.approx(1200 * 4 / 3 / 36)
    side = Side(tallies=burst, hours=[1.0] * 4)
    plain = Side(tallies=even, hours=[1.0] * 4)
    assert side.failed.value == plain.failed.value == 0.1
    assert side.failed.interval is not None
    assert plain.failed.interval is not None
    assert side.failed.interval.high > plain.failed.interval.high


@pytest.mark.parametrize("tallies", [[], [tally(5, 1)], [tally(5, 0), tally(9, 0)], [tally(5, 5), tally(9, 9)]])
def test_where_nothing_can_be_told_failures_count_as_independent(tallies: list[Tally]) -> None:
    assert design_effect(tallies) == 1.0


def test_rates_are_per_hour_of_their_own_bucket() -> None:
    side = Side(tallies=[Tally(calls=3, cost_usd=Decimal("0.5")), Tally(calls=4)], hours=[0.5, 2.0])
    assert side.calls_per_hour == [6.0, 2.0]
    assert side.cost_per_hour == [1.0, 0.0]
    assert side.total == Tally(calls=7, cost_usd=Decimal("0.5"))


def test_likeness_is_zero_of_what_alternates_or_stands_still_and_high_of_a_trend() -> None:
    assert autocorrelation([1, -1, 1, -1]) == 0
    assert autocorrelation([2, 2, 2]) == 0
    assert autocorrelation([float(value) for value in range(40)]) > 0.8

"""Forecasts of sums of days are right where the truth is known, and cover it as often as they say."""

import random
from datetime import date, timedelta
from math import sqrt

import pytest

from lambdascope_analytics.analyses.forecast_base import Base, changed_at
from lambdascope_analytics.analyses.forecast_model import Pattern, Sum

MONDAY = date(2026, 11, 2)
WEEK = [10.0, 11.0, 12.0, 13.0, 14.0, 3.0, 2.0]


def days_from(first: date, count: int) -> dict[date, float]:
    return {first + timedelta(days=number): 1.0 for number in range(count)}


def test_three_weeks_of_a_weekly_pattern_go_on_as_they_were() -> None:
    pattern = Pattern.of(MONDAY, WEEK * 3)
    coming = pattern.sum_of(days_from(MONDAY + timedelta(days=21), 9))
    assert pattern.is_weekly
    assert (coming.expected, coming.error) == (sum(WEEK) + 10 + 11, 0)
    assert coming.interval(0.95) is None, "that nothing ever differed makes nothing certain"


def test_the_pattern_begins_with_the_weekday_of_the_first_day() -> None:
    thursday = MONDAY + timedelta(days=3)
    costs = [WEEK[(3 + number) % 7] for number in range(21)]
    assert Pattern.of(thursday, costs).sum_of({date(2026, 12, 5): 1.0}).expected == 3, "a Saturday"


def test_of_less_than_three_weeks_every_day_is_the_mean_of_all() -> None:
    pattern = Pattern.of(MONDAY, [1.0, 2.0, 3.0, 6.0])
    coming = pattern.sum_of(days_from(MONDAY + timedelta(days=4), 2))
    assert not pattern.is_weekly
    assert coming.expected == 6
    # Variance 14 / 3; two days of it, and twice the error of a mean of four: 2 + 2 ** 2 / 4.
    assert coming.error == pytest.approx(sqrt(14 / 3 * 3))
    assert coming.freedom == 3


def test_half_a_day_is_half_of_its_cost() -> None:
    assert Pattern.of(MONDAY, [4.0, 4.0, 4.0]).sum_of({MONDAY: 0.5}).expected == 2


def test_an_interval_is_students() -> None:
    """Table: 2.228 standard errors at 95 % for ten degrees of freedom, 1.372 at 80 %."""
    some = Sum(expected=10, error=2, freedom=10)
    assert some.interval(0.95) == pytest.approx((10 - 2 * 2.228139, 10 + 2 * 2.228139))
    assert some.interval(0.8) == pytest.approx((10 - 2 * 1.372184, 10 + 2 * 1.372184))


def test_the_chance_to_exceed_an_amount_fits_the_interval() -> None:
    some = Sum(expected=10, error=2, freedom=10)
    bounds = some.interval(0.8)
    assert bounds is not None
    low, high = bounds
    assert (some.chance_above(high), some.chance_above(low)) == (pytest.approx(0.1), pytest.approx(0.9))
    assert some.chance_above(10) == pytest.approx(0.5)
    assert Sum(expected=10, error=0, freedom=10).chance_above(9.99) is None


@pytest.mark.parametrize("past", [5, 14, 28, 56])
def test_intervals_cover_the_truth_about_as_often_as_they_say(past: int) -> None:
    """With noise of a known kind on a weekly pattern (on none, where there are less than three weeks)."""
    dice, trials = random.Random(past), 400
    held = {0.8: 0, 0.95: 0}
    for _ in range(trials):
        days = [(WEEK[number % 7] if past >= 21 else 10) + dice.gauss(0, 2) for number in range(past + 12)]
        coming = Pattern.of(MONDAY, days[:past]).sum_of(days_from(MONDAY + timedelta(days=past), 12))
        for chance in held:
            low, high = coming.interval(chance) or (0, 0)
            held[chance] += low <= sum(days[past:]) <= high
    # Four standard errors of a share of 400; that days may follow on each other widens what is weekly a little.
    assert 0.72 <= held[0.8] / trials <= 0.90
    assert 0.91 <= held[0.95] / trials <= 0.995


@pytest.mark.parametrize(("past", "since"), [(20, 6), (34, 5), (56, 14), (56, 30)])
@pytest.mark.parametrize("times", [2.5, 0.4])
def test_intervals_cover_the_truth_as_often_where_the_level_changed(past: int, since: int, times: float) -> None:
    """Means of all days cover next to nothing here: they lie between both levels."""
    dice, trials = random.Random(past + since), 150
    held, found = {0.8: 0, 0.95: 0}, 0
    for _ in range(trials):
        levels = [times if number >= past - since else 1.0 for number in range(past + 12)]
        usual = [WEEK[number % 7] if past >= 21 else 10 for number in range(past + 12)]
        days = [level * (mean + dice.gauss(0, 1)) for level, mean in zip(levels, usual, strict=True)]
        base = Base.of(MONDAY, days[:past])
        found += base.change is not None
        coming = base.pattern.sum_of(days_from(MONDAY + timedelta(days=past), 12))
        for chance in held:
            low, high = coming.interval(chance) or (0, 0)
            held[chance] += low <= sum(days[past:]) <= high
    assert found >= 0.99 * trials
    # Four standard errors of a share of 150.
    assert 0.67 <= held[0.8] / trials <= 0.95
    assert held[0.95] / trials >= 0.88


@pytest.mark.parametrize("past", [11, 20, 28, 56])
def test_where_nothing_changed_a_change_is_found_in_one_of_a_hundred(past: int) -> None:
    """Also where days are skewed, or cheap at weekends and too few to know it."""
    dice, trials = random.Random(past), 300
    found = {"even": 0, "skewed": 0, "weekly": 0}
    for _ in range(trials):
        even = [dice.gauss(10, 2) for _ in range(past)]
        skewed = [dice.lognormvariate(0, 1) for _ in range(past)]
        weekly = [WEEK[number % 7] + dice.gauss(0, 1) for number in range(past)]
        for name, days in zip(found, (even, skewed, weekly), strict=True):
            found[name] += changed_at(MONDAY, days) is not None
    # One, and four standard errors.
    assert max(found.values()) / trials <= 0.01 + 4 * sqrt(0.01 * 0.99 / trials)


def test_days_that_follow_on_each_other_widen_the_interval_as_far_as_their_sums_vary() -> None:
    """Without that, nearly half of these intervals at 80 % miss."""
    dice, held = random.Random(7), 0
    for _ in range(300):
        error, days = 0.0, list[float]()
        for number in range(70):
            error = 0.6 * error + dice.gauss(0, 1)
            days.append(WEEK[number % 7] + error)
        coming = Pattern.of(MONDAY, days[:56]).sum_of(days_from(MONDAY + timedelta(days=56), 14))
        low, high = coming.interval(0.8) or (0, 0)
        held += low <= sum(days[56:]) <= high
    assert 0.7 <= held / 300 <= 0.9


def test_days_of_unknown_cost_count_nowhere() -> None:
    """Taken for zero they would pull down every mean."""
    every_other = [10.0 if number % 2 else None for number in range(20)]
    pattern = Pattern.of(MONDAY, every_other)
    assert (pattern.means[0], pattern.variance, pattern.freedom) == (10, 0, 9)


def test_a_weekday_that_is_known_less_than_three_times_leaves_all_days_one_mean() -> None:
    costs = [None if number == 6 else 1.0 for number in range(27)]
    assert not Pattern.of(MONDAY, costs[:21]).is_weekly
    assert Pattern.of(MONDAY, [*costs, 1.0]).is_weekly


def test_an_unknown_day_parts_the_days_around_it() -> None:
    """Errors of days that do not follow on each other say nothing about whether one day's follows on the last one's."""
    wave = [WEEK[number % 7] + (1.0 if number % 4 < 2 else -1.0) for number in range(56)]
    apart = [cost if number % 2 else None for number, cost in enumerate(wave)]
    known = [cost for cost in apart if cost is not None]
    pattern = Pattern.of(MONDAY, apart)
    errors = [cost - pattern.means[number % 7] for number, cost in enumerate(apart) if cost is not None]
    assert pattern.is_weekly
    assert pattern.variance == pytest.approx(sum(error**2 for error in errors) / (len(known) - 7))


@pytest.mark.parametrize("cost", [0.1, 0.7, 1.1, 2.3])
def test_days_that_are_alike_do_not_differ_by_rounding(cost: float) -> None:
    assert Pattern.of(MONDAY, [cost] * 3).variance == 0

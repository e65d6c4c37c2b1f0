"""A forecast rests on the days since the level changed, if it did; simulations are in the tests of the model."""

from datetime import date, timedelta

import pytest

from lambdascope_analytics.analyses.forecast_base import Base, changed_at, mean_error_share

MONDAY = date(2026, 11, 2)
WEEK = [10.0, 11.0, 12.0, 13.0, 14.0, 3.0, 2.0]


def wavering(costs: list[float]) -> list[float]:
    """Days that differ by up to 4 %, evenly."""
    return [cost * (1 + (number * 5 % 9 - 4) / 100) for number, cost in enumerate(costs)]


def test_days_before_a_change_tell_how_weekdays_relate_and_those_since_how_much_they_cost() -> None:
    costs = wavering(WEEK * 4 + [2 * cost for cost in WEEK[:5]])
    base = Base.of(MONDAY, costs)
    assert base.change is not None
    assert (base.change.on, base.change.is_shape_kept, len(base.costs)) == (MONDAY + timedelta(days=28), True, 5)
    assert base.change.times == pytest.approx(2, rel=0.03)
    weekend = base.pattern.sum_of({MONDAY + timedelta(days=33): 1.0, MONDAY + timedelta(days=34): 1.0})
    assert weekend.expected == pytest.approx(2 * 5, rel=0.05)
    assert weekend.freedom == 4
    year = base.pattern.sum_of({MONDAY + timedelta(days=35 + number): 1.0 for number in range(300)})
    # That the level rests on five days makes most of it: 300 days of 300 / sqrt(5), less for weekends.
    assert year.error > 100 * base.pattern.variance**0.5


def test_days_since_that_know_every_weekday_three_times_need_no_others() -> None:
    base = Base.of(MONDAY, wavering(WEEK * 3 + [30.0] * 21))
    assert base.change is not None
    assert (base.change.on, base.change.is_shape_kept) == (MONDAY + timedelta(days=21), False)
    assert base.pattern.is_weekly
    assert min(base.pattern.means.values()) > 28


def test_a_level_that_rose_and_fell_is_the_last_one() -> None:
    costs = wavering([10.0] * 20 + [30.0] * 10 + [10.0] * 6)
    assert changed_at(MONDAY, costs) == 30


@pytest.mark.parametrize(("dear", "days"), [([33], 36), ([52, 53], 56), ([38, 39], 42), ([54, 55], 56), ([20], 23)])
def test_a_few_dear_days_are_no_change(dear: list[int], days: int) -> None:
    """As they are, two days of eight times the cost among the last four would be."""
    assert changed_at(MONDAY, wavering([80.0 if number in dear else 10.0 for number in range(days)])) is None


def test_too_few_days_on_either_side_are_no_change() -> None:
    assert changed_at(MONDAY, wavering([10.0] * 7 + [30.0] * 4)) == 7
    assert changed_at(MONDAY, wavering([10.0] * 7 + [30.0] * 3)) is None
    assert changed_at(MONDAY, wavering([10.0] * 6 + [30.0] * 4)) is None


def test_days_of_unknown_cost_stand_on_neither_side() -> None:
    costs: list[float | None] = [*wavering([10.0] * 12)]
    costs[5] = None
    more = [*costs, None, None, *wavering([30.0] * 6)]
    assert changed_at(MONDAY, more) == 14
    assert changed_at(MONDAY, [*costs, None, None, None, 30.0, 30.0]) is None


@pytest.mark.parametrize("cost", [0.0, 0.1, 0.7])
def test_days_that_are_alike_never_changed(cost: float) -> None:
    assert changed_at(MONDAY, [cost] * 30) is None


def test_the_method_is_tried_on_past_days_with_what_was_known_before_each() -> None:
    # Means of the days before: 2, 2, 3 against 2, 6, 8.
    assert mean_error_share(MONDAY, [1.0, 2.0, 3.0, 2.0, 6.0, 8.0]) == (3, pytest.approx((0 + 4 + 5.2) / 16))
    assert mean_error_share(MONDAY, WEEK * 5) == (14, 0)


def test_days_of_unknown_cost_are_no_forecasts_that_were_off() -> None:
    assert mean_error_share(MONDAY, [10.0 if number % 2 else None for number in range(20)]) == (7, 0)


@pytest.mark.parametrize("costs", [[1.0, 2.0, 3.0, 4.0, 5.0], [0.0] * 10])
def test_too_few_days_or_days_that_cost_nothing_are_no_trial(costs: list[float]) -> None:
    assert mean_error_share(MONDAY, costs) is None

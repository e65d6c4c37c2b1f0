"""Changes of level are found where they are, and hardly ever where there are none."""

import random

import pytest

from lambdascope_analytics.analyses.change_points import LEAST_POINTS, level_changes, without_cycle


def noise(seed: int, count: int, likeness: float = 0.0) -> list[float]:
    """Values around zero, each like the one before it to some degree."""
    dice, value, values = random.Random(seed), 0.0, list[float]()
    for _ in range(count):
        value = likeness * value + dice.gauss(0, 1)
        values.append(value)
    return values


@pytest.mark.parametrize("likeness", [0.0, 0.3])
def test_a_series_that_only_wavers_is_said_to_change_at_most_as_often_as_promised(likeness: float) -> None:
    # Promised are 1.25 %, some more where values are alike.
    found = sum(bool(level_changes(noise(seed, 60, likeness))) for seed in range(100))
    assert found < 7


@pytest.mark.parametrize("at", [20, 45, 100])
def test_a_shift_of_two_deviations_is_found_within_two_buckets_of_where_it_is(at: int) -> None:
    close = 0
    for seed in range(10):
        values = [value + 2 * (place >= at) for place, value in enumerate(noise(seed, 120))]
        close += any(abs(change.index - at) <= 2 for change in level_changes(values))
    assert close >= 8


def test_levels_are_told_as_medians_and_two_changes_in_their_order() -> None:
    values = [5.0, 6, 7] * 10 + [20.0, 21, 22] * 10 + [5.0, 6, 7] * 10
    changes = level_changes(values)
    assert [(change.index, change.before, change.after) for change in changes] == [(30, 6, 21), (60, 21, 6)]


PLACES = [place % 12 for place in range(168)]


def test_a_daily_rhythm_is_no_change_and_does_not_hide_one() -> None:
    rhythm = [10.0 * (place % 12 >= 6) + value * 0.5 for place, value in enumerate(noise(3, 168))]
    assert level_changes(rhythm, places=PLACES) == []
    shifted = [value + 3 * (place >= 100) for place, value in enumerate(rhythm)]
    (change,) = level_changes(shifted, places=PLACES)
    assert abs(change.index - 100) <= 2


def test_one_wild_value_is_no_change() -> None:
    values = noise(5, 60)
    values[30] = 1e9
    assert level_changes(values) == []


@pytest.mark.parametrize("values", [[], [1.0] * 60, [1.0] * 5 + [9.0] * (LEAST_POINTS - 6)])
def test_a_level_series_and_a_short_one_have_no_changes(values: list[float]) -> None:
    assert level_changes(values) == []


def test_the_same_series_always_gets_the_same_answer() -> None:
    values = [value + (place > 30) for place, value in enumerate(noise(9, 60))]
    assert level_changes(values) == level_changes(values)


def test_a_cycle_is_taken_away_only_where_there_are_enough() -> None:
    assert without_cycle([1, 5, 1, 5, 1, 5, 9, 5], [0, 1] * 4) == [0, 0, 0, 0, 0, 0, 8, 0]
    assert without_cycle([1, 5, 3], [0, 1, 0]) == [1, 5, 3]
    assert without_cycle([1, 5], []) == [1, 5]


def test_gaps_do_not_shift_a_cycle_and_a_rare_place_is_compared_with_all() -> None:
    values, places = [1.0, 5, 1, 5, 5, 1, 5, 1, 5, 1, 9, 1, 9], [0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1, 0, 7]
    assert without_cycle(values, places) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 4]


def test_a_change_in_the_second_of_two_days_is_not_mirrored_in_the_first() -> None:
    values = [value + 4 * (place >= 108) for place, value in enumerate(noise(2, 144))]
    (change,) = level_changes(values, places=[place % 72 for place in range(144)])
    assert abs(change.index - 108) <= 2

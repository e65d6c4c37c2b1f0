"""The error of a difference of two ratios minds how buckets waver, and for how long."""

import random
from statistics import mean, variance

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.analyses.change_points import clearest
from lambdascope_analytics.analyses.ratios import Ratio, difference_error, likeness


def ratio(parts: list[float], whole: float = 1.0) -> Ratio:
    return Ratio(parts=parts, wholes=[whole] * len(parts))


@given(st.lists(st.tuples(st.floats(0, 1e3), st.floats(0.1, 1e3)), min_size=1, max_size=20))
def test_what_buckets_pull_at_the_ratio_cancels_out(buckets: list[tuple[float, float]]) -> None:
    found = Ratio(parts=[part for part, _ in buckets], wholes=[whole for _, whole in buckets])
    assert found.value == pytest.approx(sum(found.parts) / sum(found.wholes))
    assert sum(found.pulls) == pytest.approx(0, abs=1e-6)


def test_of_values_that_are_not_alike_the_error_is_that_of_the_mean_of_paired_differences() -> None:
    before, after = [1.0, 5, 2, 4, 3, 6, 1, 5, 2, 6], [7.0, 2, 8, 1, 9, 2, 8, 3, 7, 1]
    gaps = [new - old for old, new in zip(before, after, strict=True)]
    error = difference_error(ratio(before), ratio(after))
    assert error is not None
    assert error.variance == pytest.approx(variance(gaps) / len(gaps))
    assert error.freedom == len(gaps) - 1


def test_periods_of_unlike_length_add_their_errors() -> None:
    before, after = [1.0, 2] * 6, [9.0, 8] * 5
    error = difference_error(ratio(before), ratio(after))
    assert error is not None
    assert error.variance == pytest.approx(variance(before) / 12 + variance(after) / 10)
    assert 10 < error.freedom < 21


def test_too_few_buckets_with_calls_tell_no_error() -> None:
    empty = Ratio(parts=[0.0] * 20, wholes=[0.0] * 20)
    few = Ratio(parts=[1.0] * 7 + [0.0] * 13, wholes=[1.0] * 7 + [0.0] * 13)
    assert difference_error(few, few) is None
    assert difference_error(empty, few) is None
    assert difference_error(ratio([1.0] * 7), ratio([1.0] * 9)) is None


def wavering(seed: int, alike: float, count: int = 60) -> list[float]:
    dice, value, values = random.Random(seed), 0.0, list[float]()
    for _ in range(count + 10):
        value = alike * value + dice.gauss(0, 1)
        values.append(value)
    return values[10:]


def test_values_that_are_like_the_one_before_are_worth_fewer() -> None:
    def freedom(alike: float) -> float:
        errors = [difference_error(ratio([0.0] * 60), ratio(wavering(seed, alike))) for seed in range(40)]
        return mean(error.freedom for error in errors if error)

    assert freedom(0.0) > 40
    assert freedom(0.6) < 20


def around_two_levels(values: list[float]) -> list[float]:
    found = ratio(values)
    return found.pulls_around(clearest(found.pulls)[0])


def test_likeness_is_zero_of_what_alternates_or_stands_still_or_takes_one_step() -> None:
    assert likeness([1.0, -1] * 20) == 0
    assert likeness([0.0] * 10) == 0
    assert likeness(around_two_levels([1.0, 2] * 10 + [9.0, 8] * 10)) == 0


def test_a_rhythm_of_how_many_calls_there_are_makes_their_ratio_no_likeness() -> None:
    # Would catch a step of a share told as noise: in buckets with many calls it pulls more than in those with few.
    dice = random.Random(1)
    calls = [float(20 + 20 * (place % 12 // 4)) for place in range(84)]
    shares = [0.1 + 0.8 * (place >= 40) + dice.gauss(0, 0.02) for place in range(84)]
    parts = [share * count for share, count in zip(shares, calls, strict=True)]
    error = difference_error(
        Ratio(parts=[0.1 * count for count in calls], wholes=calls), Ratio(parts=parts, wholes=calls)
    )
    assert error is not None
    assert error.freedom > 40


def test_a_bucket_more_at_an_end_leaves_periods_compared_bucket_by_bucket() -> None:
    rhythm = [float(place % 6) for place in range(36)]
    whole = difference_error(ratio(rhythm), ratio([*rhythm, 0.0]))
    apart = difference_error(ratio(rhythm), ratio([*rhythm, 0.0, 1.0]))
    assert whole is not None
    assert apart is not None
    assert whole.variance < 0.1 * apart.variance


@pytest.mark.parametrize("alike", [0.3, 0.6])
def test_likeness_is_seen_whole_in_short_series(alike: float) -> None:
    # Would catch a missing correction: of 60 values that are alike by 0.6 the plain figure tells 0.4 on average.
    found = mean(likeness(around_two_levels(wavering(seed, alike))) for seed in range(200))
    assert alike - 0.05 < found < alike + 0.1

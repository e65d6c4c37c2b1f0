"""Two sides of one stuff do not differ, as often as promised; those that do are found to, in the right direction."""

import random
from decimal import Decimal

import pytest

from lambdascope_analytics.analyses.comparing import (
    MEASURES,
    Change,
    compare_sides,
    corrected,
    series_change,
)
from lambdascope_analytics.analyses.histogram import Bin, Histogram
from lambdascope_analytics.analyses.tallies import Side, Tally


def side(dice: random.Random, *, calls: float = 6, failing: float = 0.1, slow: float = 1, cost: float = 1) -> Side:
    """A day in 48 buckets, with bursts: some have three times as many calls."""
    tallies, times = list[Tally](), list[float]()
    for _ in range(48):
        count = sum(dice.random() < calls / 30 for _ in range(30 * dice.choice((1, 1, 1, 3))))
        costs = [dice.uniform(1, 3) * cost * 1e-6 for _ in range(count)]
        times += [dice.lognormvariate(4, 0.8) * slow for _ in range(count)]
        tallies.append(
            Tally(
                calls=count,
                tried=count,
                failures=sum(dice.random() < failing for _ in range(count)),
                priced=count,
                cost_usd=Decimal(repr(sum(costs))),
                cost_squares=sum(value * value for value in costs),
            )
        )
    took = Histogram.of(Bin(count=1, least=value, most=value) for value in times)
    return Side(tallies=tallies, hours=[0.5] * 48, took={"total": took, "handler": took})


def verdicts(changes: list[Change]) -> dict[str, str]:
    return {change.measure: change.verdict for change in changes}


def test_sides_of_one_stuff_differ_in_at_most_one_of_twenty_comparisons() -> None:
    # Would catch uncorrected p-values: eight measures, each wrong once in twenty, would give some 20 of 80.
    wrong = 0
    for seed in range(80):
        dice = random.Random(seed)
        changes = corrected(compare_sides(side(dice), side(dice)))
        assert all(change.p is not None for change in changes)
        wrong += any(change.is_significant for change in changes)
    assert wrong <= 9


@pytest.mark.parametrize(
    ("after", "higher"),
    [
        ({"calls": 12.0}, {"calls_per_hour", "cost_per_hour_usd"}),
        ({"failing": 0.3}, {"error_rate"}),
        ({"slow": 1.8}, {"total_p50_ms", "total_p95_ms", "handler_p50_ms", "handler_p95_ms"}),
        ({"cost": 1.5}, {"cost_per_call_usd"}),
    ],
)
def test_what_changed_is_found_and_which_way(after: dict[str, float], higher: set[str]) -> None:
    found = 0
    for seed in range(5):
        dice = random.Random(seed)
        before, later = side(dice), side(dice, **after)
        up, down = (verdicts(corrected(compare_sides(*pair))) for pair in ((before, later), (later, before)))
        found += {up[name] for name in higher} == {"higher"} and {down[name] for name in higher} == {"lower"}
    assert found >= 4


def test_a_change_tells_both_figures_their_difference_and_its_interval() -> None:
    dice = random.Random(1)
    before, after = side(dice), side(dice, failing=0.4)
    change = next(change for change in compare_sides(before, after) if change.measure == "error_rate")
    old, new = (each.total.failures / each.total.tried for each in (before, after))
    assert (change.before, change.after, change.difference) == (old, new, new - old)
    assert change.ratio == pytest.approx(new / old)
    assert change.low is not None
    assert change.high is not None
    assert 0 < change.low < new - old < change.high


def test_money_is_decimal_and_nothing_else_is() -> None:
    dice = random.Random(1)
    for change in compare_sides(side(dice), side(dice)):
        kind = Decimal if change.measure.endswith("_usd") else float
        assert {type(value) for value in (change.before, change.after, change.difference, change.low)} == {kind}


def test_of_few_calls_and_of_none_no_change_is_claimed() -> None:
    few = Side(tallies=[Tally(calls=1, tried=1, failures=1), *[Tally()] * 11], hours=[1.0] * 12)
    none = Side(tallies=[Tally()] * 12, hours=[1.0] * 12)
    for pair in ((few, few), (none, few), (none, none)):
        changes = corrected(compare_sides(*pair))
        assert [change.measure for change in changes] == list(MEASURES)
        assert set(verdicts(changes).values()) == {"too few calls"}
        assert all(change.p is None for change in changes)
    assert compare_sides(none, none)[1].before is None, "no share of nothing"


def test_a_cost_that_is_not_known_is_no_zero() -> None:
    free = Side(tallies=[Tally(calls=5, tried=5)] * 12, hours=[1.0] * 12)
    found = {change.measure: change for change in compare_sides(free, free)}
    assert (found["cost_per_call_usd"].before, found["cost_per_hour_usd"].after) == (None, None)
    assert found["cost_per_hour_usd"].verdict == "too few calls"


def test_a_rhythm_that_both_periods_share_is_no_noise_but_what_lasts_long_is() -> None:
    rhythm = [float(place % 24) * 10 for place in range(48)]
    dice = random.Random(4)
    before = [value + dice.gauss(0, 3) for value in rhythm]
    after = [value + 5 + dice.gauss(0, 3) for value in rhythm]
    change = series_change(before, after)
    assert change is not None
    assert change.p < 0.001
    # Half of the time busier, in one stretch: that is one event, and no rate.
    stretch = [value + 10 * (place >= 36) for place, value in enumerate(rhythm)]
    lasting = series_change(rhythm, stretch)
    assert lasting is not None
    assert lasting.p > 0.05


def test_periods_of_unlike_length_are_compared_by_their_spread_and_short_ones_not_at_all() -> None:
    assert series_change([1.0] * 7, [1.0] * 9) is None
    change = series_change([1.0, 2, 1, 2, 1, 2, 1, 2], [9.0, 8, 9, 8, 9, 8, 9, 8, 9, 8])
    assert change is not None
    assert change.difference == pytest.approx(7)
    assert change.p < 0.001


def test_corrected_verdicts_take_the_number_of_tests_into_account() -> None:
    change = Change(
        measure="error_rate", before=1.0, after=2.0, difference=1.0, ratio=2.0, low=0.1, high=1.9, p=0.03, verdict=""
    )
    assert [each.verdict for each in corrected([change])] == ["higher"]
    assert {each.verdict for each in corrected([change, change])} == {"no significant change"}

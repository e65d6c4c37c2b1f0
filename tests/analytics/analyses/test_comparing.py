"""Two sides of one stuff do not differ, as often as promised; those that do are found to, in the right direction."""

import random
from collections.abc import Iterator
from decimal import Decimal
from math import ceil, exp, inf

import pytest

from lambdascope_analytics.analyses.comparing import (
    MEASURES,
    UNKNOWN_COST,
    Change,
    compare_sides,
    corrected,
)
from lambdascope_analytics.analyses.histogram import Bin, Histogram
from lambdascope_analytics.analyses.ratios import Ratio
from lambdascope_analytics.analyses.tallies import Side, Tally, Took

Buckets = list[list[float]]


def tally(times: list[float], failures: int, cost: float = 1) -> Tally:
    """Calls that took so long, each for a millionth of a dollar and more for its time."""
    costs = [ceil(value * 100) * cost * 1e-9 for value in times]
    return Tally(
        calls=len(times),
        tried=len(times),
        failures=failures,
        executed=len(times),
        priced=len(times),
        cost_usd=sum((Decimal(repr(value)) for value in costs), Decimal(0)),
        cost_squares=sum(value * value for value in costs),
    )


def pair_of(*both: tuple[Buckets, list[Tally]]) -> tuple[Side, Side]:
    """Two sides of such buckets of times and their tallies."""
    pooled = sorted(value for buckets, _ in both for times in buckets for value in times)
    limits = {share: pooled[int(len(pooled) * share)] if pooled else 0.0 for share in (0.5, 0.95)}

    def side(buckets: Buckets, tallies: list[Tally]) -> Side:
        took = Took(
            times=Histogram.of(Bin(count=1, least=value, most=value) for times in buckets for value in times),
            above={
                share: Ratio(
                    parts=[float(sum(value > limit for value in times)) for times in buckets],
                    wholes=[float(len(times)) for times in buckets],
                )
                for share, limit in limits.items()
            },
        )
        return Side(tallies=tallies, hours=[0.5] * len(tallies), took={"total": took, "handler": took})

    before, after = (side(*each) for each in both)
    return before, after


def bursts(
    dice: random.Random, *, calls: float = 6, failing: float = 0.1, slow: float = 1, cost: float = 1
) -> tuple[Buckets, list[Tally]]:
    """A day in 48 buckets, of which some have three times as many calls."""
    buckets, tallies = Buckets(), list[Tally]()
    for _ in range(48):
        count = sum(dice.random() < calls / 30 for _ in range(30 * dice.choice((1, 1, 1, 3))))
        buckets.append([dice.lognormvariate(4, 0.8) * slow for _ in range(count)])
        failures = sum(dice.random() < failing for _ in range(count))
        # A slow call is as dear as a quick one here, so that one figure changes at a time.
        tallies.append(tally([dice.uniform(100, 300) for _ in range(count)], failures, cost))
    return buckets, tallies


def side(dice: random.Random) -> Side:
    return pair_of(bursts(dice), bursts(dice))[0]


def levels(dice: random.Random, likeness: float) -> Iterator[float]:
    """Values around zero, each like the one before it to some degree."""
    value = dice.gauss(0, 1 / (1 - likeness**2) ** 0.5)
    for _ in range(60):
        value = likeness * value + dice.gauss(0, 1)
        yield value


def wavering(dice: random.Random, likeness: float) -> tuple[Buckets, list[Tally]]:
    """Five days in 60 buckets: how long calls take and how many fail last for some of them."""
    buckets, tallies = Buckets(), list[Tally]()
    for slow, bad in zip(levels(dice, likeness), levels(dice, likeness), strict=True):
        times = [dice.lognormvariate(4 + 0.1 * slow, 0.3) for _ in range(12)]
        buckets.append(times)
        tallies.append(tally(times, sum(dice.random() < 0.05 * exp(0.5 * bad) for _ in times)))
    return buckets, tallies


def verdicts(changes: list[Change]) -> dict[str, str]:
    return {change.measure: change.verdict for change in changes}


def test_sides_of_one_stuff_differ_in_at_most_one_of_twenty_comparisons() -> None:
    # Would catch uncorrected p-values: eight measures, each wrong once in twenty, would give some 20 of 80.
    wrong = 0
    for seed in range(80):
        dice = random.Random(seed)
        changes = corrected(compare_sides(*pair_of(bursts(dice), bursts(dice))))
        assert all(change.p is not None for change in changes)
        wrong += any(change.is_significant for change in changes)
    assert wrong <= 9


def test_levels_that_last_for_some_buckets_are_hardly_ever_told_as_changes() -> None:
    # Would catch calls that count as independent: then 60 of 100 of these comparisons tell of a change.
    told = 0
    for seed in range(60):
        dice = random.Random(seed)
        both = pair_of(wavering(dice, 0.6), wavering(dice, 0.6))
        told += any(change.is_significant for change in corrected(compare_sides(*both)))
    assert told <= 6


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
        before, later = bursts(dice), bursts(dice, **after)
        up, down = (verdicts(corrected(compare_sides(*pair_of(*each)))) for each in ((before, later), (later, before)))
        found += {up[name] for name in higher} == {"higher"} and {down[name] for name in higher} == {"lower"}
    assert found >= 4


def test_a_change_tells_both_figures_their_difference_and_its_interval() -> None:
    dice = random.Random(1)
    before, after = pair_of(bursts(dice), bursts(dice, failing=0.4))
    change = next(change for change in compare_sides(before, after) if change.measure == "error_rate")
    old, new = (each.total.failures / each.total.tried for each in (before, after))
    assert (change.before, change.after, change.difference) == (old, new, new - old)
    assert change.ratio == pytest.approx(new / old)
    assert change.low is not None
    assert change.high is not None
    assert 0 < change.low < new - old < change.high


def test_money_is_decimal_and_nothing_else_is() -> None:
    dice = random.Random(1)
    for change in compare_sides(*pair_of(bursts(dice), bursts(dice))):
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
    free = Side(tallies=[Tally(calls=5, tried=5, executed=5)] * 12, hours=[1.0] * 12)
    found = {change.measure: change for change in compare_sides(free, free)}
    assert (found["cost_per_call_usd"].before, found["cost_per_hour_usd"].after) == (None, None)
    assert found["cost_per_hour_usd"].verdict == UNKNOWN_COST


def test_where_the_cost_of_many_later_calls_is_not_known_yet_none_is_said_to_have_fallen() -> None:
    known = Tally(calls=20, tried=20, executed=20, priced=20, cost_usd=Decimal("0.00002"), cost_squares=2e-11)
    half = Tally(calls=20, tried=20, executed=20, priced=10, cost_usd=Decimal("0.00001"), cost_squares=1e-11)
    pair = (Side(tallies=[known] * 12, hours=[1.0] * 12), Side(tallies=[half] * 12, hours=[1.0] * 12))
    found = {change.measure: change for change in corrected(compare_sides(*pair))}
    hourly = found["cost_per_hour_usd"]
    assert (hourly.before, hourly.after, hourly.p) == (Decimal("0.00002"), None, None)
    assert hourly.verdict == UNKNOWN_COST
    assert found["cost_per_call_usd"].verdict == "no significant change"


def calling(rates: list[float]) -> Side:
    return Side(tallies=[Tally(calls=round(rate)) for rate in rates], hours=[1.0] * len(rates))


def test_a_rhythm_that_both_periods_share_is_no_noise() -> None:
    dice = random.Random(4)
    rhythm = [float(place % 24) * 100 for place in range(48)]
    before, after = (calling([value + more + dice.gauss(0, 30) for value in rhythm]) for more in (100, 150))
    assert verdicts(corrected(compare_sides(before, after)))["calls_per_hour"] == "higher"


def test_a_step_within_the_later_period_is_found_though_it_is_but_one() -> None:
    # Would catch a step that is taken for likeness of its buckets, which then were worth no more than three.
    dice = random.Random(4)
    before = calling([1000 + dice.gauss(0, 30) for _ in range(48)])
    after = calling([1000 + 200 * (place >= 24) + dice.gauss(0, 30) for place in range(48)])
    assert verdicts(corrected(compare_sides(before, after)))["calls_per_hour"] == "higher"


def test_a_cost_that_never_varies_differs_as_surely_as_there_are_buckets() -> None:
    def costing(amount: str) -> Side:
        calls = Tally(calls=9, tried=9, executed=9, priced=9, cost_usd=9 * Decimal(amount))
        return Side(tallies=[calls] * 20, hours=[1.0] * 20)

    found = {change.measure: change for change in compare_sides(costing("0.0000012"), costing("0.0000013"))}
    assert found["cost_per_call_usd"].p == pytest.approx(0.5**19)
    same = {change.measure: change for change in compare_sides(costing("0.0000012"), costing("0.0000012"))}
    assert same["cost_per_call_usd"].p == 1.0


def test_of_calls_in_few_buckets_the_cost_is_compared_call_by_call() -> None:
    dice = random.Random(2)
    cheap, dear = (tally([dice.uniform(100, 300) for _ in range(40)], 0, cost) for cost in (1, 2))
    found = corrected(compare_sides(*(Side(tallies=[each], hours=[1.0]) for each in (cheap, dear))))
    assert verdicts(found)["cost_per_call_usd"] == "higher"
    assert verdicts(found)["cost_per_hour_usd"] == "too few calls"


def test_where_the_rates_mean_nothing_they_are_no_part_of_the_comparison() -> None:
    dice = random.Random(1)
    found = {change.measure for change in compare_sides(*pair_of(bursts(dice), bursts(dice)), has_rates=False)}
    assert found == set(MEASURES) - {"calls_per_hour", "cost_per_hour_usd"}


def test_of_many_calls_that_come_in_a_few_bouts_it_is_not_said_that_they_were_too_few() -> None:
    # Would catch a median whose interval reaches beyond all of its calls: it has none, but is tested all the same.
    dice = random.Random(1)

    def bouts(slow: tuple[float, float]) -> tuple[Buckets, list[Tally]]:
        buckets = [[dice.lognormvariate(4, 0.1) * slow[place // 8 % 2] for _ in range(40)] for place in range(32)]
        return buckets, [tally(times, 0) for times in buckets]

    both = pair_of(bouts((1, 2)), bouts((2.1, 1)))
    found = {change.measure: change for change in corrected(compare_sides(*both))}
    median = found["total_p50_ms"]
    assert (median.verdict, median.low, median.high) == ("no significant change", -inf, inf)
    assert median.p is not None


def test_corrected_verdicts_take_the_number_of_tests_into_account() -> None:
    change = Change(
        measure="error_rate", before=1.0, after=2.0, difference=1.0, ratio=2.0, low=0.1, high=1.9, p=0.03, verdict=""
    )
    assert [each.verdict for each in corrected([change])] == ["higher"]
    assert {each.verdict for each in corrected([change, change])} == {"no significant change"}

"""How many environments pay: against a computation that lays every second out."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.analyses.period import Period
from lambdascope_analytics.analyses.sizing_environments import (
    EnvironmentPrices,
    best_plan,
    loads_of,
    seconds_of_hours,
)
from lambdascope_analytics.analyses.sizing_evidence import Level

VIRGINIA = EnvironmentPrices(
    idle=Decimal("0.0000041667"), ready=Decimal("0.0000097222"), on_demand=Decimal("0.0000166667")
)
FRANKFURT = EnvironmentPrices(
    idle=Decimal("0.0000050147"), ready=Decimal("0.0000117011"), on_demand=Decimal("0.0000166667")
)
MIDNIGHT = datetime(2026, 10, 1, tzinfo=UTC)
DAY = Period(start=MIDNIGHT, end=MIDNIGHT + timedelta(days=1))


def level(hour: int, level: int, seconds: float, cold_starts: int = 0, init_ms: float = 0.0) -> Level:
    return Level(
        hour_utc=hour, level=level, level_us=round(seconds * 1e6), begun=1, cold_starts=cold_starts, init_ms=init_ms
    )


def paid(
    levels: Sequence[Level], environments: Sequence[int], prices: EnvironmentPrices, seconds: Sequence[float]
) -> float:
    """What a GB costs with so many environments: each is paid for while kept, what they cannot take runs on demand."""
    total = 0.0
    for hour, kept in enumerate(environments):
        total += float(prices.idle) * kept * seconds[hour]
        for each in (each for each in levels if each.hour_utc == hour):
            served = min(kept, each.level)
            busy_s = each.level_us / 1e6
            total += float(prices.ready) * served * busy_s
            total += float(prices.on_demand) * (each.level - served) * busy_s
            total += float(prices.on_demand) * each.init_ms / 1000 * (each.level > kept)
    return total


LEVELS = st.dictionaries(
    st.tuples(st.sampled_from([0, 9, 23]), st.integers(1, 4)),
    st.tuples(st.integers(0, 3_600), st.integers(0, 5), st.integers(0, 900_000)),
    max_size=8,
).map(lambda found: [level(hour, n, s, colds, float(init)) for (hour, n), (s, colds, init) in found.items()])


@given(levels=LEVELS, by_hour=st.booleans(), prices=st.sampled_from([VIRGINIA, FRANKFURT]))
def test_no_number_of_environments_costs_less_than_the_plan(
    levels: list[Level], by_hour: bool, prices: EnvironmentPrices
) -> None:
    plan = best_plan(levels, DAY, prices, Decimal(1), by_hour=by_hour)
    seconds = [3600.0] * 24
    nothing = paid(levels, [0] * 24, prices, seconds)
    assert abs(nothing - paid(levels, plan.environments, prices, seconds) - float(plan.saves)) < 1e-9
    others = [[n if hour in hours else 0 for hour in range(24)] for hours in ([0], [9], [23]) for n in range(5)]
    for other in others if by_hour else [[n] * 24 for n in range(5)]:
        assert float(plan.saves) >= nothing - paid(levels, other, prices, seconds) - 1e-9
    assert plan.cold_starts == sum(
        each.cold_starts for each in levels if each.level <= plan.environments[each.hour_utc]
    )


def test_break_even_is_that_of_the_region_and_in_some_never() -> None:
    assert VIRGINIA.break_even is not None
    assert round(VIRGINIA.break_even, 3) == Decimal("0.600")
    assert FRANKFURT.break_even is None
    busy = [level(hour, 1, 3600) for hour in range(24)]
    assert best_plan(busy, DAY, VIRGINIA, Decimal(1), by_hour=False).environments == (1,) * 24
    assert best_plan(busy, DAY, FRANKFURT, Decimal(1), by_hour=False).environments == (0,) * 24


def test_just_over_the_break_even_an_environment_pays_and_just_below_it_does_not() -> None:
    for share, environments in ((0.61, 1), (0.59, 0)):
        busy = [level(hour, 1, 3600 * share) for hour in range(24)]
        assert best_plan(busy, DAY, VIRGINIA, Decimal(1), by_hour=False).environments[0] == environments


def test_what_the_environments_do_is_all_that_ran() -> None:
    """Little's law: their busy time together is the mean concurrency times the time."""
    levels = [level(3, 1, 100), level(3, 2, 50), level(3, 4, 10), level(4, 2, 7)]
    busy = sum((load.busy_s for load in loads_of(levels).values()), Decimal(0))
    assert busy == sum(each.level * each.level_us for each in levels) / Decimal(1_000_000)


@given(start=st.integers(0, 86_400 * 3), length=st.integers(1, 86_400 * 5))
def test_the_hours_of_a_period_are_its_seconds_each_where_it_belongs(start: int, length: int) -> None:
    begin = MIDNIGHT + timedelta(seconds=start)
    seconds = seconds_of_hours(Period(start=begin, end=begin + timedelta(seconds=length)))
    assert sum(seconds) == length
    expected = [0] * 24
    for minute in range(start // 60, (start + length - 1) // 60 + 1):
        covered = min(start + length, minute * 60 + 60) - max(start, minute * 60)
        expected[minute // 60 % 24] += covered
    assert seconds == expected

"""What buckets say of a group: rates and shares as ratios, and a cost per hour only where costs are known."""

from decimal import Decimal

from lambdascope_analytics.analyses.histogram import Bin, Histogram
from lambdascope_analytics.analyses.tallies import Side, Tally, Took


def priced(executed: int, known: int) -> Tally:
    return Tally(calls=executed, tried=executed, executed=executed, priced=known, cost_usd=Decimal(known))


def test_rates_are_per_hour_of_the_whole_period() -> None:
    side = Side(tallies=[Tally(calls=3, cost_usd=Decimal("0.5")), Tally(calls=4)], hours=[0.5, 2.0])
    assert side.calls_per_hour.value == 7 / 2.5
    assert side.total == Tally(calls=7, cost_usd=Decimal("0.5"))


def test_shares_are_of_the_calls_that_count() -> None:
    side = Side(tallies=[Tally(calls=9, tried=8, failures=2, priced=4, cost_usd=Decimal(6))], hours=[1.0])
    assert (side.failed.value, side.cost_per_call.value) == (0.25, 1.5)


def test_a_cost_per_hour_is_known_where_the_cost_of_nearly_every_executed_call_is() -> None:
    # Would catch a missing cost that counts as zero: ten of a thousand are taken as dear as the others.
    most = Side(tallies=[priced(600, 600), priced(400, 390)], hours=[1.0, 1.0]).cost_per_hour
    assert most is not None
    assert most.value == 500
    assert Side(tallies=[priced(1000, 989)], hours=[1.0]).cost_per_hour is None


def test_calls_that_ran_nothing_cost_nothing() -> None:
    free = Side(tallies=[Tally(calls=5, tried=5, failures=5)], hours=[1.0]).cost_per_hour
    assert free is not None
    assert free.value == 0


def test_a_clock_that_nothing_was_measured_by_has_no_times() -> None:
    known = Took(times=Histogram.of([Bin(count=1, least=5, most=5)]))
    side = Side(tallies=[], hours=[], took={"total": known})
    assert side.by_clock("total") is known
    assert side.by_clock("handler").times.count == 0

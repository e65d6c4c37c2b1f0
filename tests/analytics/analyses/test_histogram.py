"""Ranks and quantiles read from bins are those of the values."""

from collections import defaultdict
from math import floor, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.analyses.histogram import Bin, Histogram
from lambdascope_analytics.analyses.intervals import quantile_ranks


def histogram(values: list[float], per_unit: float) -> Histogram:
    bins: dict[int, list[float]] = defaultdict(list)
    for value in values:
        bins[floor(log(value) * per_unit)].append(value)
    return Histogram.of(Bin(count=len(each), least=min(each), most=max(each)) for each in bins.values())


def quantile(values: list[float], share: float) -> float:
    ordered, place = sorted(values), (len(values) - 1) * share
    low = int(place)
    return ordered[low] + (ordered[min(low + 1, len(values) - 1)] - ordered[low]) * (place - low)


TIMES = st.lists(st.floats(0.1, 1e6), min_size=1, max_size=200)


@given(TIMES, st.sampled_from([0.5, 0.95, 0.99]))
def test_a_quantile_is_off_by_no_more_than_a_bin_is_wide(values: list[float], share: float) -> None:
    assert histogram(values, 50).quantile(share) == pytest.approx(quantile(values, share), rel=0.0203)


@given(st.lists(st.floats(0.1, 1e6), min_size=1, max_size=50), st.sampled_from([0.5, 0.95]))
def test_with_one_value_in_a_bin_it_is_exact(values: list[float], share: float) -> None:
    bins = [Bin(count=values.count(value), least=value, most=value) for value in set(values)]
    found = Histogram.of(bins)
    assert found.quantile(share) == pytest.approx(quantile(values, share), rel=1e-12)
    assert [found.ranked(rank) for rank in range(1, len(values) + 1)] == sorted(values)


def test_the_interval_lies_between_the_values_of_its_ranks() -> None:
    values = [float(value) for value in range(1, 201)]
    found = Histogram.of(Bin(count=1, least=value, most=value) for value in values).estimate(0.95)
    ranks = quantile_ranks(200, 0.95)
    assert found is not None
    assert ranks is not None
    assert (found.interval.low, found.interval.high) == ranks
    assert found.value == pytest.approx(190.05)


def test_too_few_values_have_a_quantile_and_no_interval_and_none_have_neither() -> None:
    few = Histogram.of([Bin(count=3, least=1, most=5)])
    assert few.quantile(0.5) == 3
    assert few.estimate(0.5) is None
    nothing = Histogram.of([])
    assert (nothing.count, nothing.quantile(0.5), nothing.estimate(0.5)) == (0, None, None)

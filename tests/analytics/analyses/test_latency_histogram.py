"""The histogram counts every call once, in few bins with edges in ms."""

from itertools import pairwise
from math import floor, isclose, log10

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.analyses.latency_histogram import MOST_BINS, histogram, reached_by

TIMES = st.lists(st.floats(0.001, 1e7), min_size=1, max_size=60)


def buckets_of(times: list[float]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for time in times:
        bucket = floor(200 * log10(time))
        counts[bucket] = counts.get(bucket, 0) + 1
    return counts


@given(TIMES)
def test_bins_hold_the_calls_between_their_edges_and_follow_one_another(times: list[float]) -> None:
    bins = histogram(buckets_of(times))
    assert len(bins) <= MOST_BINS
    assert sum(each.calls for each in bins) == len(times)
    assert all(before.to_ms == after.from_ms for before, after in pairwise(bins))
    for each in bins:
        near = [t for t in times if isclose(t, each.from_ms, rel_tol=1e-9) or isclose(t, each.to_ms, rel_tol=1e-9)]
        inside = sum(each.from_ms <= time < each.to_ms for time in times)
        assert abs(each.calls - inside) <= len(near)
    assert bins[0].calls
    assert bins[-1].calls


def test_powers_of_ten_are_edges_and_few_calls_get_fine_bins() -> None:
    bins = histogram(buckets_of([90.0, 105.0, 110.0, 300.0]))
    assert [round(each.from_ms, 1) for each in bins][:3] == [89.1, 100.0, 112.2]
    assert [each.calls for each in bins][:3] == [1, 2, 0]


def test_without_calls_there_are_no_bins() -> None:
    assert histogram({}) == ()
    assert reached_by({}, 5) is None


@given(TIMES, st.integers(1, 5))
def test_the_slowest_calls_reach_the_bound_that_spares_reading_the_rest(times: list[float], most: int) -> None:
    bound = reached_by(buckets_of(times), most)
    if len(times) < most:
        assert bound is None
    else:
        assert bound is not None
        assert sorted(times)[-most] >= bound


@pytest.mark.parametrize("decades", [1, 2, 4, 5, 10, 300])
def test_the_more_decades_the_wider_the_bins(decades: int) -> None:
    assert 8 <= len(histogram(buckets_of([1.0, 10.0**decades]))) <= MOST_BINS


def test_one_call_far_off_does_not_hide_how_the_others_lie() -> None:
    bins = histogram(buckets_of([40.0 + n for n in range(20)] + [1e9]))
    assert len(bins) <= MOST_BINS
    assert sum(1 for each in bins if each.calls) >= 3
    assert (bins[-1].calls, bins[-1].to_ms > 1e9) == (1, True)
    assert all(before.to_ms == after.from_ms for before, after in pairwise(bins))

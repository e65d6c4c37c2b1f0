"""Rounding of the start, periods that partition the data, and how long data of each period is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.local.metrics.samples import raw_sample
from lambdascope_proxy.local.metrics.windows import Window, window_of

DAY = 86_400
NOW = 1_795_000_020.0  # 20 s into a minute


@pytest.mark.parametrize(
    ("age_s", "granularity_s"),
    [(0, 60), (15 * DAY - 1, 60), (15 * DAY, 300), (63 * DAY - 1, 300), (63 * DAY, 3600), (500 * DAY, 3600)],
)
def test_the_start_is_rounded_down_by_its_age(age_s: int, granularity_s: int) -> None:
    start_s = NOW - age_s
    window = window_of(start_s, NOW, NOW)
    assert window.start_s % granularity_s == 0
    assert start_s - granularity_s < window.start_s <= start_s
    assert window.start_s % (granularity_s * 60) != 0  # not coarser than that


@given(
    seconds=st.lists(st.integers(-2000, 12_000), max_size=40),
    start_s=st.integers(0, 3000),
    length_s=st.integers(1, 9000),
    period_s=st.integers(1, 60).map(lambda minutes: minutes * 60),
)
def test_periods_partition_what_is_in_the_window(
    seconds: list[int], start_s: int, length_s: int, period_s: int
) -> None:
    """A sample lost between two periods, or in both of them, would show; so would a period outside of the window."""
    base = 1_800_000_000
    window = window_of(base + start_s, base + start_s + length_s, base + 20_000)
    samples = [raw_sample((base + second) * 1000, float(second), "None") for second in seconds]
    bins = window.bins(samples, period_s)
    inside = [each for each in samples if window.start_s * 1000 <= each.minute_ms < window.end_s * 1000]
    assert sorted(each.total for bin_ in bins.values() for each in bin_) == sorted(each.total for each in inside)
    assert set(bins) <= set(window.starts(period_s))
    assert list(bins) == sorted(bins)
    for begin_s, found in bins.items():
        assert all(begin_s * 1000 <= each.timestamp_ms < (begin_s + period_s) * 1000 for each in found)
    starts = list(window.starts(period_s))
    assert starts[0] == window.start_s
    assert starts[-1] < window.end_s <= starts[-1] + period_s


@pytest.mark.parametrize(
    ("period_s", "kept_days"), [(60, 15), (120, 15), (300, 63), (600, 63), (900, 63), (3600, 455), (7200, 455)]
)
def test_data_is_kept_as_long_as_its_period_allows(period_s: int, kept_days: int) -> None:
    for age_s, is_kept in ((kept_days * DAY - 1, True), (kept_days * DAY, False)):
        start_s = int(NOW) - age_s
        window = Window(start_s=start_s - start_s % 60, end_s=NOW, now_s=start_s - start_s % 60 + age_s)
        assert bool(window.bins([raw_sample(start_s * 1000, 1.0, "None")], period_s)) is is_kept


def test_a_minute_that_begins_before_the_end_counts_as_a_whole() -> None:
    base = 1_800_000_000
    window = window_of(base, base + 90, base + 1000)
    samples = [raw_sample((base + second) * 1000, 1.0, "None") for second in (0, 59, 89, 119, 120)]
    assert {start: len(each) for start, each in window.bins(samples, 60).items()} == {base: 2, base + 60: 2}

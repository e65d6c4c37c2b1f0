"""Two periods are cut into equal buckets of a length people name, with nothing left over."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.analyses.buckets import MOST, Buckets, size_for
from lambdascope_analytics.analyses.period import Period

START = datetime(2026, 11, 1, 10, 0, 0, 250_000, tzinfo=UTC)


def last(seconds: float, start: datetime = START) -> Period:
    return Period(start=start, end=start + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("seconds", "size"), [(3600, 60), (86_400, 1200), (7 * 86_400, 7200), (30 * 86_400, 43_200), (60, 60)]
)
def test_usual_periods_have_round_buckets(seconds: int, size: int) -> None:
    assert size_for(last(seconds), last(seconds)) == size


@given(st.floats(1, 4e8), st.floats(1, 4e8))
def test_buckets_cover_a_period_whole_and_are_not_too_many(before: float, after: float) -> None:
    size = size_for(last(before), last(after))
    cut = [Buckets.of(last(seconds), size) for seconds in (before, after)]
    assert sum(buckets.count for buckets in cut) <= MOST + 2
    for buckets, seconds in zip(cut, (before, after), strict=True):
        assert len(buckets.starts) == len(buckets.hours) == buckets.count
        # From the beginning of its second on.
        assert sum(buckets.hours) * 3600 == pytest.approx(seconds + 0.25, rel=1e-6)
        assert all(hours > 0 for hours in buckets.hours)


def test_the_last_bucket_takes_what_is_left() -> None:
    buckets = Buckets.of(last(150), 60)
    assert buckets.count == 2
    assert [round(hours * 3600, 2) for hours in buckets.hours] == [60, 90.25]
    assert buckets.starts[1] - buckets.starts[0] == timedelta(minutes=1)

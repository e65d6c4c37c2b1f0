"""Two periods are cut into buckets of a length people name, at whole parts of the day, with nothing left over."""

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
    # One more at each end of each.
    assert sum(buckets.count for buckets in cut) <= MOST + 4
    for buckets, seconds in zip(cut, (before, after), strict=True):
        assert len(buckets.spans) == len(buckets.hours) == buckets.count
        assert sum(buckets.hours) * 3600 == pytest.approx(seconds, rel=1e-6)
        assert all(0 < hours <= size / 3600 for hours in buckets.hours)


@given(st.integers(0, 86_400))
def test_buckets_lie_at_the_same_times_of_day_whenever_one_asks(later: int) -> None:
    # Would catch a grid that hangs on the moment of asking: then a change would be at another time a minute later.
    buckets = Buckets.of(last(7 * 86_400, START + timedelta(seconds=later)), 7200)
    assert {edge % 7200 for edge in buckets.edges[1:-1]} == {0}
    assert buckets.first * 7200 <= buckets.start_s < (buckets.first + 1) * 7200


def test_the_first_and_the_last_bucket_are_as_long_as_they_are_in_the_period() -> None:
    buckets = Buckets.of(last(150), 60)
    assert [round(hours * 3600, 2) for hours in buckets.hours] == [59.75, 60, 30.25]
    assert buckets.spans[1] == (
        START.replace(microsecond=0) + timedelta(minutes=1),
        START.replace(microsecond=0) + timedelta(minutes=2),
    )


def test_a_period_of_which_nothing_is_known_has_none() -> None:
    buckets = Buckets.of(last(150), 60, is_known=False)
    assert (buckets.count, buckets.hours, buckets.spans) == (0, (), ())

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.store.retention import expired_days
from lambdascope_analytics.store.segments import Segment

TODAY = date(2026, 11, 22)
days = st.integers(-2000, 400).map(lambda n: TODAY + timedelta(days=n))


def stored(*each: tuple[int, int]) -> list[Segment]:
    """Segments by days before today and size."""
    return [
        Segment(file=f"{number}", day=TODAY - timedelta(days=age), is_open=False, size=size)
        for number, (age, size) in enumerate(each)
    ]


def ages(expired: set[date]) -> list[int]:
    return sorted((TODAY - day).days for day in expired)


def expired(
    segments: list[Segment], *, today: date = TODAY, days: int | None = None, size: int | None = None
) -> list[int]:
    return ages(expired_days(segments, today=today, keep_days=days, keep_bytes=size))


def test_without_limits_nothing_expires() -> None:
    assert expired(stored((0, 10**12), (4000, 10**12))) == []


def test_days_older_than_what_is_kept_expire() -> None:
    assert expired(stored((0, 1), (1, 1), (29, 1), (30, 1), (31, 1)), days=30) == [30, 31]


def test_the_oldest_days_expire_until_the_rest_fits_and_the_newest_always_stays() -> None:
    history = stored((0, 50), (1, 30), (1, 10), (2, 20), (3, 20))
    assert expired(history, size=130) == []
    assert expired(history, size=100) == [2, 3]
    assert expired(history, size=110) == [3]
    assert expired(history, size=1) == [1, 2, 3]


def test_what_age_removes_counts_for_size() -> None:
    assert expired(stored((0, 50), (1, 50), (9, 1000)), days=5, size=100) == [9]


@pytest.mark.parametrize("jump", [30, 400, 36_500])
def test_a_clock_that_jumps_ahead_for_a_day_removes_nothing_else(jump: int) -> None:
    """Would catch an age measured from a day that one wrong clock made."""
    history = [*stored((0, 1), (5, 1), (29, 1)), *stored((-jump, 1))]
    ahead = TODAY + timedelta(days=jump)
    assert expired(history, today=ahead, days=30) == []
    assert expired(history, today=TODAY, days=30) == []


def test_a_clock_that_is_put_back_removes_nothing_it_did_not_before() -> None:
    history = stored((0, 1), (5, 1), (29, 1))
    assert expired(history, today=TODAY - timedelta(days=4000), days=30) == []
    assert expired(history, today=TODAY - timedelta(days=10), days=30) == []


def test_a_pause_of_years_ends_with_the_old_days_removed_once_there_are_new_ones() -> None:
    assert expired(stored((0, 1), (1, 1), (3000, 1), (3001, 1)), days=30) == [3000, 3001]


@given(
    st.lists(st.tuples(days, st.integers(0, 100)), max_size=20),
    st.none() | st.integers(1, 500),
    st.none() | st.integers(1, 500),
)
def test_what_stays_is_the_newest_and_one_day_always_does(
    drawn: list[tuple[date, int]], keep_days: int | None, keep_bytes: int | None
) -> None:
    found = [Segment(file=str(n), day=day, is_open=False, size=size) for n, (day, size) in enumerate(drawn)]
    gone = expired_days(found, today=TODAY, keep_days=keep_days, keep_bytes=keep_bytes)
    past = {day for day, _ in drawn if day <= TODAY}
    assert gone <= past
    assert not past or past - gone
    assert not gone or max(gone) < max(past)
    if keep_bytes is not None and len(past - gone) > 1:
        assert sum(size for day, size in drawn if day not in gone) <= keep_bytes

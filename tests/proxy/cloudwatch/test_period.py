"""How wide bins are: kept by CloudWatch at the window's age, few enough for an answer, the same for all who ask."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.cloudwatch.period import aligned, series_period_s, whole_period_s
from lambdascope_proxy.cloudwatch.window import Window

NOW = datetime(2026, 11, 22, 12, 0, 30, tzinfo=UTC)


def window(hours: float, ago: timedelta = timedelta(0)) -> Window:
    return Window(start=NOW - ago - timedelta(hours=hours), end=NOW - ago)


@pytest.mark.parametrize(
    ("hours", "period_s"),
    [
        (0.25, 60),
        (0.98, 60),
        (1, 120),  # 61 minutes are touched when it does not begin on one
        (3, 300),
        (6, 600),
        (12, 900),
        (24, 1800),
        (48, 3600),
        (7 * 24, 10_800),
        (14 * 24, 21_600),
        (30 * 24, 86_400),  # as above
        (63 * 24, 2 * 86_400),
        (455 * 24, 8 * 86_400),
    ],
)
def test_recent_windows_have_the_finest_bins_of_which_sixty_cover_them(hours: float, period_s: int) -> None:
    assert series_period_s(window(hours), NOW) == period_s


@pytest.mark.parametrize(
    ("ago", "period_s"),
    [
        (timedelta(days=14), 60),
        (timedelta(days=14, hours=23), 300),  # would be too old by the time AWS answers
        (timedelta(days=16), 300),
        (timedelta(days=62), 300),
        (timedelta(days=64), 3600),
        (timedelta(days=400), 3600),
    ],
)
def test_an_old_window_has_the_bins_that_are_still_kept(ago: timedelta, period_s: int) -> None:
    # Asked for finer ones, CloudWatch answers nothing, and nothing looks like no traffic.
    assert series_period_s(window(0.5, ago), NOW) == period_s


def test_fewer_points_make_wider_bins() -> None:
    assert series_period_s(window(3), NOW, points=12) == 1800


def test_a_window_is_widened_to_whole_bins() -> None:
    asked = Window(start=datetime(2026, 11, 22, 9, 7, 1, tzinfo=UTC), end=datetime(2026, 11, 22, 12, 0, tzinfo=UTC))
    assert aligned(asked, 300) == Window(
        start=datetime(2026, 11, 22, 9, 5, tzinfo=UTC), end=datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    )


@pytest.mark.parametrize(
    ("ago", "finest_s"), [(timedelta(0), 60), (timedelta(days=20), 300), (timedelta(days=70), 3600)]
)
def test_one_bin_covers_the_window_from_where_cloudwatch_rounds_its_start_to(ago: timedelta, finest_s: int) -> None:
    asked = window(2.51, ago)
    start = asked.start.timestamp() // finest_s * finest_s
    period_s = whole_period_s(asked, NOW)
    assert period_s % finest_s == 0
    assert start + period_s - finest_s < asked.end.timestamp() <= start + period_s


def test_without_now_a_window_is_taken_to_end_now() -> None:
    asked = window(20 * 24, timedelta(days=100))
    assert whole_period_s(asked) % 300 == 0
    assert whole_period_s(asked) < whole_period_s(asked, NOW)


def test_one_bin_of_an_aligned_window_is_exactly_that_window() -> None:
    # A series and the whole are asked for in one request, which has one start.
    binned = aligned(window(3), series_period_s(window(3), NOW))
    assert whole_period_s(binned, NOW) == binned.seconds


windows = st.builds(
    lambda ago, length: Window(start=NOW - timedelta(seconds=ago + length), end=NOW - timedelta(seconds=ago)),
    st.floats(0, 400 * 86_400),
    st.floats(0.001, 50 * 86_400),
)


@given(windows, st.integers(1, 500))
def test_bins_are_few_enough_kept_and_cover_the_window(asked: Window, points: int) -> None:
    period_s = series_period_s(asked, NOW, points)
    binned = aligned(asked, period_s)
    age = NOW - binned.start
    kept_s = 60 if age < timedelta(days=15) else 300 if age < timedelta(days=63) else 3600
    assert period_s % kept_s == 0
    assert binned.start <= asked.start
    assert asked.end <= binned.end
    assert binned.seconds <= points * period_s
    assert aligned(binned, period_s) == binned

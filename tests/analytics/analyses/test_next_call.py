"""The call that goes on from an answer asks about the same calls."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from lambdascope_analytics.analyses.next_call import call_of, time_range_of
from lambdascope_analytics.analyses.period import Period

NOW = datetime(2026, 11, 22, 12, 30, 15, 250_000, tzinfo=UTC)


def test_a_call_has_what_was_given_and_nothing_that_was_not() -> None:
    given = {"function_name": 'a "b" ü', "group_by": None, "time_range": {"last": "7d"}, "top": 3}
    told = 'analyze_errors(function_name="a \\"b\\" ü", time_range={"last": "7d"}, top=3)'
    assert call_of("analyze_errors", **given) == told
    assert call_of("analyze_cost", function_name=None) == "analyze_cost()"


@pytest.mark.parametrize(
    ("length", "last"),
    [
        (timedelta(days=7), "7d"),
        (timedelta(hours=36), "36h"),
        (timedelta(minutes=90), "90m"),
        (timedelta(days=1), "1d"),
    ],
)
def test_what_was_asked_about_the_last_days_goes_on_about_the_last_days(length: timedelta, last: str) -> None:
    end = NOW - timedelta(seconds=2)
    assert time_range_of(Period(start=end - length, end=end), NOW) == {"last": last}


def test_a_period_of_the_past_keeps_all_its_calls_in_whole_seconds() -> None:
    start, end = NOW - timedelta(days=9), NOW - timedelta(days=2)
    told = {"start": "2026-11-13T12:30:15Z", "end": "2026-11-20T12:30:16Z"}
    assert time_range_of(Period(start=start, end=end), NOW) == told
    zone = timezone(timedelta(hours=5))
    assert time_range_of(Period(start=start.astimezone(zone), end=end.astimezone(zone)), NOW) == told


def test_a_length_that_is_no_whole_unit_is_told_by_its_ends() -> None:
    assert time_range_of(Period(start=NOW - timedelta(seconds=90), end=NOW), NOW) == {
        "start": "2026-11-22T12:28:45Z",
        "end": "2026-11-22T12:30:16Z",
    }
    whole = NOW.replace(microsecond=0)
    assert time_range_of(Period(start=whole - timedelta(seconds=1), end=whole), NOW)["end"] == "2026-11-22T12:30:15Z"


def test_a_period_that_is_not_over_is_no_last_days() -> None:
    assert "last" not in time_range_of(Period(start=NOW - timedelta(days=1), end=NOW + timedelta(days=1)), NOW)

"""A stretch of time is understood in every form that people write, and refused by name in any other."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from lambdascope_analytics.analyses.period import Period
from lambdascope_analytics.errors import QuestionError
from lambdascope_analytics.time_range import period_of

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("30s", timedelta(seconds=30)),
        ("15m", timedelta(minutes=15)),
        ("1.5 h", timedelta(minutes=90)),
        ("7d", 7 * DAY),
        (" 2w ", 14 * DAY),
        (timedelta(hours=3), timedelta(hours=3)),
    ],
)
def test_a_length_ends_now(text: Any, length: timedelta) -> None:
    assert period_of(text, NOW) == Period(start=NOW - length, end=NOW)


@pytest.mark.parametrize(
    "pair",
    [
        ("2026-11-20", "2026-11-21"),
        (date(2026, 11, 20), date(2026, 11, 21)),
        ["2026-11-20T00:00:00Z", datetime(2026, 11, 21)],  # noqa: DTZ001 -- a time without a zone is UTC
        (datetime(2026, 11, 20, 2, tzinfo=timezone(timedelta(hours=2))), "2026-11-21T00:00:00+00:00"),
    ],
)
def test_two_times_are_the_period_between_them(pair: Any) -> None:
    start = datetime(2026, 11, 20, tzinfo=UTC)
    assert period_of(pair, NOW) == Period(start=start, end=start + DAY)


def test_a_period_is_what_it_is() -> None:
    period = Period(start=NOW - DAY, end=NOW)
    assert period_of(period, NOW) is period


@pytest.mark.parametrize(
    ("time_range", "words"),
    [
        ("yesterday", "'yesterday': give"),
        ("0d", "not before the end"),
        ("-3d", "'-3d'"),
        ("9999999w", "any calendar"),
        ("9" * 400 + "d", "any calendar"),
        (("2026-11-20",), "has 1 times"),
        (("2026-11-21", "2026-11-20"), "not before the end"),
        (("soon", "2026-11-20"), "'soon'"),
    ],
)
def test_what_means_no_time_is_refused_in_words(time_range: Any, words: str) -> None:
    with pytest.raises(QuestionError, match=words):
        period_of(time_range, NOW)

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.commands.history.moments import read_moment

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-20", datetime(2026, 11, 20, tzinfo=UTC)),
        ("2026-11-20T10:00", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("2026-11-20 10:00:00.000001Z", datetime(2026, 11, 20, 10, 0, 0, 1, tzinfo=UTC)),
        ("2026-11-20T10:00+05:30", datetime(2026, 11, 20, 10, tzinfo=timezone(timedelta(hours=5, minutes=30)))),
        (" 7d ", NOW - timedelta(days=7)),
        ("90m", NOW - timedelta(minutes=90)),
        ("2w", NOW - timedelta(days=14)),
    ],
)
def test_dates_times_and_how_long_ago_are_read(text: str, moment: datetime) -> None:
    assert read_moment(text, NOW) == moment


@pytest.mark.parametrize("text", ["", "yesterday", "7", "d7", "-7d", "2026-13-01", "999999999w", "7 d", "\u0667d"])
def test_what_is_no_time_is_refused_with_the_forms_there_are(text: str) -> None:
    with pytest.raises(ValueError, match="use 2026-11-22"):
        read_moment(text, NOW)


@given(st.text())
def test_any_text_is_a_moment_with_a_zone_or_refused(text: str) -> None:
    try:
        moment = read_moment(text, NOW)
    except ValueError:
        return
    assert moment.tzinfo is not None


@given(st.datetimes(timezones=st.just(UTC)))
def test_what_iso_writes_is_read_back(moment: datetime) -> None:
    assert read_moment(moment.isoformat(), NOW) == moment

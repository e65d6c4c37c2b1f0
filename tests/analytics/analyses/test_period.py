"""A period is unmistakable, and knows the one before it."""

from datetime import UTC, datetime, timedelta

import pytest

from lambdascope_analytics.analyses.period import Period
from lambdascope_analytics.errors import QuestionError

START = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def test_the_previous_period_is_as_long_and_ends_where_this_one_starts() -> None:
    period = Period(start=START, end=START + 3 * DAY)
    assert period.previous() == Period(start=START - 3 * DAY, end=START)
    assert period.seconds == 3 * 86_400
    assert period.parameters == {"started_after": START, "started_before": START + 3 * DAY}


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        (START, START, "start"),
        (START + DAY, START, "start"),
        (START.replace(tzinfo=None), START + DAY, "start"),
        (START, (START + DAY).replace(tzinfo=None), "end"),
    ],
)
def test_a_period_that_makes_no_sense_is_refused_by_the_field_that_does_not(
    start: datetime, end: datetime, field: str
) -> None:
    with pytest.raises(QuestionError) as refused:
        Period(start=start, end=end)
    assert refused.value.field == field


def test_what_is_to_come_is_no_part_of_a_period_and_one_that_is_all_to_come_is_refused() -> None:
    period = Period(start=START, end=START + 3 * DAY)
    assert period.up_to(START + DAY) == Period(start=START, end=START + DAY)
    assert period.up_to(START + 3 * DAY) == period.up_to(START + 9 * DAY) == period
    with pytest.raises(QuestionError, match="start is in the future: 2026-11-01") as refused:
        period.up_to(START)
    assert refused.value.field == "start"


def test_where_the_calendar_begins_there_is_no_period_before() -> None:
    # An OverflowError would pass every edge that turns questions without sense into answers.
    early = Period(start=datetime(1, 1, 2, tzinfo=UTC), end=datetime(1, 1, 4, tzinfo=UTC))
    with pytest.raises(QuestionError, match="start is so early that there is no period as long before it") as refused:
        early.previous()
    assert refused.value.field == "start"
    assert Period(start=early.start, end=early.start + DAY).previous().start == datetime(1, 1, 1, tzinfo=UTC)

"""Tables of an answer, and what goes with them; real answers are in the tests of frames."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from lambdascope_analytics.analyses.period import Period
from lambdascope_analytics.answer_frame import answer_frame, course_frame
from lambdascope_analytics.errors import QuestionError

NOW = datetime(2026, 2, 3, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    group: str
    calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    spent_usd: tuple[float | None, ...]
    expected_usd: tuple[float | None, ...]


COURSE = Course(spent_usd=(1.0, 2.5, None), expected_usd=(None, 2.5, 4.0))
DAY_BEFORE = Period(start=NOW - timedelta(days=1), end=NOW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    group_by: str
    groups: tuple[Group, ...] = ()
    total: Group | None = None
    month: str = "2026-02"
    course: Course = COURSE
    summary: str = "3 calls."
    period: Period = DAY_BEFORE
    calls: int = 3
    notes: tuple[str, ...] = ("one",)
    next_step: str = "Ask again."


def groups(*names: str) -> tuple[Group, ...]:
    return tuple(Group(group=name, calls=number) for number, name in enumerate(names))


def test_groups_are_in_the_order_of_the_answer_unless_they_are_times() -> None:
    # Dearest first is what one reads; a line over days must not go back and forth.
    assert list(answer_frame(Answer(group_by="tool", groups=groups("b", "a")), "groups")["group"]) == ["b", "a"]
    days = answer_frame(Answer(group_by="day", groups=groups("2026-02-02", "2026-02-01")), "groups")
    assert list(days["group"]) == [NOW - timedelta(days=2), NOW - timedelta(days=1)]
    assert list(days["calls"]) == [1, 0]


def test_what_is_one_or_none_is_a_table_of_one_row_or_none() -> None:
    total = Group(group="all", calls=3)
    assert answer_frame(Answer(group_by="tool", total=total), "total").to_dict("records") == [
        {"group": "all", "calls": 3}
    ]
    assert len(answer_frame(Answer(group_by="tool"), "total")) == 0


def test_the_course_of_a_forecast_is_a_row_for_each_day() -> None:
    frame = course_frame(Answer(group_by="tool"))
    assert list(frame["day"]) == [datetime(2026, 2, day, tzinfo=UTC) for day in (1, 2, 3)]
    assert {str(frame[name].dtype) for name in ("spent_usd", "expected_usd")} == {"float64"}
    assert frame["expected_usd"].isna().tolist() == [True, False, False]


@pytest.mark.parametrize(
    "frame", [answer_frame(Answer(group_by="tool"), "groups"), course_frame(Answer(group_by="tool"))]
)
def test_what_the_answer_says_of_itself_goes_with_every_table(frame: pd.DataFrame) -> None:
    period = {"start": "2026-02-02T00:00:00Z", "end": "2026-02-03T00:00:00Z"}
    words = {"summary": "3 calls.", "notes": ["one"], "next_step": "Ask again."}
    assert frame.attrs == {**words, "period": period, "calls": 3, "not_listed": {}}


def test_a_part_that_is_none_is_refused_with_those_there_are() -> None:
    with pytest.raises(QuestionError, match="part is 'group': use one of groups, total, course, period"):
        answer_frame(Answer(group_by="tool"), "group")


def test_what_was_cut_is_counted() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Cut(Answer):
        not_listed: Mapping[str, int]

    frame = answer_frame(Cut(group_by="tool", not_listed={"groups": 68}), "groups")
    assert frame.attrs["not_listed"] == {"groups": 68}

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.store.merging import FULL_BYTES, plan_merges
from lambdascope_analytics.store.segments import Segment

TODAY = date(2026, 11, 22)
KIB = 1 << 10

sizes = st.sampled_from([0, 1, 9 * KIB, 63 * KIB, 64 * KIB, 600 * KIB, 5 << 20, 30 << 20, FULL_BYTES - 1, FULL_BYTES])
days = st.sampled_from([TODAY - timedelta(days=n) for n in (4000, 5, 4, 3, 1, 0, -1, -400)] + [date.min, date.max])
kinds = st.lists(st.tuples(days, st.booleans(), sizes), max_size=60)


def segment(number: int, day: date, size: int, *, is_open: bool = False) -> Segment:
    name = f"segments/date={day}/h-1-{number:08x}-{'open' if is_open else 'settled'}.parquet"
    return Segment(file=name, day=day, is_open=is_open, size=size)


def is_old(part: Segment) -> bool:
    """Whether all rows of its day have settled, by three days that began when it was over."""
    return TODAY - part.day > timedelta(days=4)


def some(count: int, size: int, day: date = TODAY, *, is_open: bool = False) -> list[Segment]:
    return [segment(number, day, size, is_open=is_open) for number in range(count)]


@given(kinds)
def test_a_plan_takes_each_segment_once_and_only_those_of_one_day_and_kind_together(
    drawn: list[tuple[date, bool, int]],
) -> None:
    """Would catch rows written twice, and a merge that mixes days."""
    found = [segment(number, day, size, is_open=is_open) for number, (day, is_open, size) in enumerate(drawn)]
    groups = plan_merges(found, today=TODAY)
    taken = Counter(part.file for group in groups for part in group)
    assert set(taken.values()) <= {1}
    assert all(len({part.day for part in group}) == 1 for group in groups)
    assert all(is_old(group[0]) or len({part.is_open for part in group}) == 1 for group in groups)
    assert all(len(group) > 1 or (is_old(group[0]) and group[0].is_open) for group in groups)
    assert all(sum(part.size for part in group) <= max(2 * FULL_BYTES, group[0].size) for group in groups)


@given(kinds, st.floats(0.1, 1.2), st.booleans())
def test_merging_comes_to_an_end(drawn: list[tuple[date, bool, int]], shrink: float, all_settle: bool) -> None:
    """Would catch a compaction that rewrites the same rows for ever."""
    found = [segment(number, day, size, is_open=is_open) for number, (day, is_open, size) in enumerate(drawn)]
    number, rounds = len(found), 0
    while groups := plan_merges(found, today=TODAY):
        group = groups[0]
        gone = {part.file for part in group}
        size = int(sum(part.size for part in group) * shrink)
        is_open = any(part.is_open for part in group) and not (is_old(group[0]) or all_settle)
        merged = segment(number, group[0].day, size, is_open=is_open)
        found = [part for part in found if part.file not in gone] + [merged]
        number, rounds = number + 1, rounds + 1
        assert rounds <= 3 * len(drawn)


def test_a_day_that_goes_on_waits_for_eight_of_like_size() -> None:
    assert plan_merges(some(7, 10 * KIB), today=TODAY) == []
    assert [len(group) for group in plan_merges(some(8, 10 * KIB), today=TODAY)] == [8]
    mixed = [replace(part, file=f"{part.file}{n}") for n, size in enumerate((KIB, 100 * KIB)) for part in some(7, size)]
    assert plan_merges(mixed, today=TODAY) == []


def test_a_past_day_becomes_one_file_of_each_kind() -> None:
    yesterday = TODAY - timedelta(days=1)
    parts = some(3, 10 * KIB, yesterday) + some(2, KIB, yesterday, is_open=True)
    assert [len(group) for group in plan_merges(parts, today=TODAY)] == [2, 3]
    assert plan_merges(some(1, KIB, yesterday, is_open=True), today=TODAY) == []


def test_full_segments_are_left_alone() -> None:
    assert plan_merges(some(9, FULL_BYTES, TODAY - timedelta(days=9)), today=TODAY) == []


def test_open_segments_of_a_day_whose_rows_have_settled_are_rewritten_even_alone_and_full() -> None:
    """Open rows are joined with the amendments in every query: they must not stay so for ever."""
    for size in (KIB, FULL_BYTES, 10 * FULL_BYTES):
        (lone,) = some(1, size, TODAY - timedelta(days=5), is_open=True)
        assert plan_merges([lone], today=TODAY) == [[lone]]
        assert plan_merges([replace(lone, day=TODAY - timedelta(days=4))], today=TODAY) == []
        assert plan_merges([replace(lone, is_open=False)], today=TODAY) == []

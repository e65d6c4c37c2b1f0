"""Pages bring every point once, in order, whatever their size and whatever came in between."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.local.metrics.point_pages import point_page, position_of, token_of
from lambdascope_proxy.local.metrics.samples import Series

SERIES = st.lists(st.dictionaries(st.integers(0, 30).map(lambda n: n * 60), st.floats(0, 9), max_size=12), max_size=5)


def series_of(points: list[dict[int, float]]) -> list[Series]:
    return [Series(label="", period_s=60, points=each) for each in points]


@given(points=SERIES, size=st.integers(1, 9), newest_first=st.booleans())
def test_paging_returns_every_point_once_and_in_order(
    points: list[dict[int, float]], size: int, newest_first: bool
) -> None:
    series, found = series_of(points), [[] for _ in points]
    after, is_last = None, [False for _ in points]
    for _ in range(100):
        page = point_page(series, size, after, newest_first=newest_first)
        assert sum(map(len, page.points)) <= size
        for place, shown in enumerate(page.points):
            assert not (is_last[place] and shown), "a series said to be complete went on"
            found[place] += shown
        is_last, after = list(page.is_last), page.end
        if after is None:
            break
    assert all(is_last)
    assert found == [sorted(each.items(), reverse=newest_first) for each in points]


def test_a_point_that_came_after_the_first_page_is_in_no_later_one() -> None:
    """An offset instead of a position would bring the last point of the first page again."""
    points = {60: 1.0, 120: 2.0, 180: 3.0}
    page = point_page(series_of([points]), 1, None, newest_first=True)
    assert page.points == [[(180, 3.0)]]
    rest = point_page(series_of([{**points, 240: 4.0}]), 9, page.end, newest_first=True)
    assert rest.points == [[(120, 2.0), (60, 1.0)]]


def test_a_token_serves_its_own_question_only() -> None:
    token = token_of((180, 2), "q")
    assert position_of(token, "q") == (180, 2)
    for wrong, question in ((token, "other"), ("", "q"), ("%%", "q"), ("bnVsbA==", "q"), ("WzEsMl0=", "q")):
        with pytest.raises(ValueError):  # noqa: PT011 - whatever is wrong with it
            position_of(wrong, question)

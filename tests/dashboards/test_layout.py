"""The grid of a dashboard."""

from hypothesis import given
from hypothesis import strategies as st

from lambdascope_dashboards.layout import COLUMNS, bottom, places

SIZES = st.lists(st.tuples(st.integers(1, COLUMNS), st.integers(1, 9)), max_size=12)


def test_panels_stand_beside_each_other_until_a_line_is_full() -> None:
    taken = places([(12, 8), (12, 4), (8, 8), (24, 3)], top=1)
    assert taken == [(0, 1, 12, 8), (12, 1, 12, 4), (0, 9, 8, 8), (0, 17, 24, 3)]
    assert bottom(taken, top=1) == 20


def test_below_nothing_is_the_top() -> None:
    assert bottom([], top=7) == 7


@given(sizes=SIZES, top=st.integers(0, 50))
def test_no_panel_covers_another_or_leaves_the_grid(sizes: list[tuple[int, int]], top: int) -> None:
    cells: set[tuple[int, int]] = set()
    for place in places(sizes, top=top):
        own = {(place.x + x, place.y + y) for x in range(place.width) for y in range(place.height)}
        assert not own & cells
        assert max(x for x, _ in own) < COLUMNS
        assert min(y for _, y in own) >= top
        cells |= own

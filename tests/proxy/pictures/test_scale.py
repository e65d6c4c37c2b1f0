"""Axes: where values stand, and where ticks are."""

import math
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lambdascope_proxy.pictures.scale import WIDE, Scale, finite_edges, is_wide, scale_of

VALUES = st.lists(st.floats(min_value=-1e12, max_value=1e12), min_size=1, max_size=20)


@example([5e-324], 2)
@given(VALUES, st.integers(min_value=2, max_value=9))
def test_every_value_has_a_place_in_their_order_and_ticks_lie_between_the_ends(values: list[float], most: int) -> None:
    scale = scale_of(values)
    places = [scale.place(value) for value in sorted(values)]
    assert places == sorted(places)
    assert all(0.0 <= place <= 1.0 for place in places)
    ticks = scale.ticks(most)
    slack = (scale.high - scale.low) * 1e-6
    assert 1 <= len(ticks) <= most
    assert all(scale.low - slack <= tick <= scale.high + slack for tick in ticks)
    assert all(low < high for low, high in pairwise(ticks))


def test_a_linear_axis_begins_at_zero_so_that_heights_compare() -> None:
    assert scale_of([40.0, 50.0]) == Scale(low=0.0, high=50.0)
    assert scale_of([-2.0, 8.0]) == Scale(low=-2.0, high=8.0)
    assert scale_of([0.0]) == Scale(low=0.0, high=1.0)
    assert scale_of([0.0, 8.0]).ticks(5) == [0.0, 2.0, 4.0, 6.0, 8.0]


def test_an_axis_is_logarithmic_only_where_small_values_would_all_look_like_zero() -> None:
    wide = scale_of([1.0, WIDE])
    assert wide.is_log
    assert wide.place(math.sqrt(WIDE)) == pytest.approx(0.5)
    assert wide.ticks(4) == [1.0, 10.0, 100.0, 1000.0]
    assert wide.ticks(2) == [1.0, 100.0]
    assert not scale_of([1.0, WIDE - 1]).is_log
    assert not scale_of([0.0, WIDE]).is_log, "zero has no logarithm"
    assert not scale_of([1.0, WIDE], may_be_log=False).is_log
    assert not is_wide([None])


def test_a_place_beyond_the_ends_is_at_the_end() -> None:
    assert [Scale(low=0.0, high=2.0).place(value) for value in (-1.0, 1.0, 9.0)] == [0.0, 0.5, 1.0]
    assert Scale(low=1.0, high=100.0, is_log=True).place(0.0) == 0.0


def test_edges_without_end_or_at_zero_get_one_that_can_be_drawn() -> None:
    assert finite_edges((0.0, 10.0, 20.0)) == ((0.0, 10.0, 20.0), False)
    assert finite_edges((0.0, 10.0, 20.0, math.inf)) == ((0.0, 10.0, 20.0, 30.0), False)
    assert finite_edges((0.0, 1.0, 10.0, 1000.0, math.inf)) == ((0.1, 1.0, 10.0, 1000.0, 100_000.0), True)
    assert finite_edges((5.0, 10.0, 20.0, 40.0, 80.0)) == ((5.0, 10.0, 20.0, 40.0, 80.0), False)
    assert finite_edges((5.0, 10.0, 20.0, 40.0, 100.0))[1], "narrow and wide bins together need a logarithmic axis"
    assert not finite_edges(tuple(10.0 * at for at in range(1_000)))[1], "equal bins do not, however far they go"
    assert finite_edges((0.0, math.inf)) == ((0.0, 1.0), False)
    assert finite_edges((5.0, 5.0)) == ((5.0, 6.0), False), "an axis needs two ends"


@given(
    st.lists(st.just(0.0) | st.floats(min_value=1e-6, max_value=1e9), min_size=2, max_size=20, unique=True),
    st.booleans(),
)
def test_edges_stay_in_their_order(edges: list[float], is_open: bool) -> None:
    drawn, _ = finite_edges((*sorted(edges), *([math.inf] if is_open else [])))
    assert all(math.isfinite(edge) for edge in drawn)
    assert all(low < high for low, high in pairwise(drawn))

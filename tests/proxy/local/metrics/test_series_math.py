"""Operators and functions on series, with the tables of AWS's documentation as the golden cases."""

import pytest

from lambdascope_proxy.local.metrics.samples import Series
from lambdascope_proxy.local.metrics.series_math import Value, choose, combine, fill, rate, reduce_series, repeat

GAP = None


def ts(*values: float | None, period_s: int = 60, start_s: int = 0) -> Series:
    points = {start_s + place * period_s: float(value) for place, value in enumerate(values) if value is not None}
    return Series(label="", period_s=period_s, points=points)


def values(value: Value, count: int = 5) -> list[float | None]:
    assert isinstance(value, Series)
    return [value.points.get(place * value.period_s) for place in range(count)]


# metric1 and metric2 of the documentation's example of comparisons
ONE, TWO = ts(30, 20, 0, 0), ts(20, GAP, 20, GAP)


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (combine("<", ONE, TWO), [0, 0, 1, 0]),
        (combine(">=", ONE, 30.0), [1, 0, 0, 0]),
        (combine("AND", combine(">", ONE, 15.0), combine(">", TWO, 15.0)), [1, 0, 0, 0]),
        (combine("OR", combine(">", ONE, 15.0), combine(">", TWO, 15.0)), [1, 1, 1, 0]),
        (combine("==", ONE, TWO), [0, 0, 0, 1]),
        (combine("!=", ONE, TWO), [1, 1, 1, 0]),
        (combine("+", ONE, TWO), [50, 20, 20, 0]),
        (combine("-", TWO, ONE), [-10, -20, 20, 0]),
        (combine("/", ONE, TWO), [1.5, GAP, 0, GAP]),  # 20/0 and 0/0 are dropped
        (combine("*", TWO, 2.0), [40, GAP, 40, GAP]),
        (combine("/", 100.0, ONE), [pytest.approx(10 / 3), 5, GAP, GAP]),
        (combine("^", ONE, 2.0), [900, 400, 0, 0]),
        (combine("^", ts(-8), 0.5), [GAP]),
        (combine("^", ts(10), 1000.0), [GAP]),
        (combine("+", TWO, None), []),
    ],
)
def test_operators_treat_gaps_as_documented(result: Value, expected: list[float | None]) -> None:
    assert values(result) == [*expected, *[None] * (5 - len(expected))]


def test_scalars_combine_to_a_scalar() -> None:
    assert combine("+", 1.0, 2.0) == 3
    assert combine("<", 1.0, 2.0) == 1
    assert combine("/", 1.0, 0.0) is None


def test_an_array_combines_with_each_of_its_series() -> None:
    result = combine("/", (ONE, TWO), 10.0)
    assert isinstance(result, tuple)
    assert [values(each, 4) for each in result] == [[3, 2, 0, 0], [2, GAP, 2, GAP]]
    result = combine("-", TWO, (ONE,))
    assert isinstance(result, tuple)
    assert [values(each, 4) for each in result] == [[-10, -20, 20, 0]]


# the three tables of the documentation of IF
C, M2, M3 = ts(1, 1, 0, 0, GAP), ts(30, GAP, 0, 0, 30), ts(0, 0, 20, GAP, 20)


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (choose(C, M2, M3), [30, 0, 20, GAP, GAP]),
        (choose(C, 5.0, M3), [5, 5, 20, GAP, GAP]),
        (choose(C, M2, 5.0), [30, 0, 5, 5, GAP]),
        (choose(C, 1.0, 2.0), [1, 1, 2, 2, GAP]),
        (choose(C, M2, None), [30, 0, GAP, GAP, GAP]),
        (choose(2.0, M2, M3), [30, GAP, 0, 0, 30]),
        (choose(0.0, M2, M3), [0, 0, 20, GAP, 20]),
        (choose(0.0, M2, None), [GAP] * 5),
        (choose(None, M2, M3), [GAP] * 5),
    ],
)
def test_if_chooses_as_documented(result: Series, expected: list[float | None]) -> None:
    assert values(result) == expected


@pytest.mark.parametrize(
    ("name", "scalar", "series"),
    [("SUM", 50, [50, 50, 20]), ("AVG", 25, [25, 25, 10]), ("MIN", 20, None), ("MAX", 30, None)],
)
def test_functions_make_a_scalar_of_a_series_and_a_series_of_an_array(
    name: str, scalar: float, series: list[float] | None
) -> None:
    assert reduce_series(name, ts(30, 20)) == scalar
    gaps = (ts(30, 20, GAP), ts(20, 30, 20))
    if series is None:
        assert values(reduce_series(name, (ts(30, 20), ts(25, 10))), 2) == ([25, 10] if name == "MIN" else [30, 20])
        with pytest.raises(ValueError, match="gaps is not documented"):
            reduce_series(name, gaps)
    else:
        assert values(reduce_series(name, gaps), 3) == series


def test_an_empty_series_sums_to_nothing_and_has_no_average() -> None:
    assert reduce_series("SUM", ts()) == 0
    assert [reduce_series(name, ts()) for name in ("AVG", "MIN", "MAX")] == [None, None, None]


def test_gaps_are_filled_with_a_number_or_with_what_was_before() -> None:
    sparse, times = ts(GAP, 5, GAP, 7), range(0, 300, 60)
    assert values(fill(sparse, times, 0.0)) == [0, 5, 0, 7, 0]
    assert values(repeat(sparse, times)) == [GAP, 5, 5, 7, 7]


def test_a_rate_is_per_second_since_the_point_before() -> None:
    assert values(rate(ts(0, 60, GAP, 300, 0))) == [GAP, 1, GAP, 2, -5]


@pytest.mark.parametrize(
    ("operands", "message"),
    [
        ((ONE, ts(1, period_s=300)), "one period"),
        (((ONE,), (TWO,)), "two arrays"),
        ((ONE, (ONE, ts(1, period_s=300))), "one period"),
    ],
)
def test_operands_that_do_not_go_together_are_refused(operands: tuple[Value, Value], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        combine("+", *operands)


@pytest.mark.parametrize("arguments", [((ONE,), ONE, ONE), (ONE, (ONE,), ONE), (1.0, 2.0, ONE), (1.0, ONE, 3.0)])
def test_if_refuses_what_it_is_not_documented_for(arguments: tuple[Value, Value, Value]) -> None:
    with pytest.raises(ValueError, match=r"IF|single"):
        choose(*arguments)


def test_a_comparison_takes_no_arrays() -> None:
    with pytest.raises(ValueError, match="array"):
        combine("<", (ONE,), 1.0)

"""What metric math does with numbers and series; a scalar that has no value, as the average of nothing, is None.

As documented, a value missing in one of two series counts as 0, and a point that would be divided by 0 is dropped; so
is one whose result is no number. Where the documentation leaves open what a gap means, series with gaps are refused.
"""

import math
import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from lambdascope_proxy.local.metrics.samples import Series

Scalar = float | None
Value = Scalar | Series | tuple[Series, ...]
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "AND": lambda left, right: bool(left and right),
    "OR": lambda left, right: bool(left or right),
}
_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda left, right: left / right,
    "^": math.pow,
}


def combine(sign: str, left: Value, right: Value) -> Value:
    """Apply an operator. Raises: ValueError, for operands that do not go together."""
    if isinstance(left, tuple) or isinstance(right, tuple):
        return _combine_arrays(sign, left, right)
    if isinstance(left, Series):
        return _combine_series(sign, left, right)
    if isinstance(right, Series):
        return _series(right, {at: _apply(sign, left, value) for at, value in right.points.items()})
    return _apply(sign, left, right)


def _combine_series(sign: str, left: Series, right: Series | Scalar) -> Series:
    if not isinstance(right, Series):
        return _series(left, {at: _apply(sign, value, right) for at, value in left.points.items()})
    same_period([left, right])
    times = sorted(left.points.keys() | right.points.keys())
    return _series(left, {at: _apply(sign, left.points.get(at, 0.0), right.points.get(at, 0.0)) for at in times})


def _combine_arrays(sign: str, left: Value, right: Value) -> Value:
    if sign in _COMPARISONS:
        raise ValueError(f"{sign} does not take an array of time series")
    if isinstance(left, tuple) and isinstance(right, tuple):
        raise ValueError(f"{sign} does not take two arrays of time series")
    if isinstance(left, tuple):
        return tuple(one_series(combine(sign, each, right)) for each in left)
    assert isinstance(right, tuple)
    return tuple(one_series(combine(sign, left, each)) for each in right)


def _apply(sign: str, left: Scalar, right: Scalar) -> Scalar:
    if left is None or right is None:
        return None
    if sign in _COMPARISONS:
        return float(_COMPARISONS[sign](left, right))
    try:
        result = _ARITHMETIC[sign](left, right)
    except (ZeroDivisionError, OverflowError, ValueError):
        return None
    return result if math.isfinite(result) else None


def one_series(value: Value) -> Series:
    """A single series. Raises: ValueError, if it is not one."""
    if not isinstance(value, Series):
        raise ValueError("a single time series is needed")
    return value


def each_series(value: Value, change: Callable[[Series], Series]) -> Value:
    """Change a series, or each one of an array. Raises: ValueError, for a scalar."""
    return tuple(change(each) for each in value) if isinstance(value, tuple) else change(one_series(value))


def each_value(change: Callable[[float], float]) -> Callable[[Series], Series]:
    """The change of a series that changes every value by itself."""
    return lambda series: _series(series, {at: float(change(value)) for at, value in series.points.items()})


def same_period(series: Sequence[Series]) -> int:
    """The period of all. Raises: ValueError, if they differ or there is none."""
    periods = {each.period_s for each in series}
    if len(periods) != 1:
        raise ValueError("time series of one period are needed")
    return periods.pop()


def reduce_series(name: str, value: Value) -> Value:
    """SUM, AVG, MIN or MAX: a series becomes a scalar, an array a series. Raises: ValueError, where it is not known."""
    if isinstance(value, tuple):
        return _reduce_array(name, value)
    values = list(one_series(value).points.values())
    if name == "SUM":
        return math.fsum(values)
    return _AGGREGATES[name](values) if values else None


def _reduce_array(name: str, series: tuple[Series, ...]) -> Series:
    same_period(series)
    times = sorted({at for each in series for at in each.points})
    if name in {"MIN", "MAX"} and any(len(each.points) < len(times) for each in series):
        raise ValueError(f"what {name} makes of gaps is not documented: FILL them first")
    points = {at: _AGGREGATES[name]([each.points.get(at, 0.0) for each in series]) for at in times}
    return replace(series[0], points=points)


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


_AGGREGATES: dict[str, Callable[[Sequence[float]], float]] = {"SUM": math.fsum, "AVG": _mean, "MIN": min, "MAX": max}


def fill(series: Series, times: Iterable[int], filler: Scalar) -> Series:
    """Give every period without data the filler."""
    return _series(series, {at: series.points.get(at, filler) for at in times})


def repeat(series: Series, times: Iterable[int]) -> Series:
    """Give every period without data the value before it, if there is one."""
    points: dict[int, Scalar] = {}
    last: Scalar = None
    for at in times:
        last = points[at] = series.points.get(at, last)
    return _series(series, points)


def rate(series: Series) -> Series:
    """The change since the point before, per second; the first point has none."""
    known = sorted(series.points.items())
    return _series(series, {at: (value - last) / (at - last_at) for (last_at, last), (at, value) in pairwise(known)})


def choose(condition: Value, then: Value, otherwise: Value) -> Series:
    """IF: for each point of the condition one of the two. Raises: ValueError, for operands it is not documented for."""
    if isinstance(then, tuple) or isinstance(otherwise, tuple) or isinstance(condition, tuple):
        raise ValueError("IF does not take an array of time series")
    if not isinstance(condition, Series):
        return _choose_once(condition, then, otherwise)
    same_period([each for each in (condition, then, otherwise) if isinstance(each, Series)])

    def chosen(at: int, is_true: float) -> Scalar:
        value = then if is_true else otherwise
        if isinstance(value, Series):
            return value.points.get(at, 0.0 if is_true else None)
        return value

    return _series(condition, {at: chosen(at, value) for at, value in condition.points.items()})


def _choose_once(condition: Scalar, then: Scalar | Series, otherwise: Scalar | Series) -> Series:
    series = one_series(then)
    if not (otherwise is None or isinstance(otherwise, Series)):
        raise ValueError("IF with a scalar condition takes time series")
    if condition:
        return series
    return replace(series, points={}) if condition is None or otherwise is None else otherwise


def _series(like: Series, points: "dict[int, Scalar] | dict[int, float]") -> Series:
    return replace(like, points={at: value for at, value in points.items() if value is not None})

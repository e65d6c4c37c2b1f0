"""Metric math over the queries of one request: names become series, and functions are applied."""

import math
from collections.abc import Callable, Mapping, Sequence

from lambdascope_proxy.local.metrics.asked import invalid
from lambdascope_proxy.local.metrics.expressions import Array, Call, Name, Node, Number, Operation, Text
from lambdascope_proxy.local.metrics.samples import Series
from lambdascope_proxy.local.metrics.series_math import (
    Value,
    choose,
    combine,
    each_series,
    each_value,
    fill,
    one_series,
    rate,
    reduce_series,
    repeat,
)
from lambdascope_proxy.local.metrics.windows import Window

_EACH: Mapping[str, Callable[[Series], Series]] = {
    "ABS": each_value(abs),
    "CEIL": each_value(math.ceil),
    "FLOOR": each_value(math.floor),
    "RATE": rate,
}
_MAX_DEPTH = 100
_REDUCE = ("SUM", "AVG", "MIN", "MAX")


class Evaluation:
    """Evaluates expressions by id, each once."""

    def __init__(self, metrics: Mapping[str, Series], expressions: Mapping[str, Node], window: Window) -> None:
        self._metrics = metrics
        self._expressions = expressions
        self._window = window
        self._values: dict[str, Value] = {}
        self._under_way: list[str] = []
        self._depth = 0

    def series(self, expression_id: str) -> Sequence[Series]:
        """The series an expression comes to. Raises: AwsError, which names the expression."""
        try:
            value = self._named(expression_id)
            if isinstance(value, tuple):
                return value
            if not isinstance(value, Series):
                raise ValueError("the result must be a time series or an array of them, not a number")
        except ValueError as error:
            raise invalid(f"Error in expression '{expression_id}': {error}.") from None
        return [value]

    def _named(self, name: str) -> Value:
        if name in self._metrics:
            return self._metrics[name]
        if name not in self._expressions:
            raise ValueError(f"there is no {name!r}, or it is not implemented by the local AWS")
        if name in self._under_way:
            raise ValueError(f"{name!r} refers to itself")
        if name not in self._values:
            self._under_way.append(name)
            self._values[name] = self._value(self._expressions[name])
            self._under_way.pop()
        return self._values[name]

    def _value(self, node: Node) -> Value:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise ValueError("nested too deeply")
        value = self._value_of(node)
        self._depth -= 1
        return value

    def _value_of(self, node: Node) -> Value:
        if isinstance(node, Number):
            return node.value
        if isinstance(node, Name):
            return self._named(node.name)
        if isinstance(node, Text):
            raise ValueError("a string is an argument of METRICS only")
        if isinstance(node, Array):
            return self._array(node)
        return self._call(node) if isinstance(node, Call) else self._operation(node)

    def _operation(self, node: Node) -> Value:
        later: list[Operation] = []
        while isinstance(node, Operation):  # a long sum is deep on its left side only
            later.append(node)
            node = node.left
        value = self._value(node)
        for operation in reversed(later):
            value = combine(operation.operator, value, self._value(operation.right))
        return value

    def _array(self, array: Array) -> Value:
        values = [self._value(item) for item in array.items]
        series = [each for value in values for each in (value if isinstance(value, tuple) else (one_series(value),))]
        if not series:
            raise ValueError("an empty array")
        return tuple(series)

    def _call(self, call: Call) -> Value:
        if call.function in _EACH:
            return each_series(self._value(_arguments(call, 1)[0]), _EACH[call.function])
        if call.function in _REDUCE:
            return reduce_series(call.function, self._value(_arguments(call, 1)[0]))
        if call.function == "METRICS":
            return self._all_metrics(call)
        if call.function == "PERIOD":
            return self._period(_arguments(call, 1)[0])
        if call.function == "FILL":
            return self._fill(*_arguments(call, 2))
        if call.function == "IF":
            return self._if(*_arguments(call, 2, 3))
        raise ValueError(f"the function {call.function} is not implemented by the local AWS")

    def _all_metrics(self, call: Call) -> Value:
        (text,) = _arguments(call, 0, 1) or (Text(""),)
        if not isinstance(text, Text):
            raise ValueError("METRICS takes a string or nothing")
        found = tuple(series for name, series in self._metrics.items() if text.text in name)
        if not found:
            raise ValueError("METRICS finds no metric")
        return found

    def _period(self, node: Node) -> Value:
        if not isinstance(node, Name) or node.name not in self._metrics:
            raise ValueError("PERIOD takes the id of a metric")
        return float(self._metrics[node.name].period_s)

    def _if(self, condition: Node, then: Node, otherwise: Node | None = None) -> Value:
        return choose(self._value(condition), self._value(then), self._value(otherwise) if otherwise else None)

    def _fill(self, node: Node, filler: Node) -> Value:
        def times(series: Series) -> range:
            return self._window.starts(series.period_s)

        if filler == Name("REPEAT"):
            return each_series(self._value(node), lambda series: repeat(series, times(series)))
        value = self._value(filler)
        if isinstance(value, Series | tuple):
            raise ValueError("FILL takes a number or REPEAT here")
        return each_series(self._value(node), lambda series: fill(series, times(series), value))


def _arguments(call: Call, least: int, most: int | None = None) -> Sequence[Node]:
    if not least <= len(call.arguments) <= (most or least):
        raise ValueError(f"{call.function} takes another number of arguments")
    return call.arguments

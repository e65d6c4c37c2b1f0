"""Aggregates of `stats`: what each takes and yields.

Ours where AWS says nothing: percentiles are interpolated between the two nearest values, `stddev` is that of a sample,
what is not a number is passed over (`min` and `max` compare as text when any value is not a number), and an aggregate
of no values is missing. How `min`, `max`, `earliest` and `latest` of a time are shown is not known, so they are
refused: take them of toMillis(@timestamp).
"""

from collections.abc import Callable, Sequence
from decimal import Decimal

from lambdascope_proxy.local.insights.malformed import MalformedQuery
from lambdascope_proxy.local.insights.nodes import Call, Number, Star
from lambdascope_proxy.local.insights.values import NUMBER, TEXT, TRUTH, Value, as_number, as_text, require


def is_aggregate(name: str) -> bool:
    """Whether a function is one of many rows."""
    return name in {"count", "pct", "count_distinct"} or name in _OF_ONE


def call_aggregate(call: Call, values: Sequence[Value]) -> Value:
    """What a call of an aggregate yields; an asterisk is not among the values. Raises: MalformedQuery."""
    if call.name == "count":
        return _count(call, values)
    if len(call.args) != (2 if call.name == "pct" else 1) or isinstance(call.args[0], Star):
        raise MalformedQuery(f"{call.name}: wrong arguments", call.start, call.end)
    if call.name == "pct":
        return _percentile(call, values[0])
    if call.name == "count_distinct":
        return Value(sql=f"count(DISTINCT {as_text(values[0])})", kind=NUMBER)
    return _OF_ONE[call.name](call, values[0])


def _count(call: Call, values: Sequence[Value]) -> Value:
    if len(call.args) > 1:
        raise MalformedQuery("count: wrong arguments", call.start, call.end)
    return Value(sql=f"count({values[0].sql})" if values else "count(*)", kind=NUMBER)


def _percentile(call: Call, value: Value) -> Value:
    share = call.args[1]
    if not isinstance(share, Number) or share.value > 100:
        raise MalformedQuery("pct: the percentile is a number from 0 to 100", share.start, share.end)
    numeric = as_number(require(value, (TEXT, NUMBER, TRUTH), "pct", call.args[0]))
    return Value(sql=f"quantile_cont(finite({numeric}), {Decimal(str(share.value)) / 100:f})", kind=NUMBER)


def _numeric(template: str) -> Callable[[Call, Value], Value]:
    def build(call: Call, value: Value) -> Value:
        numeric = as_number(require(value, (TEXT, NUMBER, TRUTH), call.name, call.args[0]))
        return Value(sql=template.format(f"finite({numeric})"), kind=NUMBER)

    return build


def _extreme(word: str) -> Callable[[Call, Value], Value]:
    def build(call: Call, value: Value) -> Value:
        require(value, (TEXT, NUMBER, TRUTH), call.name, call.args[0])
        if value.kind != TEXT:
            return Value(sql=f"{word}(finite({as_number(value)}))", kind=NUMBER)
        numeric = as_number(value)
        of_numbers = f"arg_{word}({value.sql}, {numeric})"
        of_texts = f"{word}({value.sql})"
        sql = f"CASE WHEN count({numeric}) = count({value.sql}) THEN {of_numbers} ELSE {of_texts} END"
        return Value(sql=sql, kind=TEXT)

    return build


def _edge(order: str) -> Callable[[Call, Value], Value]:
    """The first value that is there, in this order of rows."""

    def build(call: Call, value: Value) -> Value:
        require(value, (TEXT, NUMBER, TRUTH), call.name, call.args[0])
        sql = f"first({value.sql} ORDER BY ts {order}, rn {'DESC' if order == 'ASC' else 'ASC'})"
        return Value(sql=f"{sql} FILTER (WHERE {value.sql} IS NOT NULL)", kind=value.kind)

    return build


def _sorted_edge(order: str) -> Callable[[Call, Value], Value]:
    def build(call: Call, value: Value) -> Value:
        text = require(value, (TEXT,), call.name, call.args[0]).sql
        keys = f"num({text}) IS NOT NULL {order}, num({text}) {order}, natural_key({text}) {order}"
        return Value(sql=f"first({text} ORDER BY {keys}) FILTER (WHERE {text} IS NOT NULL)", kind=TEXT)

    return build


_OF_ONE: dict[str, Callable[[Call, Value], Value]] = {
    "sum": _numeric("kahan_sum({0})"),
    "avg": _numeric("favg({0})"),
    "stddev": _numeric("stddev_samp({0})"),
    "median": _numeric("quantile_cont({0}, 0.5)"),
    "min": _extreme("min"),
    "max": _extreme("max"),
    "earliest": _edge("ASC"),
    "latest": _edge("DESC"),
    "sortsfirst": _sorted_edge("ASC"),
    "sortslast": _sorted_edge("DESC"),
}

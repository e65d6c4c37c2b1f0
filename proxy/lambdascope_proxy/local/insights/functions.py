"""Functions of one row: what each takes and yields.

Ours where AWS says nothing: `concat` reads a missing value as empty, `greatest` and `least` pass over missing ones, any
other function of a missing value is missing; a logarithm or root that does not exist is missing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lambdascope_proxy.local.insights.malformed import MalformedQuery
from lambdascope_proxy.local.insights.nodes import Call, Node, Text
from lambdascope_proxy.local.insights.periods import capped_ms, exact_ms
from lambdascope_proxy.local.insights.values import NUMBER, TEXT, TIME, TRUTH, Value, as_number, as_text, require

_ANY = (TEXT, NUMBER, TIME, TRUTH)
_NUMERIC = (TEXT, NUMBER, TRUTH)
_BLANKS = r"E' \t\n\r\f\v'"
_LONGEST = 1_000_000_000
_LATEST_MS = 253_402_300_799_999  # the last millisecond of the year 9999


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A function: how many values it takes (None: any number from `least` on), of which kinds, and its SQL."""

    least: int
    most: int | None
    kinds: tuple[str, ...]
    build: Callable[[Sequence[Value]], Value]
    later_kinds: tuple[str, ...] = ()  # of the arguments after the first, where they differ


def is_function(name: str) -> bool:
    """Whether there is such a function of one row."""
    return name in _DATES or name in _FUNCTIONS


def call_function(call: Call, values: Sequence[Value]) -> Value:
    """What a call of a function yields; periods are not among the values. Raises: MalformedQuery."""
    if call.name in _DATES:
        return _date(call, values)
    function = _FUNCTIONS[call.name]
    if len(values) < function.least or (function.most is not None and len(values) > function.most):
        raise MalformedQuery(f"{call.name}: wrong number of arguments", call.start, call.end)
    for number, (value, place) in enumerate(zip(values, call.args, strict=True)):
        require(value, (number and function.later_kinds) or function.kinds, call.name, place)
    if call.name == "replace":
        _refuse_empty(call.args[1])
    return function.build(values)


def _refuse_empty(searched: Node) -> None:
    if not isinstance(searched, Text) or not searched.value:
        raise MalformedQuery(
            "replace is only played for a quoted string that is not empty", searched.start, searched.end
        )


def _date(call: Call, values: Sequence[Value]) -> Value:
    """bin(period), datefloor(time, period), dateceil(time, period); the time of bin is given as the only value."""
    if len(call.args) != (1 if call.name == "bin" else 2):
        raise MalformedQuery(f"{call.name}: wrong number of arguments", call.start, call.end)
    length = capped_ms(call.args[-1]) if call.name == "bin" else exact_ms(call.args[-1])
    moment = require(values[0], (TIME,), call.name, call.args[0]).sql
    rounding = "ceil" if call.name == "dateceil" else "floor"
    # Milliseconds are whole numbers well below 2^53, so the division loses nothing that rounding could show.
    return Value(sql=f"CAST({rounding}(CAST({moment} AS DOUBLE) / {length}) * {length} AS BIGINT)", kind=TIME)


def _number(template: str) -> Callable[[Sequence[Value]], Value]:
    """A function of numbers; {0} and {all} stand for the arguments."""

    def build(values: Sequence[Value]) -> Value:
        numbers = [as_number(value) for value in values]
        return Value(sql=template.format(*numbers, all=", ".join(numbers)), kind=NUMBER)

    return build


def _plain(template: str, kind: str) -> Callable[[Sequence[Value]], Value]:
    """A function of texts, or of whatever is given."""

    def build(values: Sequence[Value]) -> Value:
        pieces = [value.sql for value in values]
        return Value(sql=template.format(*pieces, all=", ".join(pieces)), kind=kind)

    return build


def _coalesce(values: Sequence[Value]) -> Value:
    kinds = {value.kind for value in values}
    if len(kinds) == 1:
        return Value(sql=f"coalesce({', '.join(value.sql for value in values)})", kind=values[0].kind)
    return Value(sql=f"coalesce({', '.join(as_text(value) for value in values)})", kind=TEXT)


def _substring(values: Sequence[Value]) -> Value:
    """Positions count from 0; a position or length below 0 yields nothing."""
    start, *length = (f"nullif(greatest(trunc({as_number(value)}), -1), -1)" for value in values[1:])
    bounds = [f"{start} + 1", *length]
    whole = [f"CAST(least({bound}, {_LONGEST}) AS BIGINT)" for bound in bounds]
    # least passes over NULL, so that it must be asked for again.
    is_there = " AND ".join(f"{bound} IS NOT NULL" for bound in bounds)
    return Value(sql=f"CASE WHEN {is_there} THEN substring({', '.join([values[0].sql, *whole])}) END", kind=TEXT)


def _trim(sql_name: str) -> Callable[[Sequence[Value]], Value]:
    def build(values: Sequence[Value]) -> Value:
        characters = values[1].sql if len(values) == 2 else _BLANKS
        return Value(sql=f"{sql_name}({values[0].sql}, {characters})", kind=TEXT)

    return build


def _from_millis(values: Sequence[Value]) -> Value:
    bounded = f"list_filter([{as_number(values[0])}], lambda v: v BETWEEN 0 AND {_LATEST_MS})[1]"
    return Value(sql=f"CAST({bounded} AS BIGINT)", kind=TIME)


_DATES = {"bin", "datefloor", "dateceil"}
_FUNCTIONS = {
    "abs": Function(least=1, most=1, kinds=_NUMERIC, build=_number("abs({0})")),
    "ceil": Function(least=1, most=1, kinds=_NUMERIC, build=_number("ceil({0})")),
    "floor": Function(least=1, most=1, kinds=_NUMERIC, build=_number("floor({0})")),
    "sqrt": Function(least=1, most=1, kinds=_NUMERIC, build=_number("TRY(sqrt({0}))")),
    "log": Function(least=1, most=1, kinds=_NUMERIC, build=_number("TRY(ln({0}))")),
    "greatest": Function(least=1, most=None, kinds=_NUMERIC, build=_number("greatest({all})")),
    "least": Function(least=1, most=None, kinds=_NUMERIC, build=_number("least({all})")),
    "tonumber": Function(least=1, most=1, kinds=_NUMERIC, build=_number("{0}")),
    "coalesce": Function(least=1, most=None, kinds=_ANY, build=_coalesce),
    "ispresent": Function(least=1, most=1, kinds=_ANY, build=_plain("({0} IS NOT NULL)", TRUTH)),
    "isempty": Function(least=1, most=1, kinds=(TEXT,), build=_plain("(coalesce({0}, '') = '')", TRUTH)),
    "isblank": Function(
        least=1, most=1, kinds=(TEXT,), build=_plain(f"(trim(coalesce({{0}}, ''), {_BLANKS}) = '')", TRUTH)
    ),
    "strlen": Function(least=1, most=1, kinds=(TEXT,), build=_plain("length({0})", NUMBER)),
    "toupper": Function(least=1, most=1, kinds=(TEXT,), build=_plain("upper({0})", TEXT)),
    "tolower": Function(least=1, most=1, kinds=(TEXT,), build=_plain("lower({0})", TEXT)),
    "concat": Function(least=1, most=None, kinds=(TEXT,), build=_plain("concat({all})", TEXT)),
    "substr": Function(least=2, most=3, kinds=(TEXT,), build=_substring, later_kinds=(TEXT, NUMBER)),
    "trim": Function(least=1, most=2, kinds=(TEXT,), build=_trim("trim")),
    "ltrim": Function(least=1, most=2, kinds=(TEXT,), build=_trim("ltrim")),
    "rtrim": Function(least=1, most=2, kinds=(TEXT,), build=_trim("rtrim")),
    "replace": Function(least=3, most=3, kinds=(TEXT,), build=_plain("replace({0}, {1}, {2})", TEXT)),
    "strcontains": Function(least=2, most=2, kinds=(TEXT,), build=_plain("truth(contains({0}, {1}))", TRUTH)),
    "frommillis": Function(least=1, most=1, kinds=_NUMERIC, build=_from_millis),
    "tomillis": Function(least=1, most=1, kinds=(TIME,), build=_plain("{0}", NUMBER)),
}

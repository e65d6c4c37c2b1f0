"""Values inside the evaluator: pieces of SQL with their kind, and the macros all of them use.

Event fields are untyped text, as CloudWatch keeps them; what is computed is a number, a time (milliseconds since 1970)
or a truth. No text of a query ever becomes SQL: literals are parameters, fields are numbered columns.
"""

from dataclasses import dataclass, field
from typing import Any

from lambdascope_proxy.local.insights.malformed import MalformedQuery
from lambdascope_proxy.local.insights.nodes import Node

TEXT, NUMBER, TIME, TRUTH = "text", "number", "time", "truth"

_NUMERAL = r"^\s*([-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)\s*$"
_RUNS = "regexp_extract_all(x, '[0-9]+|[^0-9]+')"
_RUN_KEY = "lambda p: CASE WHEN p[1] BETWEEN '0' AND '9' THEN '0' || lpad(length(p)::VARCHAR, 7, '0') || p ELSE p END"

# Each macro uses its argument once: nested ones must not grow exponentially.
MACROS = (
    rf"CREATE MACRO num(x) AS TRY_CAST(regexp_extract(x, '{_NUMERAL}', 1) AS DOUBLE)",
    "CREATE MACRO finite(x) AS list_filter([CAST(x AS DOUBLE)], lambda v: isfinite(v))[1]",
    r"CREATE MACRO shown(x) AS regexp_replace(CAST(finite(x) + 0.0 AS VARCHAR), '\.0$', '')",
    "CREATE MACRO clock(x) AS strftime(epoch_ms(CAST(x AS BIGINT)), '%Y-%m-%d %H:%M:%S.%g')",
    "CREATE MACRO truth(x) AS coalesce(x, false)",
    f"CREATE MACRO natural_key(x) AS array_to_string(list_transform({_RUNS}, {_RUN_KEY}), '')",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A piece of SQL that yields one value, and its kind."""

    sql: str
    kind: str


def _nothing() -> dict[str, Any]:
    return {}


@dataclass(slots=True, kw_only=True)
class Parameters:
    """The literals of a query, which the SQL names $p0, $p1 ...; `patterns` tells where the expressions stand."""

    values: dict[str, Any] = field(default_factory=_nothing)
    patterns: dict[str, Node] = field(default_factory=_nothing)

    def add(self, value: str | float) -> str:
        """Keep a literal and return the SQL that stands for it."""
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f"CAST(${name} AS {'VARCHAR' if isinstance(value, str) else 'DOUBLE'})"

    def add_pattern(self, pattern: str, place: Node) -> str:
        """Keep a regular expression and return the SQL that stands for it."""
        self.patterns[f"p{len(self.values)}"] = place
        return self.add(pattern)


def as_number(value: Value) -> str:
    """SQL for the value as a DOUBLE; NULL where it is none."""
    if value.kind == TEXT:
        return f"num({value.sql})"
    return f"CAST({value.sql} AS DOUBLE)"


def as_text(value: Value) -> str:
    """SQL for the value as it is shown."""
    if value.kind == TEXT:
        return value.sql
    if value.kind == NUMBER:
        return f"shown({value.sql})"
    if value.kind == TIME:
        return f"clock({value.sql})"
    return f"CAST(CAST({value.sql} AS TINYINT) AS VARCHAR)"


def require(value: Value, kinds: tuple[str, ...], what: str, place: Node) -> Value:
    """The value, if it is of one of these kinds. Raises: MalformedQuery."""
    if value.kind not in kinds:
        raise MalformedQuery(f"{what} takes a {' or '.join(kinds)}, not a {value.kind}", place.start, place.end)
    return value

"""What an alert compares: an alert that is quiet gives no rows, but both sides of its comparison must have some."""

from collections.abc import Iterator
from typing import Final

import promql_parser as promql

SPLIT: Final = frozenset({"==", "!=", "<", "<=", ">", ">=", "and", "or", "unless"})


def operands(text: str) -> list[str]:
    """The expressions between an alert's comparisons and set operators, without numbers, each once, in order."""
    return list(dict.fromkeys(_parts(promql.parse(text))))


def _parts(expr: promql.Expr) -> Iterator[str]:
    if isinstance(expr, promql.ParenExpr):
        yield from _parts(expr.expr)
    elif isinstance(expr, promql.BinaryExpr) and str(expr.op) in SPLIT:
        yield from _parts(expr.lhs)
        yield from _parts(expr.rhs)
    elif not isinstance(expr, promql.NumberLiteral):
        yield str(expr)

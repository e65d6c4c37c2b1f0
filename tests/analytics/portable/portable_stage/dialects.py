"""The analyses' SQL in the dialects of engines that read the same files at any size."""

from collections.abc import Iterator
from pathlib import Path

import sqlglot
from sqlglot import ErrorLevel, exp

import lambdascope_analytics

SQL = Path(lambdascope_analytics.__file__).parent / "sql"
# What makes views and files of the store is DuckDB's own business.
NOT_ASKED_ELSEWHERE = {"views", "store"}
# Both engines have the interpolated percentile under another name; Trino's is an approximation, it has no other.
PERCENTILE = {"spark": "percentile", "trino": "approx_percentile"}


def questions() -> Iterator[Path]:
    """Every statement that answers something."""
    for path in sorted(SQL.rglob("*.sql")):
        if path.relative_to(SQL).parts[0] not in NOT_ASKED_ELSEWHERE:
            yield path


def translated(sql: str, dialect: str) -> str:
    """The statement in another dialect. Raises sqlglot's errors for what that dialect lacks."""
    tree = sqlglot.parse_one(sql, read="duckdb").transform(_percentile, dialect)
    return tree.sql(dialect=dialect, unsupported_level=ErrorLevel.RAISE, comments=False)


def _percentile(node: exp.Expression, dialect: str) -> exp.Expression:
    if isinstance(node, exp.PercentileCont):
        return exp.Anonymous(this=PERCENTILE[dialect], expressions=[node.this, node.expression])
    return node

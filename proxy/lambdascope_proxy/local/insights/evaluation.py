"""A compiled query over a snapshot of events, in an in-memory DuckDB of its own."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambdascope_proxy.local.insights.compiler import Plan, compile_query
from lambdascope_proxy.local.insights.discovery import discovered
from lambdascope_proxy.local.insights.malformed import MalformedQuery
from lambdascope_proxy.local.insights.parser import MAX_LIMIT
from lambdascope_proxy.local.insights.values import MACROS

if TYPE_CHECKING:
    import duckdb  # noqa: TID251 - the evaluator is the one part of the local AWS that runs on it

DEFAULT_LIMIT = 10_000
_NOTHING: Mapping[str, str] = {}
_MEMORY_LIMIT = "1GB"
_PARAMETER = re.compile(r"\$(p\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event to query: `has_discovery` is false in classes whose fields CloudWatch does not discover."""

    timestamp_ms: int
    ingested_ms: int
    message: str
    log: str
    stream: str
    pointer: str
    has_discovery: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Rows as (field, value) pairs, and how many events passed the filters."""

    rows: Sequence[Sequence[tuple[str, str]]]
    matched: int


_KNOWN: Mapping[str, Callable[[Event], str]] = {
    "@message": lambda event: event.message,
    "@log": lambda event: event.log,
    "@logStream": lambda event: event.stream,
    "@ptr": lambda event: event.pointer,
}


def evaluate(query: str, events: Iterable[Event], limit: int | None = None) -> Result:
    """Run a query; `limit` bounds the rows beside any in the query. Raises: MalformedQuery."""
    plan = compile_query(query)
    bound = limit or (MAX_LIMIT if plan.has_limit else DEFAULT_LIMIT)
    newest_first = sorted(events, key=lambda event: event.timestamp_ms)[::-1]
    connection = _connection()
    try:
        _check_patterns(connection, plan)
        _load(connection, plan, newest_first)
        rows = _run(connection, plan.sql, plan).fetchmany(bound)
        matched = _run(connection, plan.matched_sql, plan).fetchall()[0][0]
    finally:
        connection.close()
    return Result(rows=[_row(plan.names, row) for row in rows], matched=matched)


def _connection() -> "duckdb.DuckDBPyConnection":
    import duckdb  # noqa: TID251 - as above, and only when a query runs

    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": 1,
        "memory_limit": _MEMORY_LIMIT,
        "enable_external_access": False,
    }
    connection = duckdb.connect(config=config)
    for macro in MACROS:
        connection.execute(macro)
    return connection


def _load(connection: "duckdb.DuckDBPyConnection", plan: Plan, events: Sequence[Event]) -> None:
    """Make the table `events`, with a column of text for each field the query reads."""
    columns: list[Sequence[Any]] = [
        range(len(events)),
        [event.timestamp_ms for event in events],
        [event.ingested_ms for event in events],
        *_field_columns(plan.event_fields, events),
    ]
    names = ["rn", "ts", "ingested", *plan.event_fields.values()]
    kinds = ["BIGINT"] * 3 + ["VARCHAR"] * len(plan.event_fields)
    selected = ", ".join(
        f"unnest(CAST(${number} AS {kind}[])) AS {name}"
        for number, (name, kind) in enumerate(zip(names, kinds, strict=True), 1)
    )
    connection.execute(f"CREATE TABLE events AS SELECT {selected}", [list(column) for column in columns])


def _field_columns(fields: Mapping[str, str], events: Sequence[Event]) -> list[list[str | None]]:
    """A column for each field; messages are only searched for fields if any is asked for."""
    sought = [name for name in fields if name not in _KNOWN]
    found: dict[str, list[str | None]] = {name: [] for name in sought}
    for event in events if sought else ():
        values = discovered(event.message) if event.has_discovery else _NOTHING
        for name in sought:
            found[name].append(values.get(name))
    return [found[name] if name in found else [_KNOWN[name](event) for event in events] for name in fields]


def _check_patterns(connection: "duckdb.DuckDBPyConnection", plan: Plan) -> None:
    import duckdb  # noqa: TID251 - as above

    for name, place in plan.patterns.items():
        try:
            connection.execute("SELECT regexp_matches('', $1)", [plan.parameters[name]])
        except duckdb.InvalidInputException as error:
            raise MalformedQuery(f"regular expression: {error}", place.start, place.end) from None


def _run(connection: "duckdb.DuckDBPyConnection", sql: str, plan: Plan) -> "duckdb.DuckDBPyConnection":
    used = set(_PARAMETER.findall(sql))
    return connection.execute(sql, {name: value for name, value in plan.parameters.items() if name in used})


def _row(names: Sequence[str], values: Sequence[str | None]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in zip(names, values, strict=True) if value is not None]

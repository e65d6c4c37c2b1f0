"""A query to one SQL statement: each command is a common table expression that reads the one before.

Rows carry `rn`, their place in the order. Ours where AWS says nothing: commands act in the order of the pipe (a limit
before a sort comes first), missing values sort last in both directions, groups come by the newest time and then by
their values, `parse` adds its fields to those shown. `sort` uses the natural order that AWS describes: values that are
not numbers before numbers, runs of digits by length and value. `stats` of no events gives no row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lambdascope_proxy.local.insights.conditions import Aggregates, Expressions
from lambdascope_proxy.local.insights.malformed import MalformedQuery
from lambdascope_proxy.local.insights.nodes import (
    Command,
    Dedup,
    Display,
    Field,
    Fields,
    Filter,
    Limit,
    Node,
    Parse,
    Regex,
    Sort,
    Stats,
)
from lambdascope_proxy.local.insights.parser import parse_query
from lambdascope_proxy.local.insights.regex import glob, rewritten
from lambdascope_proxy.local.insights.scope import Scope
from lambdascope_proxy.local.insights.values import NUMBER, TEXT, TIME, Parameters, Value, as_text, require

_MAX_STATS = 10
_ORDER_BY = {TEXT: ("num({0}) IS NOT NULL", "num({0})", "natural_key({0})"), NUMBER: ("finite({0})",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A compiled query; `event_fields` maps the fields it reads to columns of the table `events`."""

    event_fields: Mapping[str, str]
    names: Sequence[str]  # of the columns of `sql`, which yields text
    sql: str
    matched_sql: str  # counts the events that passed the filters
    parameters: Mapping[str, Any]
    patterns: Mapping[str, Node]  # which of the parameters are regular expressions, and where they stand
    has_limit: bool


def compile_query(query: str) -> Plan:
    """Compile a query. Raises: MalformedQuery, for anything that would not be answered as CloudWatch would."""
    compiler = _Compiler(query)
    for command in parse_query(query):
        compiler.add(command)
    return compiler.plan()


class _Compiler:
    def __init__(self, query: str) -> None:
        self._query = query
        self._parameters = Parameters()
        self._scope = Scope()
        self._expressions = Expressions(query, self._scope, self._parameters)
        self._tables = [_select("*", "events")]
        self._shown: dict[str, Value] = {}
        self._display: tuple[Field, ...] | None = None
        self._matched = 0  # the table whose rows are the events that matched
        self._stats = 0
        self._is_deduplicated = False
        self._has_limit = False

    def add(self, command: Command) -> None:
        """Compile the next command."""
        if self._is_deduplicated and not isinstance(command, Limit):
            raise MalformedQuery("only limit can follow dedup", command.start, command.end)
        match command:
            case Fields():
                self._fields(command)
            case Display():
                self._show_only(command)
            case Filter():
                self._filter(command)
            case Parse():
                self._parse(command)
            case Stats():
                self._aggregate(command)
            case Sort():
                self._sort(command)
            case Limit():
                self._has_limit = True
                self._step(more=f"ORDER BY rn LIMIT {command.count}")
            case Dedup():
                self._dedup(command)

    def plan(self) -> Plan:
        """The statement for all that was added."""
        shown = dict(self._shown)
        if self._display is not None:
            shown = {field.name: self._scope.find(field) for field in self._display}
        if not shown:
            shown = {name: self._scope.find(_anywhere(name)) for name in ("@timestamp", "@message")}
        if not self._scope.is_aggregated:
            shown["@ptr"] = self._scope.find(_anywhere("@ptr"))
        columns = ", ".join(as_text(value) for value in shown.values())
        tables = ", ".join(f"t{number} AS ({sql})" for number, sql in enumerate(self._tables))
        return Plan(
            event_fields=dict(self._scope.event_fields),
            names=list(shown),
            sql=f"WITH {tables} {_select(columns, self._last, 'ORDER BY rn')}",
            matched_sql=f"WITH {tables} {_select('count(*)', f't{self._matched}')}",
            parameters=self._parameters.values,
            patterns=self._parameters.patterns,
            has_limit=self._has_limit,
        )

    @property
    def _last(self) -> str:
        return f"t{len(self._tables) - 1}"

    def _step(self, selected: str = "*", more: str = "") -> None:
        self._tables.append(_select(selected, self._last, more))

    def _define(self, name: str, value: Value) -> Value:
        """Compute a column for all commands that follow."""
        column = self._scope.new_column()
        self._step(f"*, {value.sql} AS {column}")
        made = Value(sql=column, kind=value.kind)
        self._scope.columns[name] = made
        return made

    def _fields(self, command: Fields) -> None:
        for item in command.items:
            value = self._expressions.value(item.expression)
            is_plain = isinstance(item.expression, Field) and item.expression.name == item.name
            self._shown[item.name] = value if is_plain else self._define(item.name, value)

    def _show_only(self, command: Display) -> None:
        for field in command.fields:
            self._scope.find(field)  # refuses what is not there
        self._display = command.fields

    def _filter(self, command: Filter) -> None:
        self._step(more=f"WHERE {self._expressions.condition(command.condition)}")
        if not self._scope.is_aggregated and not self._has_limit:
            self._matched = len(self._tables) - 1

    def _parse(self, command: Parse) -> None:
        source = require(self._expressions.value(command.source), (TEXT,), "parse", command.source).sql
        is_regex = isinstance(command.pattern, Regex)
        pattern = rewritten(command.pattern) if isinstance(command.pattern, Regex) else glob(command.pattern.value)
        parameter = self._parameters.add_pattern(pattern, command.pattern)
        for number, name in enumerate(command.names, 1):
            found = f"regexp_extract({source}, {parameter}, {number})"
            # RE2 does not tell an empty group from one that took no part.
            sql = (
                f"nullif({found}, '')"
                if is_regex
                else f"CASE WHEN regexp_matches({source}, {parameter}) THEN {found} END"
            )
            self._shown[name] = self._define(name, Value(sql=sql, kind=TEXT))

    def _sort(self, command: Sort) -> None:
        keys = [
            f"{key} {'DESC' if each.is_descending else 'ASC'} NULLS LAST"
            for each in command.keys
            for key in _order_by(self._expressions.value(each.expression))
        ]
        self._step(f"* REPLACE (row_number() OVER (ORDER BY {', '.join([*keys, 'rn'])}) AS rn)")

    def _dedup(self, command: Dedup) -> None:
        values = [self._expressions.value(field).sql for field in command.fields]
        is_missing = " OR ".join(f"{value} IS NULL" for value in values)
        first = f"row_number() OVER (PARTITION BY {', '.join(values)} ORDER BY rn) = 1"
        self._step(more=f"QUALIFY {is_missing} OR {first}")
        self._is_deduplicated = True

    def _aggregate(self, command: Stats) -> None:
        self._stats += 1
        if self._stats > _MAX_STATS:
            raise MalformedQuery(f"more than {_MAX_STATS} stats commands", command.start, command.end)
        groups = {item.name: self._expressions.value(item.expression) for item in command.by}
        aggregates = Aggregates(self._query, self._scope, self._parameters, self._expressions)
        steps: list[str] = []
        for item in command.items:
            value = aggregates.item(item)
            column = self._scope.new_column()
            steps.append(f"{value.sql} AS {column}")
            aggregates.made[item.name] = Value(sql=column, kind=value.kind)
        if repeated := groups.keys() & aggregates.made.keys():
            raise MalformedQuery(f"{min(repeated)} is both a group and an aggregate", command.start, command.end)
        self._group(groups, aggregates)
        for step in steps:
            self._step(f"*, {step}")
        self._scope.columns |= aggregates.made
        self._shown, self._display = dict(self._scope.columns), None

    def _group(self, groups: Mapping[str, Value], aggregates: Aggregates) -> None:
        """Group the rows; from here on, the groups are the only columns, with the aggregates yet to be named."""
        columns = {name: Value(sql=self._scope.new_column(), kind=value.kind) for name, value in groups.items()}
        selected = [f"{value.sql} AS {columns[name].sql}" for name, value in groups.items()]
        selected += [f"{sql} AS {column}" for column, sql in aggregates.aggregates.items()]
        by = f"GROUP BY {', '.join(str(number) for number in range(1, len(groups) + 1))}" if groups else ""
        self._step(", ".join(selected), f"{by} HAVING count(*) > 0")
        self._scope.aggregate(columns)
        self._number_groups(list(columns.values()))

    def _number_groups(self, groups: Sequence[Value]) -> None:
        times = [f"{group.sql} DESC NULLS LAST" for group in groups if group.kind == TIME]
        others = [f"{key} ASC NULLS LAST" for group in groups if group.kind != TIME for key in _order_by(group)]
        order = ", ".join([*times, *others]) or "1"
        self._step(f"*, row_number() OVER (ORDER BY {order}) AS rn")


def _select(selected: str, table: str, more: str = "") -> str:
    return f"SELECT {selected} FROM {table} {more}"  # noqa: S608 - literals are parameters, all names are ours


def _order_by(value: Value) -> list[str]:
    return [key.format(value.sql) for key in _ORDER_BY.get(value.kind, ("{0}",))]


def _anywhere(name: str) -> Field:
    return Field(start=0, end=0, name=name)

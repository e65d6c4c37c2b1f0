"""Expressions to SQL.

Ours where AWS says nothing: a condition on a missing value is false, so `!=`, `not like` and `not in` are true of it;
two texts are compared by < and > as numbers if both are numbers, else as text; a quoted string is compared as text by
= and !=; two fields are equal if their texts are, or if both are the same number.
"""

from lambdascope_proxy.local.insights.aggregates import call_aggregate, is_aggregate
from lambdascope_proxy.local.insights.functions import call_function, is_function
from lambdascope_proxy.local.insights.malformed import MalformedQuery
from lambdascope_proxy.local.insights.nodes import (
    Arithmetic,
    Call,
    Comparison,
    Duration,
    Field,
    Item,
    Junction,
    Like,
    Member,
    Negative,
    Node,
    Not,
    Number,
    Star,
    Text,
)
from lambdascope_proxy.local.insights.regex import rewritten
from lambdascope_proxy.local.insights.scope import Scope
from lambdascope_proxy.local.insights.values import (
    NUMBER,
    TEXT,
    TIME,
    TRUTH,
    Parameters,
    Value,
    as_number,
    as_text,
    require,
)

_MAX_SQL_CHARS = 100_000
_NUMERIC = (TEXT, NUMBER, TIME, TRUTH)


class Expressions:
    """Turns the expressions of one query into SQL; literals become parameters."""

    def __init__(self, query: str, scope: Scope, parameters: Parameters) -> None:
        self._query = query
        self._scope = scope
        self._parameters = parameters

    def condition(self, node: Node) -> str:
        """SQL that is true or false, never NULL. Raises: MalformedQuery."""
        return require(self.value(node), (TRUTH,), "a condition", node).sql

    def value(self, node: Node) -> Value:
        """SQL for an expression of one row. Raises: MalformedQuery."""
        value = self._value(node)
        if len(value.sql) > _MAX_SQL_CHARS:
            raise MalformedQuery("the expression is too complex", node.start, node.end)
        return value

    def _value(self, node: Node) -> Value:
        if made := self._made_before(node):
            return made
        match node:
            case Text():
                return Value(sql=self._parameters.add(node.value), kind=TEXT)
            case Number():
                return Value(sql=self._parameters.add(node.value), kind=NUMBER)
            case Field():
                return self._scope.find(node)
            case Call():
                return self.call(node)
            case Negative() | Arithmetic():
                return self._arithmetic(node)
            case Not() | Junction() | Comparison() | Like() | Member():
                return Value(sql=self._truth(node), kind=TRUTH)
            case _:
                raise MalformedQuery("not a value", node.start, node.end)

    def _made_before(self, node: Node) -> Value | None:
        """After stats, an expression may stand for the column that was named after it."""
        written = self._query[node.start : node.end]
        return self._scope.columns.get(written) if self._scope.is_aggregated and isinstance(node, Call) else None

    def call(self, node: Call) -> Value:
        """A function call. Raises: MalformedQuery."""
        if is_aggregate(node.name):
            raise MalformedQuery(f"{node.name} is only possible in stats", node.start, node.end)
        if not is_function(node.name):
            raise MalformedQuery(f"the function {node.name} is unknown or not played here", node.start, node.end)
        values = [self.value(arg) for arg in node.args if not isinstance(arg, Duration | Star)]
        if node.name == "bin":
            place = Field(start=node.start, end=node.end, name="@timestamp")
            values = [self._scope.find(place), *values]
        return call_function(node, values)

    def _arithmetic(self, node: Negative | Arithmetic) -> Value:
        if isinstance(node, Negative):
            return Value(sql=f"(-{self._number(node.operand)})", kind=NUMBER)
        left, right = self._number(node.left), self._number(node.right)
        if node.operator == "^":
            return Value(sql=f"TRY(pow({left}, {right}))", kind=NUMBER)
        if node.operator in "/%":
            right = f"nullif({right}, 0)"
        return Value(sql=f"({left} {node.operator} {right})", kind=NUMBER)

    def _number(self, node: Node) -> str:
        return as_number(require(self.value(node), _NUMERIC, "arithmetic", node))

    def _truth(self, node: Not | Junction | Comparison | Like | Member) -> str:
        match node:
            case Not():
                return f"(NOT {self.condition(node.operand)})"
            case Junction():
                joint = f" {node.word.upper()} "
                return f"({joint.join(self.condition(operand) for operand in node.operands)})"
            case Comparison():
                return self._comparison(node)
            case Like():
                return self._negated(self._like(node), node.is_negated)
            case Member():
                equal = [self._equal(node.operand, option) for option in node.options]
                return self._negated(f"({' OR '.join(equal)})", node.is_negated)

    def _negated(self, sql: str, is_negated: bool) -> str:
        return f"(NOT {sql})" if is_negated else sql

    def _like(self, node: Like) -> str:
        operand = require(self.value(node.operand), (TEXT,), "like", node.operand).sql
        if isinstance(node.pattern, Text):
            return f"truth(contains({operand}, {self._parameters.add(node.pattern.value)}))"
        return (
            f"truth(regexp_matches({operand}, {self._parameters.add_pattern(rewritten(node.pattern), node.pattern)}))"
        )

    def _comparison(self, node: Comparison) -> str:
        if node.operator in {"=", "!="}:
            return self._negated(self._equal(node.left, node.right), node.operator == "!=")
        left, right = self.value(node.left), self.value(node.right)
        self._refuse_time_as_text(left, right, node)
        as_texts = f"{left.sql} {node.operator} {right.sql}"
        numbers = f"finite({as_number(left)})", f"finite({as_number(right)})"
        as_numbers = f"{numbers[0]} {node.operator} {numbers[1]}"
        if {left.kind, right.kind} != {TEXT}:
            return f"truth({as_numbers})"
        return f"truth(CASE WHEN {numbers[0]} + {numbers[1]} IS NULL THEN {as_texts} ELSE {as_numbers} END)"

    def _equal(self, left_node: Node, right_node: Node) -> str:
        left, right = self.value(left_node), self.value(right_node)
        self._refuse_time_as_text(left, right, left_node)
        if left.kind == right.kind == TEXT:
            same = f"truth({left.sql} = {right.sql})"
            if isinstance(left_node, Text) or isinstance(right_node, Text):
                return same
            return f"({same} OR truth(num({left.sql}) = num({right.sql})))"
        if isinstance(left_node, Text) or isinstance(right_node, Text):
            return f"truth({as_text(left)} = {as_text(right)})"
        return f"truth(finite({as_number(left)}) = finite({as_number(right)}))"

    def _refuse_time_as_text(self, left: Value, right: Value, place: Node) -> None:
        if {left.kind, right.kind} == {TIME, TEXT}:
            raise MalformedQuery("a time is compared with a time or with milliseconds", place.start, place.end)


class Aggregates(Expressions):
    """Expressions of `stats`: aggregates, arithmetic and functions of them, and aliases given before.

    Each aggregate becomes a column, so that an alias used again and again stays as short as its name.
    """

    def __init__(self, query: str, scope: Scope, parameters: Parameters, rows: Expressions) -> None:
        super().__init__(query, scope, parameters)
        self._rows = rows
        self.aggregates: dict[str, str] = {}  # SQL by column
        self.made: dict[str, Value] = {}  # what the items before yielded, by name

    def item(self, item: Item) -> Value:
        """What one item of stats yields. Raises: MalformedQuery, if it is named twice or aggregates nothing."""
        if item.name in self.made:
            raise MalformedQuery(f"{item.name} is named twice", item.start, item.end)
        value = self.value(item.expression)
        if not any(name in value.sql for name in [*self.aggregates, *(made.sql for made in self.made.values())]):
            raise MalformedQuery("stats needs an aggregate, such as count(*)", item.start, item.end)
        return value

    def _value(self, node: Node) -> Value:
        if isinstance(node, Field):
            if node.name not in self.made:
                raise MalformedQuery(f"{node.name} must stand within an aggregate", node.start, node.end)
            return self.made[node.name]
        return super()._value(node)

    def _made_before(self, node: Node) -> Value | None:
        return None

    def call(self, node: Call) -> Value:
        """A call of an aggregate, or of a function of aggregates. Raises: MalformedQuery."""
        if not is_aggregate(node.name):
            if node.name == "bin":
                raise MalformedQuery("bin stands after 'by'", node.start, node.end)
            return super().call(node)
        if node.name in {"earliest", "latest"} and self._scope.is_aggregated:
            raise MalformedQuery(f"{node.name} is only possible in the first stats", node.start, node.end)
        values = [self._rows.value(arg) for arg in node.args if not isinstance(arg, Star | Duration)]
        value = call_aggregate(node, values)
        column = self._scope.new_column()
        self.aggregates[column] = value.sql
        return Value(sql=column, kind=value.kind)

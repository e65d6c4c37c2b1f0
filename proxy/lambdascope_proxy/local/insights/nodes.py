"""What a parsed query is made of: expressions and commands, each with its place in the text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Something at a place in the query; offsets are characters."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Field(Node):
    """A field, by its full name."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Node):
    """A quoted string."""

    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Node):
    """A number."""

    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration(Node):
    """A period such as 5m, as written."""

    count: int
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Regex(Node):
    """A regular expression between slashes."""

    pattern: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Star(Node):
    """The asterisk of count(*)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Node):
    """A function call; the name is in lower case."""

    name: str
    args: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Negative(Node):
    """A minus before a value."""

    operand: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Arithmetic(Node):
    """Two values and + - * / % or ^."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison(Node):
    """Two values and = != < <= > or >=."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Like(Node):
    """A value that holds a string or matches an expression."""

    operand: Node
    pattern: Text | Regex
    is_negated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Member(Node):
    """A value that is one of several."""

    operand: Node
    options: tuple[Node, ...]
    is_negated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Not(Node):
    """A condition turned round."""

    operand: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Junction(Node):
    """Conditions joined by `and` or by `or`."""

    word: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(Node):
    """An expression and the name of its result: the alias, or the expression as written."""

    expression: Node
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields(Node):
    """Values to compute and to show."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Display(Node):
    """The fields to show, and no others."""

    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter(Node):
    """A condition events must meet."""

    condition: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Parse(Node):
    """Fields cut out of a text by a glob or an expression with named groups."""

    source: Node
    pattern: Text | Regex
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats(Node):
    """Aggregates by groups."""

    items: tuple[Item, ...]
    by: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SortKey(Node):
    """A value to sort by."""

    expression: Node
    is_descending: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort(Node):
    """An order."""

    keys: tuple[SortKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit(Node):
    """How many rows go on."""

    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dedup(Node):
    """One row for each combination of values."""

    fields: tuple[Field, ...]


Command = Fields | Display | Filter | Parse | Stats | Sort | Limit | Dedup

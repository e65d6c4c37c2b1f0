"""The grammar of metric math, as far as it is played: text becomes a tree, or is refused.

CloudWatch does not document how `a^b^c` and `-a^b` group; both are refused, so that parentheses say it.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

MAX_LENGTH = 2048
_MAX_DEPTH = 40
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?|\.\d+)(?![\w.])|(?P<name>[A-Za-z]\w*)|(?P<text>\"[^\"]*\"|'[^']*')"
    r"|(?P<sign>==|!=|<=|>=|&&|\|\||[-+*/^()\[\],<>]))"
)
_COMPARISONS = ("==", "!=", "<=", ">=", "<", ">")
_SPELLINGS = {"&&": "AND", "||": "OR"}


@dataclass(frozen=True, slots=True)
class Number:
    """A number."""

    value: float


@dataclass(frozen=True, slots=True)
class Name:
    """The id of a query, or a word such as REPEAT."""

    name: str


@dataclass(frozen=True, slots=True)
class Text:
    """A string."""

    text: str


@dataclass(frozen=True, slots=True)
class Array:
    """Several series."""

    items: "Sequence[Node]"


@dataclass(frozen=True, slots=True)
class Call:
    """A function and its arguments."""

    function: str
    arguments: "Sequence[Node]"


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator between two operands; a minus sign alone is 0 minus its operand."""

    operator: str
    left: "Node"
    right: "Node"


Node = Number | Name | Text | Array | Call | Operation


def parse_expression(text: str) -> Node:
    """The tree of an expression. Raises: ValueError, for what is not one or not played here."""
    if len(text) > MAX_LENGTH:
        raise ValueError(f"more than {MAX_LENGTH} characters")
    parser = _Parser(_tokens(text))
    node = parser.disjunction()
    parser.end()
    return node


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if not match:
            raise ValueError(f"unexpected {text[at : at + 10].strip()!r}")
        tokens.append(_SPELLINGS.get(match[0].strip(), match[0].strip()))
        at = match.end()
    return tokens


class _Parser:
    """Recursive descent: one method for each level of precedence, the loosest first."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self._tokens = [*tokens, ""]
        self._at = 0
        self._depth = 0

    def end(self) -> None:
        if token := self._next():
            raise ValueError(f"unexpected {token!r}")

    def disjunction(self) -> Node:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise ValueError("nested too deeply")
        node = self._left_to_right(self._conjunction, "OR")
        self._depth -= 1
        return node

    def _conjunction(self) -> Node:
        return self._left_to_right(self._comparison, "AND")

    def _comparison(self) -> Node:
        left = self._sum()
        if self._peek() not in _COMPARISONS:
            return left
        node = Operation(self._next(), left, self._sum())
        if self._peek() in _COMPARISONS:
            raise ValueError("two comparisons in a row")
        return node

    def _sum(self) -> Node:
        return self._left_to_right(self._product, "+", "-")

    def _product(self) -> Node:
        return self._left_to_right(self._signed, "*", "/")

    def _signed(self) -> Node:
        if self._peek() != "-":
            return self._power(self._operand())
        self._next()
        operand = self._operand()
        if self._peek() == "^":
            raise ValueError("a minus sign before a power needs parentheses")
        return Operation("-", Number(0.0), operand)

    def _power(self, left: Node) -> Node:
        if self._peek() != "^":
            return left
        self._next()
        node = Operation("^", left, self._operand())
        if self._peek() == "^":
            raise ValueError("a power of a power needs parentheses")
        return node

    def _left_to_right(self, operand: Callable[[], Node], *operators: str) -> Node:
        node = operand()
        while self._peek() in operators:
            node = Operation(self._next(), node, operand())
        return node

    def _operand(self) -> Node:
        first = self._next()
        if first == "(":
            node = self.disjunction()
            self._expect(")")
            return node
        if first == "[":
            return Array(self._list("]"))
        if first[:1] in {'"', "'"}:
            return Text(first[1:-1])
        if first[:1].isdigit() or first[:1] == ".":
            return Number(float(first))
        if first[:1].isalpha() and first not in {"AND", "OR"}:
            return self._call_or_name(first)
        raise ValueError(f"unexpected {first!r}" if first else "unexpected end")

    def _call_or_name(self, token: str) -> Node:
        if self._peek() != "(":
            return Name(token)
        self._next()
        return Call(token, self._list(")"))

    def _list(self, closing: str) -> list[Node]:
        items: list[Node] = []
        while self._peek() != closing:
            if items:
                self._expect(",")
            items.append(self.disjunction())
        self._next()
        return items

    def _peek(self) -> str:
        return self._tokens[self._at]

    def _next(self) -> str:
        token = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def _expect(self, token: str) -> None:
        if (found := self._next()) != token:
            raise ValueError(f"expected {token!r}, found {found!r}" if found else f"expected {token!r}")

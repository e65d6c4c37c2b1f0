"""Expressions of a query: precedence climbing from `or` down to a single value."""

from collections.abc import Callable, Sequence

from lambdascope_proxy.local.insights.lexer import Token
from lambdascope_proxy.local.insights.malformed import MalformedQuery
from lambdascope_proxy.local.insights.nodes import (
    Arithmetic,
    Call,
    Comparison,
    Duration,
    Field,
    Junction,
    Like,
    Member,
    Negative,
    Node,
    Not,
    Number,
    Regex,
    Star,
    Text,
)

_COMPARISONS = {"=", "!=", "<", "<=", ">", ">="}
_RESERVED = {"and", "or", "not", "in", "like", "as", "by", "asc", "desc"}
_LITERALS = {"true", "false", "null"}  # fields or constants? nobody tells, so neither
_MAX_DEPTH = 40
_MAX_CHAIN = 100

Operand = Callable[[], Node]


class ExpressionParser:
    """Reads tokens from left to right; the commands of a query are read by its subclass."""

    def __init__(self, query: str, tokens: Sequence[Token]) -> None:
        self.query = query
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self._operators = 0

    @property
    def token(self) -> Token:
        """The next token."""
        return self._tokens[self._at]

    def advance(self) -> Token:
        """Take the next token."""
        token = self.token
        if token.kind != "end":
            self._at += 1
        return token

    def refuse(self, message: str, place: Token | Node | None = None) -> MalformedQuery:
        """The error for the next token, or for another place."""
        where = place or self.token
        return MalformedQuery(message, where.start, where.end)

    def unexpected(self, wanted: str) -> MalformedQuery:
        """The error for a token that is not the one wanted."""
        found = repr(self.query[self.token.start : self.token.end]) if self.token.kind != "end" else "the end"
        return self.refuse(f"expected {wanted}, found {found}")

    def take_mark(self, mark: str) -> bool:
        """Take this sign if it comes next."""
        if self.token.is_mark(mark):
            self._at += 1
            return True
        return False

    def take_word(self, *words: str) -> str:
        """Take one of these words if it comes next; else an empty string."""
        if self.token.word in words:
            return self.advance().word
        return ""

    def expect(self, mark: str) -> Token:
        """Take this sign. Raises: MalformedQuery."""
        if not self.token.is_mark(mark):
            raise self.unexpected(repr(mark))
        return self.advance()

    def expression(self) -> Node:
        """A whole expression. Raises: MalformedQuery."""
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise self.refuse("the expression is nested too deeply")
        node = self._junction("or", lambda: self._junction("and", self._negation))
        self._depth -= 1
        return node

    def _junction(self, word: str, operand: Operand) -> Node:
        operands = [operand()]
        while self.take_word(word):
            operands.append(operand())
        if len(operands) == 1:
            return operands[0]
        return Junction(start=operands[0].start, end=operands[-1].end, word=word, operands=tuple(operands))

    def _negation(self) -> Node:
        negations: list[Token] = []
        while self.token.word == "not":
            self._count()
            negations.append(self.advance())
        node = self._comparison()
        for token in reversed(negations):
            node = Not(start=token.start, end=node.end, operand=node)
        return node

    def _comparison(self) -> Node:
        left = self._sum()
        if self.token.kind == "mark" and self.token.value in _COMPARISONS:
            operator = self.advance().value
            right = self._sum()
            if self.token.kind == "mark" and self.token.value in _COMPARISONS:
                raise self.refuse("comparisons cannot be chained")
            return Comparison(start=left.start, end=right.end, operator=operator, left=left, right=right)
        if self.take_mark("=~"):
            return self._like(left, is_negated=False)
        is_negated = bool(self.take_word("not"))
        if self.take_word("like"):
            return self._like(left, is_negated=is_negated)
        if self.take_word("in"):
            return self._member(left, is_negated=is_negated)
        if is_negated:
            raise self.unexpected("'like' or 'in'")
        return left

    def _like(self, operand: Node, *, is_negated: bool) -> Like:
        pattern = self.pattern()
        return Like(start=operand.start, end=pattern.end, operand=operand, pattern=pattern, is_negated=is_negated)

    def pattern(self) -> Text | Regex:
        """A string or a regular expression. Raises: MalformedQuery."""
        token = self.token
        if token.kind == "text":
            self.advance()
            return Text(start=token.start, end=token.end, value=token.value)
        if token.kind == "regex":
            self.advance()
            return Regex(start=token.start, end=token.end, pattern=token.value)
        raise self.unexpected("a string or a regular expression")

    def _member(self, operand: Node, *, is_negated: bool) -> Member:
        self.expect("[")
        options = self._list_of_values("]")
        if not options:
            raise self.refuse("the list after 'in' is empty")
        end = self.expect("]").end
        return Member(start=operand.start, end=end, operand=operand, options=options, is_negated=is_negated)

    def _list_of_values(self, closing: str) -> tuple[Node, ...]:
        if self.token.is_mark(closing):
            return ()
        values = [self.expression()]
        while self.take_mark(","):
            values.append(self.expression())
        return tuple(values)

    def _sum(self) -> Node:
        return self._chain(("+", "-"), self._product)

    def _product(self) -> Node:
        return self._chain(("*", "/", "%"), self._power)

    def _chain(self, operators: tuple[str, ...], operand: Operand) -> Node:
        node = operand()
        while self.token.kind == "mark" and self.token.value in operators:
            self._count()
            operator = self.advance().value
            right = operand()
            node = Arithmetic(start=node.start, end=right.end, operator=operator, left=node, right=right)
        return node

    def _count(self) -> None:
        self._operators += 1
        if self._operators > _MAX_CHAIN:
            raise self.refuse("the query has too many operators")

    def _power(self) -> Node:
        base = self._value()
        if not self.take_mark("^"):
            return base
        exponent = self._value()
        if isinstance(base, Negative) or self.token.is_mark("^"):
            raise self.refuse("put parentheses round the operands of ^", base)
        return Arithmetic(start=base.start, end=exponent.end, operator="^", left=base, right=exponent)

    def _value(self) -> Node:
        token = self.token
        if self.take_mark("-"):
            operand = self._single()
            return Negative(start=token.start, end=operand.end, operand=operand)
        return self._single()

    def _single(self) -> Node:
        token = self.token
        if self.take_mark("("):
            node = self.expression()
            self.expect(")")
            return node
        if token.kind == "text":
            return self.pattern()
        if token.kind == "number":
            self.advance()
            return Number(start=token.start, end=token.end, value=float(token.value))
        if token.kind == "duration":
            raise self.refuse("a period is only possible in bin, datefloor and dateceil")
        if token.kind == "name" and token.word not in _RESERVED:
            return self._call() if self._tokens[self._at + 1].is_mark("(") else self.field()
        raise self.unexpected("a field, a value or a function")

    def field(self) -> Field:
        """The name of a field. Raises: MalformedQuery."""
        token = self.token
        if token.kind != "name" or token.word in _RESERVED:
            raise self.unexpected("a field")
        if token.word in _LITERALS:
            raise self.refuse(f"{token.value} is not played here: JSON's true and false are 1 and 0")
        self.advance()
        return Field(start=token.start, end=token.end, name=token.value)

    def _call(self) -> Call:
        name = self.advance()
        if not name.word:
            raise self.refuse("a function's name has no backticks", name)
        self.expect("(")
        args = self._arguments()
        end = self.expect(")").end
        return Call(start=name.start, end=end, name=name.word, args=args)

    def _arguments(self) -> tuple[Node, ...]:
        token = self.token
        if self.take_mark("*"):
            return (Star(start=token.start, end=token.end),)
        if self.token.is_mark(")"):
            return ()
        args = [self._argument()]
        while self.take_mark(","):
            args.append(self._argument())
        return tuple(args)

    def _argument(self) -> Node:
        token = self.token
        if token.kind != "duration":
            return self.expression()
        self.advance()
        digits = token.value.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
        if len(digits) > 6:
            raise self.refuse("the period is too long", token)
        return Duration(start=token.start, end=token.end, count=int(digits), unit=token.value[len(digits) :].lower())

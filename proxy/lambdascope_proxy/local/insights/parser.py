"""Commands of a query: text to the pipe of what is to be done."""

from lambdascope_proxy.local.insights.expressions import ExpressionParser
from lambdascope_proxy.local.insights.lexer import tokenize
from lambdascope_proxy.local.insights.nodes import (
    Command,
    Dedup,
    Display,
    Field,
    Fields,
    Filter,
    Item,
    Limit,
    Node,
    Parse,
    Regex,
    Sort,
    SortKey,
    Stats,
    Text,
)
from lambdascope_proxy.local.insights.regex import group_names

MAX_LIMIT = 100_000
_MAX_COMMANDS = 100


def parse_query(query: str) -> tuple[Command, ...]:
    """The commands of a query, in order. Raises: MalformedQuery."""
    return _Parser(query, tokenize(query)).commands()


class _Parser(ExpressionParser):
    def commands(self) -> tuple[Command, ...]:
        found = [self._command()]
        while self.take_mark("|"):
            found.append(self._command())
            if len(found) > _MAX_COMMANDS:
                raise self.refuse("the query has too many commands", found[-1])
        if self.token.kind != "end":
            raise self.unexpected("'|' or the end")
        return tuple(found)

    def _command(self) -> Command:
        token = self.token
        reader = {
            "fields": self._fields,
            "display": self._display,
            "filter": self._filter,
            "parse": self._parse,
            "stats": self._stats,
            "sort": self._sort,
            "limit": self._limit,
            "dedup": self._dedup,
        }.get(token.word)
        if reader is None:
            raise self.unexpected("a command (fields, display, filter, parse, stats, sort, limit or dedup)")
        self.advance()
        return reader(token.start)

    def _fields(self, start: int) -> Fields:
        items = self._items()
        return Fields(start=start, end=items[-1].end, items=items)

    def _display(self, start: int) -> Display:
        fields = self._names()
        return Display(start=start, end=fields[-1].end, fields=fields)

    def _filter(self, start: int) -> Filter:
        condition = self.expression()
        return Filter(start=start, end=condition.end, condition=condition)

    def _stats(self, start: int) -> Stats:
        items = self._items()
        by = self._items() if self.take_word("by") else ()
        return Stats(start=start, end=(by or items)[-1].end, items=items, by=by)

    def _sort(self, start: int) -> Sort:
        keys = [self._sort_key()]
        while self.take_mark(","):
            keys.append(self._sort_key())
        return Sort(start=start, end=keys[-1].end, keys=tuple(keys))

    def _sort_key(self) -> SortKey:
        expression = self.expression()
        direction = self.take_word("asc", "desc")
        return SortKey(
            start=expression.start, end=expression.end, expression=expression, is_descending=direction == "desc"
        )

    def _limit(self, start: int) -> Limit:
        token = self.token
        if token.kind != "number" or not token.value.isdigit():
            raise self.unexpected("a whole number")
        if not 1 <= int(token.value) <= MAX_LIMIT:
            raise self.refuse(f"a limit is between 1 and {MAX_LIMIT}")
        self.advance()
        return Limit(start=start, end=token.end, count=int(token.value))

    def _dedup(self, start: int) -> Dedup:
        fields = self._names()
        return Dedup(start=start, end=fields[-1].end, fields=fields)

    def _parse(self, start: int) -> Parse:
        is_named = self.token.kind == "name"
        source: Node = self.field() if is_named else Field(start=start, end=self.token.start, name="@message")
        pattern = self.pattern()
        if isinstance(pattern, Regex):
            names, end = group_names(pattern), pattern.end
        else:
            names, end = self._glob_names(pattern)
        return Parse(start=start, end=end, source=source, pattern=pattern, names=names)

    def _glob_names(self, pattern: Text) -> tuple[tuple[str, ...], int]:
        if not self.take_word("as"):
            raise self.unexpected("'as' and the names of the fields")
        fields = self._names()
        if len(fields) != pattern.value.count("*"):
            raise self.refuse(f"{pattern.value.count('*')} asterisks, {len(fields)} names", pattern)
        return tuple(field.name for field in fields), fields[-1].end

    def _names(self) -> tuple[Field, ...]:
        fields = [self.field()]
        while self.take_mark(","):
            fields.append(self.field())
        return tuple(fields)

    def _items(self) -> tuple[Item, ...]:
        items = [self._item()]
        while self.take_mark(","):
            items.append(self._item())
        return tuple(items)

    def _item(self) -> Item:
        expression = self.expression()
        if self.take_word("as"):
            alias = self.field()
            return Item(start=expression.start, end=alias.end, expression=expression, name=alias.name)
        is_plain = isinstance(expression, Field)
        name = expression.name if is_plain else self.query[expression.start : expression.end]
        return Item(start=expression.start, end=expression.end, expression=expression, name=name)

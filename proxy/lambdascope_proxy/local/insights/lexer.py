"""Words of a Logs Insights query: text to tokens, each with its place.

A slash begins a regular expression only where a pattern is due: after `like`, `=~`, `parse` or `parse <field>`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lambdascope_proxy.local.insights.malformed import MalformedQuery

_SEGMENT = r"(?:`[^`\n]+`|[A-Za-z0-9_@]+)"
_TOKENS = re.compile(
    rf"""
      (?P<space>\s+|\#[^\n]*)
    | (?P<duration>\d+[A-Za-z]+\b)
    | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w@`.])
    | (?P<name>(?:`[^`\n]+`|[A-Za-z_@][A-Za-z0-9_@]*)(?:\.{_SEGMENT})*)
    | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<mark>=~|!=|<=|>=|[=<>+\-*/%^(),|\[\]])
    """,
    re.VERBOSE | re.DOTALL,
)
_EXPONENT = re.compile(r"\d+[eE]\d+\b")
_NO_TEXT = re.compile(r"[\0\ud800-\udfff]")
_REGEX = re.compile(r"/((?:[^/\\\n]|\\[^\n])*)/")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One word: `value` is what it stands for, without quotes; `word` is an unquoted name in lower case."""

    kind: str  # name | text | number | duration | regex | mark | end
    value: str
    start: int
    end: int
    word: str = ""

    def is_mark(self, mark: str) -> bool:
        """Whether this is that sign."""
        return self.kind == "mark" and self.value == mark


def tokenize(query: str) -> list[Token]:
    """The tokens of a query, the last of kind `end`. Raises: MalformedQuery."""
    if match := _NO_TEXT.search(query):
        raise MalformedQuery(f"a query holds no {match[0]!r}", match.start(), match.end())
    tokens: list[Token] = []
    tokens.extend(_scan(query, tokens))
    tokens.append(Token(kind="end", value="", start=len(query), end=len(query)))
    return tokens


def _scan(query: str, before: Sequence[Token]) -> Iterator[Token]:
    """Yield tokens; `before` is where the caller keeps those already yielded."""
    at = 0
    while at < len(query):
        token = _regex(query, at) if query[at] == "/" and _wants_pattern(before) else _next(query, at)
        at = token.end
        if token.kind != "space":
            _refuse_hyphenated_name(query, token, before)
            yield token


def _next(query: str, at: int) -> Token:
    match = _EXPONENT.match(query, at)
    if match:
        return Token(kind="number", value=match[0], start=at, end=match.end())
    match = _TOKENS.match(query, at)
    if not match:
        raise MalformedQuery(f"unexpected character {query[at]!r}", at, at + 1)
    kind = match.lastgroup or ""
    value = match[0]
    word = ""
    if kind == "name":
        word = "" if "`" in value else value.lower()
        value = value.replace("`", "")
    elif kind == "text":
        value = _unquoted(value, at)
    return Token(kind=kind, value=value, start=at, end=match.end(), word=word)


def _wants_pattern(before: Sequence[Token]) -> bool:
    last = before[-1] if before else None
    if last is None:
        return False
    if last.word in {"like", "parse"} or last.is_mark("=~"):
        return True
    return last.kind == "name" and len(before) > 1 and before[-2].word == "parse"


def _regex(query: str, at: int) -> Token:
    match = _REGEX.match(query, at)
    if not match or not match[1]:
        raise MalformedQuery("a regular expression is not closed or empty", at, at + 1)
    return Token(kind="regex", value=match[1], start=at, end=match.end())


def _unquoted(quoted: str, at: int) -> str:
    def plain(match: re.Match[str]) -> str:
        if match[1] not in "\"'\\":
            start = at + 1 + match.start()
            raise MalformedQuery(
                f"{match[0]} in a string is not played here: use a regular expression", start, start + 2
            )
        return match[1]

    return _ESCAPE.sub(plain, quoted[1:-1])


def _refuse_hyphenated_name(query: str, token: Token, before: Sequence[Token]) -> None:
    """A name with a hyphen needs backticks; what else `a-b` might mean is not for us to guess."""
    if token.kind != "name" or len(before) < 2 or not before[-1].is_mark("-"):
        return
    hyphen, name = before[-1], before[-2]
    is_glued = name.end == hyphen.start and hyphen.end == token.start
    if is_glued and name.kind == "name" and token.value[0] != "@":
        whole = query[name.start : token.end]
        raise MalformedQuery(f"put {whole} in backticks, or spaces around the minus", name.start, token.end)

r"""Reads which commands a Logs Insights query has, and refuses those that reach beyond what it is asked of. Pure.

`SOURCE`, `join` and subqueries read other log groups than those a query is asked of, `lookup` reads tables, `unmask`
shows what data protection hides. AWS publishes no grammar, so a query must pass in each way its quotes may be read,
and what reads other groups must not even stand where quotes would hide it.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.errors import CallFailed

COMMANDS: Final = ("fields", "display", "filter", "parse", "pattern", "stats", "sort", "limit", "dedup", "unnest")

# A slash opens a regular expression after like, =~ and parse only; elsewhere it divides.
_REGEX: Final = r"(?P<before>(?:\blike|=~)\s*|\bparse\b[^|\"'`/#]*+)/(?:\\.|[^/\\\n])*/"
_HIDDEN: Final = rf"(?P<comment>\#[^\n]*)|{_REGEX}|`[^`\n]*`"
# A quote that stays open hides the rest at once, not anew from each quote in it.
_ESCAPING: Final = re.compile(
    rf"(?P<quote>[\"'])(?:\\.?|(?!(?P=quote))[^\\])*+(?:(?P=quote)|(?P<open>\Z))|{_HIDDEN}", re.DOTALL
)
_NOT_ESCAPING: Final = re.compile(rf"\"[^\"]*\"|'[^']*'|{_HIDDEN}")

_OF_OTHER_LOGS: Final = ("source", "join", "lookup")
_GAP: Final = r"(?:\s|\#[^\n]*\n)*"
_REACHING: Final = re.compile(
    rf"(?:^|[|(]){_GAP}(?P<source>source)\b{_GAP}(?:[\"'`\[(]|(?!(?:and|or|in|like)\b)\w+{_GAP}[(\[])"
    rf"|(?:^|\|){_GAP}(?P<other>join|lookup)\b{_GAP}[\w@`\"'(]"
    rf"|\b(?P<unmask>unmask){_GAP}\(",
    re.IGNORECASE,
)
_SUBQUERY: Final = re.compile(
    rf"\(\s*(?:{'|'.join(COMMANDS)})\s+(?!(?:and|or|in|like|not|as|asc|desc)\b)[\w@`\"(]", re.IGNORECASE
)
_WORD: Final = re.compile(r"\s*(\w*)")
_NO_TEXT: Final = ("Cc", "Cf", "Cs", "Zl", "Zp")


def commands_of(query: str) -> tuple[str, ...]:
    """The commands, each as far as it is not quoted, a regular expression or a comment."""
    return tuple(_bare(query, _ESCAPING).split("|"))


def check_commands(query: str) -> None:
    """Raises CallFailed (refused) for what is no command of `COMMANDS`, and for a query within the query."""
    for letter in query:
        if unicodedata.category(letter) in _NO_TEXT and letter not in "\t\n":
            raise _refused(f"the character {letter!a}")
    if found := _REACHING.search(query):
        raise _refused(next(word for word in found.groups() if word))
    if any(found["open"] is not None for found in _ESCAPING.finditer(query)):
        raise _refused("a quote that stays open")
    for quoting in (_ESCAPING, _NOT_ESCAPING):
        bare = _bare(query, quoting)
        if _is_nested(bare):
            raise _refused("a query in brackets")
        for name in _names(bare):
            if name.lower() not in COMMANDS:
                raise _refused(name or "a pipe without a command")


def _bare(query: str, quoting: re.Pattern[str]) -> str:
    """The query with a pair of quotes for each text and expression in it, and without its comments."""
    return quoting.sub(lambda found: " " if found["comment"] else f'{found["before"] or ""}""', query)


def _names(bare: str) -> Iterator[str]:
    for command in bare.split("|"):
        found = _WORD.match(command)
        yield found[1] if found else ""


def _is_nested(bare: str) -> bool:
    """Whether brackets hold a pipe, or begin with a command that is followed by what it takes."""
    depth = 0
    for mark in re.findall(r"[()|]", bare):
        depth += {"(": 1, ")": -1}.get(mark, 0)
        if mark == "|" and depth > 0:
            return True
    return _SUBQUERY.search(bare) is not None


def _refused(what: str) -> CallFailed:
    hint = "Write the query without it, with those commands alone."
    if what.lower() in _OF_OTHER_LOGS:
        hint = "It reads the logs of function_names and nothing else: name more functions there instead."
    return CallFailed(
        OutcomeKind.REFUSED,
        "CommandRefused",
        f"A query may use {', '.join(COMMANDS)}; this one has {what}.",
        hint,
        recorded="The query has a command that is not allowed.",
    )

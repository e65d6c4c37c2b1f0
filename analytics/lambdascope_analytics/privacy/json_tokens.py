"""Walks over JSON text without reading it into values: also JSON that was cut anywhere, nested however deeply."""

import re
import time
from collections.abc import Iterator
from typing import Final

KEY: Final = "key"
STRING: Final = "string"
SCALAR: Final = "scalar"
OPEN: Final = "open"
CLOSE: Final = "close"
COMMA: Final = "comma"
TORN_KEY: Final = "torn key"
TORN_STRING: Final = "torn"
TORN_SCALAR: Final = "torn scalar"

_TOKEN: Final = re.compile(
    r'[ \t\r\n:]*+(?:(?P<string>"(?:[^"\\]|\\.)*+")|(?P<comma>,)|(?P<scalar>[^\s"{}\[\],:]++)|(?P<open>[{\[])'
    r'|(?P<close>[}\]])|(?P<torn>"(?:[^"\\]|\\.)*+\\?\Z)|(?P<end>\Z))',
    re.DOTALL,
)
_SCALAR: Final = re.compile(r"true|false|null|NaN|-?Infinity|-?(?:0|[1-9]\d*+)(?:\.\d++)?(?:[eE][+-]?\d++)?", re.ASCII)
_TORN_NUMBER: Final = re.compile(r"-?[\d.eE+-]*+", re.ASCII)
_WORDS: Final = ("true", "false", "null", "NaN", "Infinity", "-Infinity")
_CLOSERS: Final = {"{": "}", "[": "]"}

# Long walks are work of the history's writer. Without a pause it would keep the interpreter for 5 ms at a time from
# the thread that answers calls.
_BREATH_TOKENS: Final = 200
_BREATH_S: Final = 0.0001

# Kind, where it begins and ends, and how many brackets are open after it.
Token = tuple[str, int, int, int]


class NotJsonError(ValueError):
    """The text is not JSON, nor the beginning of JSON."""


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of `text`, white space and colons left out.

    Raises:
        NotJsonError: what comes cannot be JSON. Small faults, such as a comma too few, are not noticed.
    """
    opened: list[str] = []
    wants_key = False
    end = 0
    countdown = _BREATH_TOKENS
    while end < len(text):
        countdown -= 1
        if not countdown:
            time.sleep(_BREATH_S)
            countdown = _BREATH_TOKENS
        found = _TOKEN.match(text, end)
        if found is None or (kind := found.lastgroup) is None:
            raise NotJsonError
        start, end = found.span(kind)
        if kind == "end":
            return
        if kind == OPEN:
            opened.append(text[start])
        elif kind == CLOSE:
            if not opened or _CLOSERS[opened.pop()] != text[start]:
                raise NotJsonError
        elif kind == SCALAR:
            if wants_key or not _is_scalar(text, start, end):
                raise NotJsonError
            kind = TORN_SCALAR if end == len(text) else SCALAR
        elif wants_key:
            if kind == COMMA:
                raise NotJsonError
            kind = TORN_KEY if kind == TORN_STRING else KEY
        wants_key = bool(opened) and opened[-1] == "{" and kind in (OPEN, COMMA)
        yield kind, start, end, len(opened)
        if not opened and text[end:].strip(" \t\r\n"):
            raise NotJsonError


def _is_scalar(text: str, start: int, end: int) -> bool:
    if _SCALAR.fullmatch(text, start, end):
        return True
    is_torn = end == len(text)
    return is_torn and (
        _TORN_NUMBER.fullmatch(text, start) is not None or any(word.startswith(text[start:]) for word in _WORDS)
    )

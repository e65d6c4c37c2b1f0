"""Makes whole JSON of JSON that was cut: what is open is closed, and a note says that something is missing."""

import json
import re
from typing import Final

from lambdascope_analytics.privacy.json_tokens import CLOSE, OPEN, SCALAR, STRING, TORN_STRING, tokens

NOTE_KEY: Final = "[cut]"

_ENDS_VALUE: Final = frozenset({STRING, SCALAR, CLOSE})
_LAST_ESCAPE: Final = re.compile(
    r"(?<!\\)(?P<backslashes>\\++)(?P<rest>u[0-9a-fA-F]{0,3}|u[dD][89abAB][0-9a-fA-F]{2})?\Z"
)
_CLOSERS: Final = {"{": "}", "[": "]"}


def close_json(text: str, note: str) -> str:
    """Return the beginning of a JSON document as a whole one that holds `note` where it was cut.

    A text that is cut keeps its beginning; a member or number that is cut is left out.

    Raises:
        NotJsonError: it is not the beginning of a JSON document.
    """
    opened: list[str] = []
    kept = 0
    is_first = True
    for kind, start, end, _ in tokens(text):
        if kind == OPEN:
            opened.append(text[start])
        elif kind == CLOSE:
            opened.pop()
        elif kind == TORN_STRING:
            return f'{without_torn_escape(text)} {_inside(note)}"{_closing(opened)}'
        if kind == OPEN or kind in _ENDS_VALUE:
            kept, is_first = end, kind == OPEN
    if kept and not opened:
        return text[:kept]
    member = json.dumps(note, ensure_ascii=False)
    if opened and opened[-1] == "{":
        member = f'"{NOTE_KEY}":{member}'
    return text[:kept] + (member if is_first else f",{member}") + _closing(opened)


def without_torn_escape(text: str) -> str:
    """Return the beginning of a JSON string without an escape, or half a surrogate pair, that is not whole."""
    last = _LAST_ESCAPE.search(text)
    if last is None or len(last["backslashes"]) % 2 == 0:
        return text
    return text[: last.end("backslashes") - 1]


def _inside(note: str) -> str:
    return json.dumps(note, ensure_ascii=False)[1:-1]


def _closing(opened: list[str]) -> str:
    return "".join(_CLOSERS[bracket] for bracket in reversed(opened))

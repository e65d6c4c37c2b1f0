"""Regular expressions of a query, in the dialect of RE2.

AWS does not publish its dialect, which behaves like Java's. What the two read differently is refused, or written
anew: in Java `$` also stands before a last newline, and Lambda's messages end with one.
"""

import re
from collections.abc import Iterator

from lambdascope_proxy.local.insights.malformed import MalformedQuery
from lambdascope_proxy.local.insights.nodes import Regex

_PIECES = re.compile(
    r"(?P<quoted>\\Q.*?(?:\\E|$))|(?P<escape>\\.)|(?P<class>\[\^?\]?(?:\\.|[^\]\\])*\])|(?P<flags>\(\?[a-zA-Z-]+[:)])"
    r"|(?P<group>\(\?P?<(?P<name>[A-Za-z][A-Za-z0-9]*)>)|(?P<brace>\{,)|(?P<end>\$)|(?P<other>.)",
    re.DOTALL,
)
_DIFFERENT_ESCAPES = set("CXvVRhHNGZ0ke")  # mean other things in Java and RE2, or are known to one of them only
_LINE_END = r"(?:\n?\z)"


def rewritten(regex: Regex) -> str:
    """The expression for RE2. Raises: MalformedQuery, for what RE2 and Java read differently."""
    is_multiline = False
    written: list[str] = []
    for piece in _pieces(regex):
        text, kind = piece[0], piece.lastgroup
        if piece["flags"]:
            is_multiline = _multiline(regex, piece, is_multiline=is_multiline)
        elif piece["name"]:
            text = f"(?P<{piece['name']}>"
        elif kind == "end" and not is_multiline:
            text = _LINE_END
        elif kind in {"escape", "class", "brace"}:
            _check(regex, text, kind)
        written.append(text)
    return "".join(written)


def group_names(regex: Regex) -> tuple[str, ...]:
    """The named groups, in order. Raises: MalformedQuery, if there is none, or one twice, or one without a name."""
    names = tuple(piece["name"] for piece in _pieces(regex) if piece["name"])
    opened = sum(
        1
        for piece, follower in _with_follower(list(_pieces(regex)))
        if piece[0] == "(" and (follower is None or follower[0] != "?")
    )
    if not names or opened or len(set(names)) < len(names):
        raise _refusal(regex, "parse needs named groups, (?<name>...), each name once; others are written (?:...)")
    return names


def _with_follower(pieces: list[re.Match[str]]) -> Iterator[tuple[re.Match[str], re.Match[str] | None]]:
    return zip(pieces, [*pieces[1:], None], strict=True)


def glob(pattern: str) -> str:
    """The expression for a glob: an asterisk stands for as little as possible within the line, a last one for all."""
    parts = pattern.split("*")
    groups = ["(.*?)"] * (len(parts) - 1)
    if groups and not parts[-1]:
        groups[-1] = "(.*)"
    return "".join(re.escape(part) + group for part, group in zip(parts, [*groups, ""], strict=True))


def _pieces(regex: Regex) -> Iterator[re.Match[str]]:
    return _PIECES.finditer(regex.pattern)


def _multiline(regex: Regex, piece: re.Match[str], *, is_multiline: bool) -> bool:
    flags = piece[0][2:-1]
    on, _, off = flags.partition("-")
    if not set(on + off) <= set("ims"):
        raise _refusal(regex, f"the flags {piece[0]} are not played here")
    if "m" not in flags:
        return is_multiline
    if piece.start() or off or piece[0].endswith(":"):
        raise _refusal(regex, "the flag m is only played at the start of an expression")
    return True


def _check(regex: Regex, text: str, kind: str) -> None:
    if kind == "brace" or not _DIFFERENT_ESCAPES.isdisjoint(re.findall(r"\\(.)", text, re.DOTALL)):
        raise _refusal(regex, f"{text} is not played here")
    inner = re.sub(r"\\.", "", text[1:-1]) if kind == "class" else ""
    if "[" in inner or "&&" in inner or inner.startswith(("]", "^]")):
        raise _refusal(regex, f"the class {text} is not played here")


def _refusal(regex: Regex, message: str) -> MalformedQuery:
    return MalformedQuery(f"regular expression: {message}", regex.start, regex.end)

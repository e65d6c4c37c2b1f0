"""One short value for one kind of error: what differs from occurrence to occurrence is left out."""

import hashlib
import re
from collections.abc import Sequence
from typing import Final

INNERMOST_FRAMES: Final = 3
_LONGEST_MESSAGE: Final = 4096
_LONGEST_STACK: Final = 200

_TIMESTAMP: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?")
_UUID: Final = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# A quote inside a word (can't) neither opens nor closes; the bound keeps unclosed ones cheap.
_QUOTED: Final = re.compile(r"(?<!\w)'(?:[^'\n]|'(?=\w)){0,200}+'(?!\w)|\"[^\"\n]{0,200}+\"|`[^`\n]{0,200}+`")
_WORD: Final = re.compile(r"[\w./\\:@%+~-]++")
_HEX: Final = re.compile(r"(?i)[0-9a-f]{8,}")
_PYTHON_FRAME: Final = re.compile(r"File \"([^\"\n]{0,500})\", line \d+(?:, in ([^\n]{1,200}))?")
_OTHER_FRAME: Final = re.compile(r"^\s*at (.{1,500})|^(.{1,500}?:\d+:in .{1,200})", re.DOTALL)


def fingerprint(error_type: str | None, message: str | None, stack: Sequence[str] = ()) -> str:
    """Return 16 hex digits that are the same for the same kind of error, in any process and release.

    It covers the error type, the message without ids, numbers, hex, paths, quoted values and times, and the
    innermost frames of the stack (as Lambda's runtimes write them) without line numbers.
    """
    parts = [error_type or "", normalise(message or ""), *_innermost(stack)]
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def normalise(message: str) -> str:
    """Return the part of an error message that is the same each time it is raised."""
    text = message[:_LONGEST_MESSAGE]
    for pattern, placeholder in ((_TIMESTAMP, "<time>"), (_UUID, "<id>"), (_QUOTED, "<value>")):
        text = pattern.sub(placeholder, text)
    return " ".join(_WORD.sub(_without_value, text).split())


def _without_value(found: re.Match[str]) -> str:
    word = found[0]
    if "/" in word or "\\" in word:
        return "<path>"
    if any(character.isdigit() for character in word) or _HEX.fullmatch(word):
        return "<id>"
    return word


def _innermost(stack: Sequence[str]) -> list[str]:
    lines = [line for entry in stack[:_LONGEST_STACK] for line in str(entry)[:_LONGEST_MESSAGE].splitlines()]
    python = [found for line in lines if (found := _PYTHON_FRAME.search(line))]
    if python:
        # Python alone writes the innermost frame last.
        return [f"{_file_name(found[1])}:{found[2]}" for found in python[-INNERMOST_FRAMES:]]
    others = [found[1] or found[2] for line in lines if (found := _OTHER_FRAME.match(line))]
    return [_without_position(frame) for frame in others[:INNERMOST_FRAMES]]


def _file_name(path: str) -> str:
    return re.split(r"[/\\]", path)[-1]


def _without_position(frame: str) -> str:
    frame = re.sub(r":(?:line )?\d+", "", frame)
    return re.sub(r"(?<![^\s(])[^\s()]*[/\\]", "", frame).strip()

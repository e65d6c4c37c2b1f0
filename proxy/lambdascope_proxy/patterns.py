"""Short texts that a simple regular expression accepts, for examples; what is not simple gives none.

Simple means: literals, escapes, classes, groups, alternatives, repetition and the anchors at both ends. No look-around,
no back-references, no flags.
"""

import string
from collections.abc import Callable, Iterator
from typing import Final

_PRINTABLE: Final = string.ascii_lowercase + string.digits + string.ascii_uppercase + "-_ .,:/" + string.punctuation
_CLASSES: Final = {"d": string.digits, "w": string.ascii_letters + string.digits + "_", "s": " "}
_CONTROLS: Final = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v"}
_LONGEST: Final = 2000

_Part = Callable[[int], str]
"""A piece of the pattern: given how often to go beyond the least repetition, the text."""


class _NotSimple(Exception):
    """The pattern uses what this module does not."""


def texts_for(pattern: str) -> Iterator[str]:
    """Give texts that should match, shortest first, longer by one repetition each time; none if it is not simple.

    Callers check them: inside an alternative an anchor may forbid what this module put around it.
    """
    try:
        text_of = _Reader(pattern[: _LONGEST + 1]).read()
        latest = None
        for extra in range(_LONGEST):
            text = text_of(extra)
            if text == latest:
                return
            latest = text
            yield text
    except (_NotSimple, RecursionError):
        return


class _Reader:
    """Reads a pattern from left to right, by the usual grammar: alternatives of sequences of repeated atoms."""

    def __init__(self, pattern: str) -> None:
        self._rest = pattern

    def read(self) -> _Part:
        part = self._alternatives()
        if self._rest:
            raise _NotSimple
        return part

    def _next(self) -> str:
        if not self._rest:
            raise _NotSimple
        taken, self._rest = self._rest[0], self._rest[1:]
        return taken

    def _take(self, prefix: str) -> bool:
        is_there = self._rest.startswith(prefix)
        self._rest = self._rest.removeprefix(prefix)
        return is_there

    def _alternatives(self) -> _Part:
        first = self._sequence()
        while self._take("|"):
            self._sequence()
        return first

    def _sequence(self) -> _Part:
        parts: list[_Part] = []
        while self._rest and self._rest[0] not in "|)":
            if self._rest[0] in "^$":
                self._next()
            else:
                parts.append(self._repeated(self._atom()))
        return lambda extra: _bounded("".join(part(extra) for part in parts), 1)

    def _repeated(self, atom: _Part) -> _Part:
        least, most = self._bounds()
        self._take("?")  # lazy or not, the same texts match
        return lambda extra: _bounded(atom(extra), min(least + extra, most))

    def _bounds(self) -> tuple[int, int]:
        for mark, bounds in (("*", (0, _LONGEST)), ("+", (1, _LONGEST)), ("?", (0, 1))):
            if self._take(mark):
                return bounds
        if not self._take("{"):
            return 1, 1
        inside, closed, self._rest = self._rest.partition("}")
        least, comma, most = inside.partition(",")
        if not closed or not least.isdecimal() or not (most.isdecimal() or not most) or int(least) > _LONGEST:
            raise _NotSimple
        return int(least), int(most) if most else _LONGEST if comma else int(least)

    def _atom(self) -> _Part:
        taken = self._next()
        if taken == "(":
            return self._group()
        if taken == "[":
            return self._one_of(self._class())
        if taken == "\\":
            return self._one_of(self._escaped())
        if taken in "*+?{":
            raise _NotSimple
        return self._one_of("a" if taken == "." else taken)

    @staticmethod
    def _one_of(characters: str) -> _Part:
        return lambda _: characters[0]

    def _group(self) -> _Part:
        if self._take("?") and not self._take(":"):
            raise _NotSimple
        part = self._alternatives()
        if not self._take(")"):
            raise _NotSimple
        return part

    def _escaped(self) -> str:
        taken = self._next()
        if taken in _CLASSES:
            return _CLASSES[taken]
        if taken.lower() in _CLASSES:
            return _without(_CLASSES[taken.lower()])
        if taken.isalnum() and taken not in _CONTROLS:
            raise _NotSimple
        return _CONTROLS.get(taken, taken)

    def _class(self) -> str:
        is_negated = self._take("^")
        characters = self._class_range()  # the first may be a bracket
        while not self._take("]"):
            characters += self._class_range()
        return _without(characters) if is_negated else characters

    def _class_range(self) -> str:
        first = self._class_member()
        if self._rest[:1] != "-" or self._rest[1:2] in ("]", ""):
            return first
        self._next()
        return _between(first, self._class_member())

    def _class_member(self) -> str:
        taken = self._next()
        return self._escaped() if taken == "\\" else taken


def _bounded(text: str, times: int) -> str:
    """Repeat the text, before a pattern such as ((a{999}){999}){999} fills the memory."""
    if len(text) * times > _LONGEST:
        raise _NotSimple
    return text * times


def _between(first: str, last: str) -> str:
    if len(first) != 1 or len(last) != 1 or first > last:
        raise _NotSimple
    return "".join(chr(code) for code in range(ord(first), min(ord(last), ord(first) + 200) + 1))


def _without(characters: str) -> str:
    remaining = "".join(each for each in _PRINTABLE if each not in characters)
    if not remaining:
        raise _NotSimple
    return remaining

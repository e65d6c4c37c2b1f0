"""Masks secrets in JSON: members by their name whatever their value, texts by what they look like; the rest stays as
it was written, to the letter."""

import json
from typing import Final

from lambdascope_analytics.privacy.json_closing import without_torn_escape
from lambdascope_analytics.privacy.json_tokens import (
    KEY,
    OPEN,
    SCALAR,
    STRING,
    TORN_KEY,
    TORN_SCALAR,
    TORN_STRING,
    NotJsonError,
    tokens,
)
from lambdascope_analytics.privacy.mask import MASK
from lambdascope_analytics.privacy.names import may_name_secrets, says_secret, says_secrets
from lambdascope_analytics.privacy.scrubber import Scrubber

_MASKED: Final = f'"{MASK}"'
# JSON as text within JSON, as in the body of an HTTP event. What lies deeper is masked as a whole if it may hold a
# name that says secret: each level doubles the backslashes, so hardly anything does.
_DEEPEST_INNER: Final = 4
_BRACKETS: Final = frozenset("{[")


def redact_json(text: str, scrubber: Scrubber, *, levels: int = _DEEPEST_INNER) -> str:
    """Return a JSON document, or the beginning of one, with its secrets masked.

    A whole document stays a valid one, and one without secrets stays as it is.

    Raises:
        NotJsonError: it is no JSON, and something in it would be masked.
        SlowPatternError: a pattern of the operator takes too long.
    """
    if _is_harmless(text, scrubber):
        return text
    return _Redaction(text, scrubber, levels).run()


def _is_harmless(text: str, scrubber: Scrubber) -> bool:
    """Whether the text as a whole already shows that no part of it is masked; the common case, and a fast one."""
    # Escapes hide what a text says, and patterns of the operator may ask for the end of a text.
    if "\\" in text or scrubber.has_patterns or may_name_secrets(text):
        return False
    return scrubber.strictly(text) == text


class _Redaction:
    """One walk over one document, which copies what stays and replaces what is masked."""

    def __init__(self, text: str, scrubber: Scrubber, levels: int) -> None:
        self._text = text
        self._scrubber = scrubber
        self._levels = levels
        self._pieces: list[str] = []
        self._copied = 0
        self._masks_all = False
        self._masks_texts = False
        self._masked_above: int | None = None
        self._harmless_names: set[str] = set()

    def run(self) -> str:
        take = {
            KEY: self._take_key,
            TORN_KEY: self._take_torn,
            STRING: self._take_string,
            TORN_STRING: self._take_torn,
            SCALAR: self._take_scalar,
            TORN_SCALAR: self._take_scalar,
            OPEN: self._take_open,
        }
        for kind, start, end, depth in tokens(self._text):
            if self._masked_above is not None:
                self._skip(end, depth)
            elif kind in take:
                take[kind](start, end, depth)
        if self._masked_above is not None:
            self._copied = len(self._text)
        return "".join(self._pieces) + self._text[self._copied :]

    def _skip(self, end: int, depth: int) -> None:
        """Pass over what lies within a masked object or array."""
        if depth == self._masked_above:
            self._masked_above = None
            self._copied = end

    def _take_key(self, start: int, end: int, _: int) -> None:
        written = self._text[start:end]
        # The same names come again and again; those that were found harmless are not looked at twice.
        if written not in self._harmless_names:
            name = self._scrub_string(start, end)
            self._masks_all = says_secret(name)
            self._masks_texts = self._masks_all or says_secrets(name)
            if self._copied < end and not self._masks_texts:
                self._harmless_names.add(written)

    def _take_open(self, start: int, end: int, depth: int) -> None:
        if self._masks_texts:
            self._replace(start, end, _MASKED)
            self._masked_above = depth - 1
        self._forget_name()

    def _take_string(self, start: int, end: int, _: int) -> None:
        if self._masks_texts:
            self._replace(start, end, _MASKED)
        else:
            self._scrub_string(start, end)
        self._forget_name()

    def _take_torn(self, start: int, end: int, _: int) -> None:
        if self._masks_texts:
            self._replace(start, end, _MASKED)
        else:
            self._scrub_string(start, end, is_torn=True)

    def _take_scalar(self, start: int, end: int, _: int) -> None:
        written = self._text[start:end]
        if self._masks_all or self._scrubber.strictly(written) != written:
            self._replace(start, end, _MASKED)
        self._forget_name()

    def _forget_name(self) -> None:
        self._masks_all = self._masks_texts = False

    def _scrub_string(self, start: int, end: int, *, is_torn: bool = False) -> str:
        """Replace a string by what is left of it, if that is another text; return what it said."""
        decoded = _decoded(self._text[start + 1 : end if is_torn else end - 1], is_torn=is_torn)
        scrubbed = self._scrubbed(decoded)
        if scrubbed != decoded:
            written = json.dumps(scrubbed, ensure_ascii=False)
            self._replace(start, end, written[:-1] if is_torn else written)
        return decoded

    def _scrubbed(self, decoded: str) -> str:
        if decoded.lstrip()[:1] in _BRACKETS:
            if self._levels <= 0 and may_name_secrets(decoded):
                return MASK
            try:
                return redact_json(decoded, self._scrubber, levels=self._levels - 1)
            except NotJsonError:
                pass
        return self._scrubber.strictly(decoded)

    def _replace(self, start: int, end: int, replacement: str) -> None:
        self._pieces += (self._text[self._copied : start], replacement)
        self._copied = end


def _decoded(inside: str, *, is_torn: bool) -> str:
    if "\\" not in inside:
        return inside
    try:
        return json.loads(f'"{without_torn_escape(inside) if is_torn else inside}"', strict=False)
    except ValueError as error:
        raise NotJsonError from error

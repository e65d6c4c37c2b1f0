"""Masks secrets and personal data in text that is about to be kept.

It knows shapes and names, not meanings: what looks like none of them stays. Scrub before trimming, or half a secret
may no longer be recognised.
"""

import logging
import re
from collections.abc import Callable, Collection, Sequence
from typing import Final

from lambdascope_analytics.errors import SlowPatternError
from lambdascope_analytics.privacy.mask import MASK
from lambdascope_analytics.privacy.patterns import OwnPattern

_log: Final = logging.getLogger(__name__)

# Most texts of a payload are short words. What is shorter than this is a secret only with one of these in it.
_SHORTEST: Final = 10
_SIGNS: Final = re.compile("[@:=]")
WITHHELD: Final = "[masked: a pattern of LAMBDASCOPE_SCRUB_PATTERNS took too long on this text]"


class Scrubber:
    """Masks what is built in and what `patterns` add; safe to share between threads.

    `known` gives secrets that are masked to the letter; it is asked once, with the first text.
    """

    def __init__(self, patterns: Sequence[OwnPattern] = (), known: Callable[[], Collection[str]] | None = None) -> None:
        self._patterns = tuple(patterns)
        self._known = known
        self._letters: tuple[str, ...] | None = None if known else ()

    @property
    def has_patterns(self) -> bool:
        """Whether the operator added patterns."""
        return bool(self._patterns)

    def text(self, text: str) -> str:
        """Return `text` with every secret it recognises replaced by `[masked]`.

        A text on which a pattern of the operator takes too long is masked as a whole.
        """
        try:
            return self.strictly(text)
        except SlowPatternError as error:
            _log.warning("a text was masked as a whole: %s", error)
            return WITHHELD

    def strictly(self, text: str) -> str:
        """As `text` does, but raises SlowPatternError when a pattern of the operator takes too long."""
        if len(text) < _SHORTEST and not self._patterns and not self._known and not _SIGNS.search(text):
            return text
        for secret in self._known_letters():
            text = text.replace(secret, MASK)
        # Compiling these patterns takes longer than all else a start does, and the first text comes after it.
        from lambdascope_analytics.privacy.built_in import mask_built_in

        text = mask_built_in(text)
        for pattern in self._patterns:
            text = pattern.mask(text)
        return text

    def _known_letters(self) -> tuple[str, ...]:
        if self._letters is None and self._known:
            # The longest first: one may be a part of another, and what is left of that would show.
            self._letters = tuple(sorted(self._known(), key=len, reverse=True))
        return self._letters or ()

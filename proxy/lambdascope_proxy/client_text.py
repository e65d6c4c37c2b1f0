"""Masks and cuts what a client says of itself or makes up: names, versions, ids."""

from collections.abc import Callable
from typing import Final

# Masked before it is cut: half a secret may no longer be recognised. What is longer still is cut before, too.
_MASKED_CHARS: Final = 2000


def masked_text(text: str, scrub: Callable[[str], str], *, characters: int) -> str:
    """The text without what `scrub` takes for a secret, and no longer than so many characters."""
    return scrub(text[:_MASKED_CHARS])[:characters]

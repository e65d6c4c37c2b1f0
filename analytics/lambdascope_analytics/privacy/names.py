"""Names that say that their value is a secret, in text (`password=...`) and as members of JSON."""

import re
from collections.abc import Iterator
from typing import Final

from lambdascope_analytics.privacy.mask import MASK

_NAMES: Final = (
    r"pass(?:word|wd|phrase|code)|(?<=[_\-\"'])pass(?![a-z])|pwd|secret|token(?!s|iz)|jwt"
    r"|(?:api|access|private|account|encryption|signing|subscription|master|license)[_-]?key"
    r"|signature|(?<=[?&])sig(?==)|credential|authorization|(?<![a-z])auth(?![a-z])|cookie|session[_-]?id"
    r"|connection[_-]?string|card[_-]?(?:number|num(?![a-z])|no(?![a-z]))|(?<![a-z])cv[vc]2?(?![a-z])"
    r"|(?<![a-z])(?:otp|ssn|pin(?:[_-]?code)?)(?![a-z])|social[_-]?security"
)
# A name begins with one of these. Looking for them first is many times faster than for all names, whatever their case.
_BEGINNINGS: Final = re.compile(
    "pass|pwd|secret|token|jwt|api|access|private|account|encryption|signing|subscription|master|license|sig"
    "|credential|auth|cookie|session|connection|card|cv[vc]|otp|ssn|pin|social"
)
_VALUES: Final = (
    r"\"(?:[^\"\\]|\\.)*+\"?",
    r"'(?:[^'\\]|\\.)*+'?",
    r"\\\"(?:[^\"\\]|\\\\(?:\\\"|\\\\|[^\"\\]))*+(?:\\\")?",  # JSON as text within JSON
    # And deeper: it ends at a quote behind as many backslashes as the first; a quote within has more of them.
    r"(?P<escape>\\{2,}+)\"(?:[^\"\\]|\\++(?!\")|(?P=escape)\\++\")*+(?:(?P=escape)\")?",
    r"(?:(?:bearer|basic|digest|negotiate)\s++)?[^\s;&\"'<>]++",
)
_NAME: Final = re.compile(f"(?i:{_NAMES})")
_NAMED: Final = re.compile(
    rf"(?is)(?P<name>(?:{_NAMES})[\w.-]{{0,40}}+\\{{0,8}}[\"']?\s{{0,9}}+(?:=>|:=|[=:])\s{{0,9}}+)(?P<value>{'|'.join(_VALUES)})"
)
_TOKENS: Final = re.compile(r"(?i)tokens\Z")
_OPENING: Final = re.compile(r"\\*[\"']")


def says_secret(name: str) -> bool:
    """Whether a member of this name is masked whatever its value is."""
    return _BEGINNINGS.search(name.lower()) is not None and _NAME.search(f'"{name}"') is not None


def says_secrets(name: str) -> bool:
    """Whether a member of this name is masked unless it is a number, as `max_tokens` is."""
    return _TOKENS.search(name) is not None


def may_name_secrets(text: str) -> bool:
    """Whether `text` could hold a name that says secret; False is certain."""
    return _BEGINNINGS.search(text.lower()) is not None


def mask_named(text: str) -> str:
    """Mask the values of names that say secret, keeping the names and the quotes around the values."""
    if ":" not in text and "=" not in text:
        return text
    pieces: list[str] = []
    done = 0
    for start in _beginnings(text):
        if start >= done and (found := _NAMED.match(text, start)):
            pieces += (text[done : found.start("value")], _masked(found["value"]))
            done = found.end()
    return "".join(pieces) + text[done:]


def _beginnings(text: str) -> Iterator[int]:
    lowered = text.lower()
    if len(lowered) != len(text):
        # A few letters become two when lowered, which moves what follows: then every place is looked at.
        return iter(range(len(text)))
    return (found.start() for found in _BEGINNINGS.finditer(lowered))


def _masked(value: str) -> str:
    opening = _OPENING.match(value)
    # Keep the quotes as they were, so that JSON stays JSON.
    return f"{opening[0]}{MASK}{opening[0]}" if opening else MASK

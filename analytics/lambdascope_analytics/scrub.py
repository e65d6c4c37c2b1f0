"""Masks secrets and personal data in text that is about to be kept; pure, and linear in the length of the text.

It knows shapes, not meanings: what looks like none of them stays. Scrub before trimming, or half a secret may no
longer be recognised.
"""

import re
from typing import Final

MASK: Final = "[masked]"

# Linear time: quantifiers are possessive (`++`, `*+`) or bounded, and where a pattern begins with a run of characters
# a lookbehind lets it begin only at the start of that run.
_KEY_BLOCK: Final = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,20}-----"
    r"(?:[^-]|-(?!----END ))*+(?:-----END [A-Z0-9 ]{0,60}-----|\Z)"
)
_URL_CREDENTIALS: Final = re.compile(r"(?<=://)[^\s/?#@\"'<>]++@(?:[^\s/?#@\"'<>]++@)*+")
_BEARER: Final = re.compile(r"(?i)\b(bearer\s++)[\w.~+/=:-]{6,}+", re.ASCII)
_JWT: Final = re.compile(r"(?<![\w-])eyJ[\w-]{4,}+\.[\w-]{4,}+(?:\.[\w-]*+)*+", re.ASCII)
_NAMES: Final = (
    r"pass(?:word|wd|phrase|code)|pwd|secret|token(?!s|iz)|(?:api|access|private|account|encryption|signing)[_-]?key"
    r"|signature|credential|authorization|cookie|session[_-]?id"
)
_VALUES: Final = (
    r"\"(?:[^\"\\]|\\.)*+\"?",
    r"'(?:[^'\\]|\\.)*+'?",
    r"\\\"(?:[^\"\\]|\\\\(?:\\\"|\\\\|[^\"\\]))*+(?:\\\")?",  # JSON as text within JSON
    # And deeper: it ends at a quote behind as many backslashes as the first; a quote within has more of them.
    r"(?P<escape>\\{2,}+)\"(?:[^\"\\]|\\++(?!\")|(?P=escape)\\++\")*+(?:(?P=escape)\")?",
    r"(?:(?:bearer|basic|digest|negotiate)\s++)?[^\s;&\"'<>]++",
)
_NAMED: Final = re.compile(
    rf"(?is)(?P<name>(?:{_NAMES})[\w.-]{{0,40}}+\\{{0,8}}[\"']?\s{{0,9}}+(?:=>|:=|[=:])\s{{0,9}}+)(?P<value>{'|'.join(_VALUES)})"
)
_AWS_KEY_ID: Final = re.compile(
    r"(?<![A-Za-z0-9])(?:AKIA|ASIA|AIDA|AROA|AGPA|ANPA|ANVA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])"
)
# 40 characters of base64 that are not a hash in hex.
_AWS_SECRET: Final = re.compile(r"(?<![\w/+])[A-Za-z0-9/+]{40}(?![\w/+=])", re.ASCII)
_EMAIL: Final = re.compile(r"(?<![\w.%+-])[\w.%+-]++@[A-Za-z0-9][A-Za-z0-9-]*+(?:\.[A-Za-z0-9-]++)++")
# Digits in groups; not those behind a decimal point.
_DIGITS: Final = re.compile(r"(?<!\d)(?<!\d\.)\d++(?:[ -]\d++)*+", re.ASCII)
_CARD_LENGTHS: Final = range(13, 20)
_CARD_BEGINS: Final = "23456"  # payment networks; a time in milliseconds begins with 1


def scrub(text: str) -> str:
    """Return `text` with every secret it recognises replaced by `[masked]`.

    AWS keys, bearer tokens, JWTs, values named like a secret (`password=`, `"api_key": ...`), private key blocks,
    credentials in URLs, e-mail addresses, and card numbers that pass the Luhn check.
    """
    text = _KEY_BLOCK.sub(MASK, text)
    text = _URL_CREDENTIALS.sub(f"{MASK}@", text)
    text = _BEARER.sub(rf"\1{MASK}", text)
    text = _JWT.sub(MASK, text)
    text = _NAMED.sub(_mask_value, text)
    text = _AWS_KEY_ID.sub(MASK, text)
    text = _AWS_SECRET.sub(_mask_aws_secret, text)
    text = _EMAIL.sub(MASK, text)
    return _DIGITS.sub(_mask_cards, text)


def _mask_value(found: re.Match[str]) -> str:
    value = found["value"]
    opening = re.match(r"\\*[\"']", value)
    if opening is None:
        return found["name"] + MASK
    # Keep the quotes as they were, so that JSON stays JSON.
    return f"{found['name']}{opening[0]}{MASK}{opening[0]}"


def _mask_aws_secret(found: re.Match[str]) -> str:
    text = found[0]
    is_mixed = re.search("[A-Z]", text) and re.search("[a-z]", text) and re.search("[0-9]", text)
    return MASK if is_mixed else text


def _mask_cards(found: re.Match[str]) -> str:
    # Group by group: a card number may stand among other numbers.
    parts = re.split("([ -])", found[0])
    kept: list[str] = []
    start = 0
    while start < len(parts):
        end = _end_of_card(parts, start)
        kept.append(MASK if end else parts[start])
        start = end or start + 1
    return "".join(kept)


def _end_of_card(parts: list[str], start: int) -> int | None:
    """Return where the longest card number that begins with the group at `start` ends."""
    if parts[start][0] not in _CARD_BEGINS:
        return None
    digits = ""
    end = None
    for index in range(start, min(start + 2 * _CARD_LENGTHS.stop, len(parts)), 2):
        digits += parts[index]
        if len(digits) in _CARD_LENGTHS and _passes_luhn(digits):
            end = index + 1
    return end


def _passes_luhn(digits: str) -> bool:
    total = 0
    for position, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + position % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0

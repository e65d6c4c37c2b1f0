"""Card numbers and IBANs: told from other numbers by their check digits."""

import re
from typing import Final

from lambdascope_analytics.privacy.mask import MASK

_MANY_DIGITS: Final = re.compile(r"\d(?:[ -]?\d){12}", re.ASCII)
# Digits in groups; not those behind a decimal point.
_DIGITS: Final = re.compile(r"(?<!\d)(?<!\d\.)\d++(?:[ -]\d++)*+", re.ASCII)
_CARD_LENGTHS: Final = range(13, 20)
_CARD_BEGINS: Final = "23456"  # payment networks; a time in milliseconds begins with 1
# ISO 13616: country, two check digits, up to 30 letters and digits, often in groups of four.
_IBAN: Final = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}+(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])")


def mask_numbers(text: str) -> str:
    """Mask card numbers that pass the Luhn check and IBANs whose check digits are right."""
    if _MANY_DIGITS.search(text):
        text = _DIGITS.sub(_mask_cards, text)
    return _IBAN.sub(_mask_iban, text)


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


def _mask_iban(found: re.Match[str]) -> str:
    characters = found[0].replace(" ", "")
    turned = characters[4:] + characters[:4]
    number = "".join(str(int(character, 36)) for character in turned)
    return MASK if int(number) % 97 == 1 else found[0]

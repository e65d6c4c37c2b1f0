"""Decimals as price lists and rate tables spell them: plain, and within bounds that keep every bill exact."""

import re
from decimal import Decimal
from typing import Final

MOST_DECIMALS: Final = 15
# A unit of anything costs far less than a million; nobody uses 10^15 of one in a month.
PRICES_BELOW: Final = Decimal(10**6)
RANGES_BELOW: Final = Decimal(10**15)
# No sign, no exponent, no digits of other scripts: Decimal itself would take all of them.
_PLAIN: Final = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,15})?")


def read_decimal(text: object) -> Decimal:
    """Return the number that a text spells.

    Raises:
        ValueError: it is not text, or no plain decimal of at most 15 digits on either side of its point.
    """
    # As text only: a JSON number would have been a float on its way here.
    if not isinstance(text, str) or not _PLAIN.fullmatch(text):
        raise ValueError(f"{_shortened(text)} is not a plain decimal as text, with at most {MOST_DECIMALS} decimals")
    return Decimal(text)


def as_price(number: Decimal) -> Decimal:
    """Return the price of one unit. Raises: ValueError when no unit can cost that."""
    # Nothing that is priced is free; a zero would make every amount after it wrong in silence.
    if not 0 < number < PRICES_BELOW or _decimals(number) > MOST_DECIMALS:
        raise ValueError(f"{_shortened(f'{number:f}')} is no price above 0, below 10^6 and with 15 decimals at most")
    return number


def as_bound(number: Decimal) -> Decimal:
    """Return where a tier begins or ends. Raises: ValueError when nobody reaches that."""
    if not 0 <= number < RANGES_BELOW or _decimals(number) > MOST_DECIMALS:
        raise ValueError(f"{_shortened(f'{number:f}')} is no quantity of a month below 10^15")
    return number


def _decimals(number: Decimal) -> int:
    return max(0, -int(number.as_tuple().exponent))


def _shortened(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."

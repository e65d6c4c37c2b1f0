"""How sentences of an answer write figures: counts, shares, times and money. Pure."""

from decimal import Decimal
from typing import Final

_NANO: Final = Decimal("1e-9")


def counted(count: int, noun: str) -> str:
    """A number of things, of which one is no plural."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def percent(share: float | None) -> str:
    """A share to three digits: never 0% or 100% for what is only nearly so."""
    if share is None:
        return "unknown"
    if 0 < share < 0.0001:
        return "<0.01%"
    if 0.9999 < share < 1:
        return ">99.99%"
    return f"{share * 100:.{2 if 0 < share < 0.1 or 0.9 < share < 1 else 1}f}".rstrip("0").rstrip(".") + "%"


def change_percent(change: float) -> str:
    """How much more or less, in percent with a sign; no sign to what rounds to nothing."""
    return f"{change:+,.1%}" if abs(change) >= 0.0005 else "less than 0.1%"


def dollars(amount: Decimal | None) -> str:
    """An amount in US dollars to four digits, at least to the cent."""
    if amount is None:
        return "an unknown amount"
    if amount == 0:
        return "$0"
    if abs(amount) < _NANO:
        return "less than $0.000000001"
    places = max(2, 3 - amount.adjusted())
    sign = "-" if amount < 0 else ""
    return f"{sign}${abs(amount):,.{places}f}"


def milliseconds(value: float | None) -> str:
    """A time in ms, to about three digits and never zero for what is not; seconds from ten thousand on."""
    if value is None:
        return "unknown"
    if abs(value) >= 10_000:
        return f"{value / 1000:,.1f} s"
    if abs(value) < 1:
        return f"{value:.2g} ms"
    return f"{value:,.{0 if abs(value) >= 100 else 1}f} ms"


def length(seconds: float) -> str:
    """A stretch of time in its largest whole unit."""
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size and seconds % size == 0:
            return counted(int(seconds // size), unit)
    return f"{seconds:,.10g} seconds"

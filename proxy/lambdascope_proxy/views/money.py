"""How views and texts write amounts of money and how they changed. Pure."""

from decimal import Decimal
from typing import Final

from lambdascope_analytics.analyses import wording

UNKNOWN: Final = "unknown"


def dollars(amount: str | None) -> str:
    """An amount in US dollars to four digits, at least to the cent."""
    return UNKNOWN if amount is None else wording.dollars(Decimal(amount))


def change(amount: str | None, part: float | None) -> str:
    """How much more or less, and in percent where it was something before; empty where it is not known."""
    if amount is None:
        return ""
    value = Decimal(amount)
    sign = "+" if value > 0 else ""
    return f"{sign}{dollars(amount)}" + ("" if part is None else f" ({wording.change_percent(part)})")

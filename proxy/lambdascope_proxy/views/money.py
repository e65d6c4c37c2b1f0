"""How views and texts write amounts of money and how they changed. Pure."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from lambdascope_analytics.analyses import wording

UNKNOWN: Final = "unknown"


def dollars(amount: str | None) -> str:
    """An amount in US dollars to four digits, at least to the cent."""
    return UNKNOWN if amount is None else wording.dollars(Decimal(amount))


def amounts(amount_usd: str | None, others: Mapping[str, str], *, unknown: str = UNKNOWN) -> str:
    """What was paid in dollars and in other currencies, such as $1.200, CNY 2.500."""
    told = [] if amount_usd is None else [dollars(amount_usd)]
    told += [f"{currency} {dollars(amount).removeprefix('$')}" for currency, amount in others.items()]
    return ", ".join(told) or unknown


def changes(amount: str | None, part: float | None, others: Mapping[str, str]) -> str:
    """How much more or less it is, in dollars and in other currencies."""
    told = [change(amount, part)] if amount is not None else []
    for currency, more in others.items():
        sign = "" if Decimal(more) == 0 else "-" if Decimal(more) < 0 else "+"
        told.append(f"{currency} {sign}{wording.dollars(abs(Decimal(more))).removeprefix('$')}")
    return ", ".join(told)


def change(amount: str | None, part: float | None) -> str:
    """How much more or less, and in percent where it was something before; empty where it is not known."""
    if amount is None:
        return ""
    value = Decimal(amount)
    sign = "+" if value > 0 else ""
    return f"{sign}{dollars(amount)}" + ("" if part is None else f" ({wording.change_percent(part)})")

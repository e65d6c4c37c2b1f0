"""What executions cost at the list prices of a function's region, and what of it 30 days make. Pure, in Decimal."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from lambdascope_analytics.errors import MissingPriceError
from lambdascope_analytics.pricing import RateTable

if TYPE_CHECKING:
    from lambdascope_analytics.pricing import PriceItem

MB_MS_PER_GB_S: Final = 1024 * 1000
# Scaled to a month a figure is an estimate: what lies behind a millionth says nothing.
_FINEST: Final = Decimal("0.000001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """An amount of the period, and the least of what is likely, None where nothing bounds it."""

    most: Decimal
    least: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """List prices of one region, first compute tier, without free tier; `factor` makes a month of the period."""

    rates: RateTable
    region: str
    factor: Decimal

    @property
    def currency(self) -> str:
        """What AWS bills in there."""
        known = self.rates.regions.get(self.region)
        return known.currency if known else "USD"

    def price(self, item: "PriceItem", architecture: str | None) -> Decimal | None:
        """The price of one unit, None where the table does not hold it."""
        try:
            return self.rates.price_of(item, region=self.region, architecture=architecture or "unknown")
        except MissingPriceError:
            return None

    def why_missing(self, item: "PriceItem", architecture: str | None) -> str:
        """In words, what the table does not hold."""
        return f"rate table {self.rates.version} has no {item} price for {architecture or 'unknown'} in {self.region}"

    def compute(self, mb_ms: Decimal | int, architecture: str | None) -> Decimal | None:
        """What so much billed time times memory costs: MB-ms / 1024 / 1000 = GB-seconds."""
        price = self.price("compute_gb_s", architecture)
        return None if price is None else Decimal(mb_ms) / MB_MS_PER_GB_S * price

    def monthly(self, amount: Decimal) -> Decimal:
        """What 30 days of it make."""
        return (amount * self.factor).quantize(_FINEST)

    def fields(self, saving: Saving | None) -> dict[str, Decimal | None]:
        """A saving of the period as the fields of a recommendation, in the currency it is billed in."""
        if saving is None:
            return {}
        name = "cny" if self.currency == "CNY" else "usd"
        amounts = {f"saves_{name}_month": saving.most, f"saves_least_{name}_month": saving.least}
        return {field: None if amount is None else self.monthly(amount) for field, amount in amounts.items()}

    def told(self, amount: Decimal) -> str:
        """An amount of the period as a month's, in words."""
        return money(self.monthly(amount), self.currency)


def money(amount: Decimal, currency: str) -> str:
    """An amount in words: to the cent, or where it is less than that to two significant digits."""
    sign = "-" if amount < 0 else ""
    size = abs(amount)
    if size == 0 or size >= Decimal("0.1"):
        text = f"{size:,.2f}"
    else:
        text = f"{size.quantize(Decimal(1).scaleb(size.adjusted() - 1)):f}"
    return f"{sign}${text}" if currency == "USD" else f"{sign}{currency} {text}"

"""A price as AWS bills it: lines of quantity times rate, tier by tier, rounded to cents or exact."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow, localcontext
from typing import Final, Literal

from lambdascope_analytics.errors import MissingPriceError
from lambdascope_analytics.pricing.rates import PriceItem, RateTable, Tier

Rounding = Literal["cents", "exact"]

# A caller's decimal context could round; here every amount is exact or an error. Figures are bounded (`figures.py`):
# requests (48 digits) x time (48) x memory (15 with its /1024) x rate (12) and the like stay below this.
EXACT: Final = Context(prec=200, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow])
# For the one rounding a bill has.
_ROUNDING: Final = Context(prec=200, traps=[InvalidOperation, DivisionByZero, Overflow])
# For quotients that have no last digit: times a rate they are still exact above.
_QUOTIENT: Final = Context(prec=120, traps=[InvalidOperation, DivisionByZero, Overflow])
CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceLine:
    """One charge: `quantity` of `unit`, and its `amount`."""

    item: str
    quantity: Decimal
    unit: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """The list price of something, in `currency`, and the lines it is the sum of.

    Of one invocation it is not rounded; of a month each line is, as on AWS's bill, unless asked otherwise.
    """

    amount: Decimal
    currency: str
    rates_version: str
    lines: tuple[PriceLine, ...]

    @property
    def cost_usd(self) -> Decimal | None:
        """The amount for the history's `cost_usd` column: None where AWS bills in another currency."""
        return self.amount if self.currency == "USD" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Biller:
    """Makes the lines of one bill, at the rates of one region and architecture."""

    rates: RateTable
    region: str
    architecture: str
    rounding: Rounding

    def line(self, name: str, item: PriceItem, quantity: Decimal, unit: str) -> PriceLine:
        """Price a quantity, from the first tier upward.

        Raises:
            MissingPriceError: the table has no such price, or none for so much; it names the line.
        """
        try:
            tiers = self.rates.tiers_of(item, region=self.region, architecture=self.architecture)
        except MissingPriceError as error:
            raise self._missing(name, item) from error
        end = tiers[-1].end
        if end is not None and quantity > end:
            raise self._missing(name, item, beyond=f"{end:f} {unit}")
        with localcontext(EXACT):
            amounts = [self._rounded(part * price) for part, price in _parts(tiers, quantity)]
            return PriceLine(item=name, quantity=quantity, unit=unit, amount=sum(amounts, Decimal(0)))

    def bill(self, lines: Sequence[PriceLine]) -> Price:
        """Add the lines up."""
        with localcontext(EXACT):
            amount = sum((line.amount for line in lines), Decimal(0))
        return Price(
            amount=amount,
            currency=self.rates.regions[self.region].currency,
            rates_version=self.rates.version,
            lines=tuple(lines),
        )

    def _rounded(self, amount: Decimal) -> Decimal:
        return rounded(amount, CENT) if self.rounding == "cents" else amount

    def _missing(self, name: str, item: PriceItem, beyond: str | None = None) -> MissingPriceError:
        return MissingPriceError(
            item=name,
            region=self.region,
            architecture=self.architecture,
            rates_version=self.rates.version,
            beyond=beyond,
            price=item,
        )


def rounded(amount: Decimal, to: Decimal) -> Decimal:
    """Round half up, as a bill does."""
    return amount.quantize(to, ROUND_HALF_UP, context=_ROUNDING)


def quotient(dividend: Decimal, divisor: Decimal) -> Decimal:
    """Divide, to far more digits than any rounding here looks at."""
    return _QUOTIENT.divide(dividend, divisor)


def _parts(tiers: Sequence[Tier], quantity: Decimal) -> list[tuple[Decimal, Decimal]]:
    """What of the quantity falls into each tier it reaches, with that tier's price."""
    reached = [tier for tier in tiers if tier.begin < quantity]
    return [((quantity if tier.end is None else min(quantity, tier.end)) - tier.begin, tier.price) for tier in reached]

"""The list price of one invocation, from dated rate tables: exact, in `Decimal`, and never a default price."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - `date` is the argument's name
from decimal import ROUND_CEILING, Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow, localcontext
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

from lambdascope_analytics.errors import MissingPriceError, PricingInputError

Architecture = Literal["x86_64", "arm64"]
Package = Literal["zip", "image"]
PriceItem = Literal["request", "compute_gb_s", "ephemeral_storage_gb_s"]

MEMORY_MB: Final = (128, 10_240)
EPHEMERAL_STORAGE_MB: Final = (512, 10_240)
# No invocation lasts a day: a larger figure is a mistake of unit.
BILLED_MS: Final = (0, 86_400_000)
# https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/
INIT_BILLED_FOR_ALL_SINCE: Final = Date(2025, 8, 1)

# More decimals than any clock has; a bound keeps the exact arithmetic below bounded too.
_FINEST_DIGIT: Final = 30
_RATES: Final = Path(__file__).with_name("rates")
# A caller's decimal context could round; here every amount is exact or an error.
_EXACT: Final = Context(prec=80, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow])


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionRates:
    """List prices of one region: per item and architecture, in `currency`; what is not known is not there."""

    currency: str
    source: str
    prices: Mapping[tuple[PriceItem, str], Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class RateTable:
    """A dated snapshot of list prices; `version` is stored beside every amount it gave."""

    version: str
    regions: Mapping[str, RegionRates]

    def price_of(self, item: PriceItem, *, region: str, architecture: str) -> Decimal:
        """Return the price of one unit of `item`.

        Raises:
            MissingPriceError: the table does not hold this price.
        """
        rates = self.regions.get(region)
        price = rates.prices.get((item, architecture)) if rates else None
        if price is None:
            raise MissingPriceError(item=item, region=region, architecture=architecture, rates_version=self.version)
        return price


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceLine:
    """One charge: `quantity` of `unit`, and its unrounded `amount`."""

    item: str
    quantity: Decimal
    unit: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """The unrounded list price of something, in `currency`, and the lines it is the sum of."""

    amount: Decimal
    currency: str
    rates_version: str
    lines: tuple[PriceLine, ...]

    @property
    def cost_usd(self) -> Decimal | None:
        """The amount for the history's `cost_usd` column: None where AWS bills in another currency."""
        return self.amount if self.currency == "USD" else None


@cache
def load_rates() -> RateTable:
    """Return the newest rate table that ships with this package."""
    newest = max(_RATES.glob("*.json"))
    document = json.loads(newest.read_text(encoding="utf-8"))
    sources: dict[str, str] = document["sources"]
    regions = {name: _region_rates(entry, sources) for name, entry in document["regions"].items()}
    return RateTable(version=document["version"], regions=MappingProxyType(regions))


def price_invocation(
    rates: RateTable,
    *,
    region: str,
    architecture: str,
    memory_mb: int,
    billed_ms: int,
    ephemeral_storage_mb: int = 512,
) -> Price:
    """Price one invocation at list price, first compute tier, without free tier; `billed_ms` as Lambda billed it.

    GB = MB / 1024 and seconds = ms / 1000; storage is charged above 512 MB. https://aws.amazon.com/lambda/pricing/

    Raises:
        MissingPriceError: the table lacks one of the prices needed.
        PricingInputError: a figure is out of range or not an integer.
    """
    memory_gb = Decimal(_integer_within("memory_mb", memory_mb, MEMORY_MB))
    storage_gb = Decimal(_integer_within("ephemeral_storage_mb", ephemeral_storage_mb, EPHEMERAL_STORAGE_MB) - 512)
    milliseconds = Decimal(_integer_within("billed_ms", billed_ms, BILLED_MS))

    def line(name: str, item: PriceItem, quantity: Decimal, unit: str) -> PriceLine:
        price = rates.price_of(item, region=region, architecture=architecture)
        return PriceLine(item=name, quantity=quantity, unit=unit, amount=quantity * price)

    with localcontext(_EXACT):
        seconds = milliseconds / 1000
        lines = [
            line("requests", "request", Decimal(1), "requests"),
            line("compute", "compute_gb_s", memory_gb / 1024 * seconds, "GB-s"),
        ]
        if storage_gb:
            lines.append(line("ephemeral_storage", "ephemeral_storage_gb_s", storage_gb / 1024 * seconds, "GB-s"))
        amount = sum((line.amount for line in lines), Decimal(0))
    currency = rates.regions[region].currency
    return Price(amount=amount, currency=currency, rates_version=rates.version, lines=tuple(lines))


def billed_ms_of(
    *,
    duration_ms: Decimal,
    date: Date,
    init_ms: Decimal | None = None,
    billed_restore_ms: int | None = None,
    package: str = "zip",
    managed_runtime: bool = True,
) -> int:
    """Derive the billed milliseconds of one invocation, for when Lambda's own figure is missing.

    Duration and init, rounded up together, plus the billed restore. Before 2025-08-01 Lambda did not bill
    the init of a ZIP package on a managed runtime.

    Raises:
        PricingInputError: a figure is negative or not a Decimal or int, or the package is unknown.
    """
    if package not in ("zip", "image"):
        raise PricingInputError("package", f"must be zip or image, not {package!r}")
    billed = _milliseconds("duration_ms", duration_ms)
    init = _milliseconds("init_ms", 0 if init_ms is None else init_ms)
    init_is_free = date < INIT_BILLED_FOR_ALL_SINCE and package == "zip" and managed_runtime
    with localcontext(_EXACT):
        if not init_is_free:
            billed += init
        handler_ms = int(billed.to_integral_value(rounding=ROUND_CEILING))
    restore_ms = 0 if billed_restore_ms is None else billed_restore_ms
    return handler_ms + _integer_within("billed_restore_ms", restore_ms, BILLED_MS)


def _region_rates(entry: dict[str, Any], sources: Mapping[str, str]) -> RegionRates:
    items: tuple[PriceItem, ...] = ("request", "compute_gb_s", "ephemeral_storage_gb_s")
    prices: dict[tuple[PriceItem, str], Decimal] = {}
    for item in items:
        for architecture, price in entry[item].items():
            prices[item, architecture] = Decimal(price)
    return RegionRates(currency=entry["currency"], source=sources[entry["source"]], prices=MappingProxyType(prices))


def _integer_within(field: str, value: object, bounds: tuple[int, int]) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise PricingInputError(field, f"must be an integer, not {value!r}")
    low, high = bounds
    if not low <= value <= high:
        raise PricingInputError(field, f"must be between {low} and {high}, not {value}")
    return value


def _milliseconds(field: str, value: object) -> Decimal:
    # Money begins here: a float may no longer be the figure that Lambda reported.
    if not isinstance(value, Decimal | int) or isinstance(value, bool):
        raise PricingInputError(field, f"must be a Decimal or an integer, not {value!r}")
    number = Decimal(value)
    if not (number.is_finite() and BILLED_MS[0] <= number <= BILLED_MS[1]):
        raise PricingInputError(field, f"must be between {BILLED_MS[0]} and {BILLED_MS[1]}, not {value}")
    if int(number.as_tuple().exponent) < -_FINEST_DIGIT:
        raise PricingInputError(field, f"has more than {_FINEST_DIGIT} decimals")
    return number

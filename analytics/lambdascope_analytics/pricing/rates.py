"""What a rate table holds: list prices by region, item and architecture, in tiers, each with its source."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Final, Literal, get_args

from lambdascope_analytics.errors import MissingPriceError

Architecture = Literal["x86_64", "arm64"]
PriceItem = Literal[
    "request",
    "compute_gb_s",
    "ephemeral_storage_gb_s",
    "provisioned_idle_gb_s",
    "provisioned_compute_gb_s",
    "snapstart_cache_gb_s",
    "snapstart_restore_gb",
    "streaming_gb",
    "tenant_gb",
    "durable_operation",
    "durable_written_gb",
    "durable_retained_gb_month",
    "edge_request",
    "edge_compute_128mb_s",
    "metric_requested",
    "lambda_log_gb",
    "log_gb",
    "log_gb_month",
    "log_gb_scanned",
    "custom_metric",
]
ARCHITECTURES: Final[tuple[Architecture, ...]] = get_args(Architecture)
ITEMS: Final[tuple[PriceItem, ...]] = get_args(PriceItem)
CLOUDWATCH_ITEMS: Final = ITEMS[ITEMS.index("metric_requested") :]
# What has one price whatever the function runs on.
ANY: Final = "any"

Key = tuple[PriceItem, str]


def currency_of(region: str) -> str:
    """Return what AWS bills a region in: CNY in China, else USD."""
    return "CNY" if is_in_china(region) else "USD"


def is_in_china(region: str) -> bool:
    """Whether it is a region of AWS China, which has prices and a price list of its own."""
    return region.startswith("cn-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """The price of a unit between `begin` and `end` of a month's quantity; an `end` of None is no end."""

    begin: Decimal
    end: Decimal | None
    price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionRates:
    """List prices of one region in `currency`, by item and architecture; what is not known is not there.

    `prices` are those of the first tier. `sources` are those that differ from `source`.
    """

    currency: str
    source: str
    prices: Mapping[Key, Decimal]
    tiers: Mapping[Key, tuple[Tier, ...]]
    sources: Mapping[PriceItem, str]

    def source_of(self, item: PriceItem) -> str:
        """Where the prices of `item` were read, and when."""
        return self.sources.get(item, self.source)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateTable:
    """A dated snapshot of list prices; `version` is stored beside every amount it gave.

    `file` is where it was read, if from a file.
    """

    version: str
    regions: Mapping[str, RegionRates]
    file: Path | None = field(default=None, compare=False)

    def price_of(self, item: PriceItem, *, region: str, architecture: str) -> Decimal:
        """Return the price of one unit of `item`, in the first tier.

        Raises:
            MissingPriceError: the table does not hold this price.
        """
        rates = self.regions.get(region)
        price = rates.prices.get((item, architecture)) if rates else None
        if price is None:
            raise MissingPriceError(item=item, region=region, architecture=architecture, rates_version=self.version)
        return price

    def tiers_of(self, item: PriceItem, *, region: str, architecture: str) -> tuple[Tier, ...]:
        """Return the prices of `item` from the first unit of a month upward.

        Raises:
            MissingPriceError: the table does not hold this price.
        """
        rates = self.regions.get(region)
        tiers = rates.tiers.get((item, architecture)) if rates else None
        if tiers is None:
            raise MissingPriceError(item=item, region=region, architecture=architecture, rates_version=self.version)
        return tiers

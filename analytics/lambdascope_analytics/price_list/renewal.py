"""A rate table renewed by what AWS lists now: what changed, what is new, and what is kept as it was. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from types import MappingProxyType
from typing import Final

from lambdascope_analytics.errors import PriceListError
from lambdascope_analytics.price_list.offer import Offer
from lambdascope_analytics.price_list.usage_types import ITEMS
from lambdascope_analytics.pricing.bill import EXACT, quotient, rounded
from lambdascope_analytics.pricing.filling import filled_region
from lambdascope_analytics.pricing.rates import PriceItem, RateTable, RegionRates
from lambdascope_analytics.pricing.tables import version_key

# Clocks differ, and a list is dated in UTC.
_AHEAD: Final = timedelta(days=1)
_PERCENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceChange:
    """A price that is not what it was, from so much a month (`begin`) upward: `old` is None for a new one."""

    region: str
    item: PriceItem
    architecture: str
    begin: Decimal
    currency: str
    old: Decimal | None
    new: Decimal

    @property
    def percent(self) -> Decimal | None:
        """How much dearer it is, to two decimals."""
        if not self.old:
            return None
        with localcontext(EXACT):
            return rounded(quotient(self.new * 100, self.old), _PERCENT) - 100


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPrice:
    """A price that the list has no more, or that we cannot read there: kept from `source`."""

    region: str
    item: PriceItem
    architecture: str
    source: str
    is_gone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """The renewed table, and what it has that the older one had not; `other_regions` were not on the list."""

    table: RateTable
    changes: tuple[PriceChange, ...]
    kept: tuple[KeptPrice, ...]
    new_regions: tuple[str, ...]
    other_regions: tuple[str, ...]
    is_same: bool


def renew(old: RateTable, offers: Sequence[Offer], *, host: str, now: datetime, may_be_older: bool = False) -> Renewal:
    """Return the older table with the prices of these offers; what they do not hold stays, with its older source.

    Raises:
        PriceListError: a region that had prices has none that we can read, or the list is not of its time: of the
            future, or, unless it `may_be_older`, from before the table.
    """
    priced = [offer for offer in offers if offer.prices or offer.region in old.regions]
    renewed = {offer.region: _renewed(old.regions.get(offer.region), offer, host) for offer in priced}
    if not renewed:
        raise PriceListError("no offer file holds a price that we can read: the names of usage types must have changed")
    published = max(offer.published for offer in priced)
    _check_time(published, old.version, now, may_be_older=may_be_older)
    regions = {**old.regions, **renewed}
    version = _version_after(old.version, published.date().isoformat())
    return Renewal(
        table=RateTable(version=version, regions=MappingProxyType(regions)),
        changes=tuple(change for name, rates in renewed.items() for change in _changes(name, old.regions, rates)),
        kept=tuple(kept for offer in priced for kept in _kept(old.regions.get(offer.region), offer)),
        new_regions=tuple(sorted(renewed.keys() - old.regions.keys())),
        other_regions=tuple(sorted(old.regions.keys() - renewed.keys())),
        is_same=regions == dict(old.regions),
    )


def _check_time(published: datetime, old: str, now: datetime, *, may_be_older: bool) -> None:
    if published > now + _AHEAD:
        raise PriceListError(f"the list says that it was published on {published:%Y-%m-%d}, which is to come")
    date, _ = _key(old)
    if published.date().isoformat() < date and not may_be_older:
        raise PriceListError(
            f"the list was published on {published:%Y-%m-%d}, before rate table {old}: --force takes its prices still"
        )


def source_of(offer: Offer, host: str) -> str:
    """Return what a table says of where these prices are from."""
    return f"AWS Price List, offer AWSLambda, published {offer.published:%Y-%m-%dT%H:%M:%SZ}, from {host}"


def _renewed(old: RegionRates | None, offer: Offer, host: str) -> RegionRates:
    if not offer.prices:
        raise PriceListError(
            f"the offer file of {offer.region} holds no price that we can read, but {_some(offer.not_read)}"
        )
    listed = RegionRates(
        currency=offer.currency,
        source=source_of(offer, host),
        tiers=offer.prices,
        prices=MappingProxyType({key: each[0].price for key, each in offer.prices.items()}),
        sources=MappingProxyType({}),
    )
    return filled_region(listed, old)


def _some(usage_types: Sequence[str]) -> str:
    if not usage_types:
        return "nothing else"
    # As Python spells them: what a list says may hold what a terminal obeys.
    return ", ".join(map(repr, usage_types[:3])) + (", ..." if len(usage_types) > 3 else "")


def _changes(region: str, before: Mapping[str, RegionRates], now: RegionRates) -> Iterator[PriceChange]:
    old = before.get(region)
    for (item, architecture), tiers in sorted(now.tiers.items()):
        had = {tier.begin: tier.price for tier in old.tiers.get((item, architecture), ())} if old else {}
        for tier in tiers:
            if had.get(tier.begin) != tier.price:
                yield PriceChange(
                    region=region,
                    item=item,
                    architecture=architecture,
                    begin=tier.begin,
                    currency=now.currency,
                    old=had.get(tier.begin),
                    new=tier.price,
                )


def _kept(old: RegionRates | None, offer: Offer) -> Iterator[KeptPrice]:
    for item, architecture in sorted(set(old.tiers) - set(offer.prices)) if old else ():
        assert old is not None
        yield KeptPrice(
            region=offer.region,
            item=item,
            architecture=architecture,
            source=old.source_of(item),
            is_gone=item in ITEMS,
        )


def _version_after(old: str, published: str) -> str:
    """The date of publication; where that is no later than the older table's, that one's with a number behind it."""
    date, number = _key(old)
    return published if published > date else f"{date}.{number + 1:02d}"


def _key(version: str) -> tuple[str, int]:
    key = version_key(version)
    assert key is not None, "only tables of such versions are loaded"
    return key

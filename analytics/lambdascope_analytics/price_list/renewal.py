"""A rate table renewed by what AWS lists now: what changed, what is new, and what is kept as it was. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from lambdascope_analytics.errors import PriceListError
from lambdascope_analytics.price_list.offer import Offer
from lambdascope_analytics.price_list.usage_types import ITEMS
from lambdascope_analytics.pricing.rates import Key, PriceItem, RateTable, RegionRates, Tier

_NUMBERED: Final = re.compile(r"(.+)\.([0-9]{2})")


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
        """How much dearer it is."""
        return (self.new / self.old - 1) * 100 if self.old else None


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


def renew(old: RateTable, offers: Sequence[Offer], *, host: str) -> Renewal:
    """Return the older table with the prices of these offers; what they do not hold stays, with its older source.

    Raises:
        PriceListError: a region that had prices has none that we can read, or now has another currency.
    """
    priced = [offer for offer in offers if offer.prices or offer.region in old.regions]
    renewed = {offer.region: _renewed(old.regions.get(offer.region), offer, host) for offer in priced}
    if not renewed:
        raise PriceListError("no offer file holds a price that we can read: the names of usage types must have changed")
    regions = {**old.regions, **renewed}
    published = max(offer.published for offer in priced).date().isoformat()
    return Renewal(
        table=RateTable(version=_version_after(old.version, published), regions=MappingProxyType(regions)),
        changes=tuple(change for name, rates in renewed.items() for change in _changes(name, old.regions, rates)),
        kept=tuple(kept for offer in priced for kept in _kept(old.regions.get(offer.region), offer)),
        new_regions=tuple(sorted(renewed.keys() - old.regions.keys())),
        other_regions=tuple(sorted(old.regions.keys() - renewed.keys())),
        is_same=regions == dict(old.regions),
    )


def source_of(offer: Offer, host: str) -> str:
    """Return what a table says of where these prices are from."""
    return f"AWS Price List, offer AWSLambda, published {offer.published:%Y-%m-%dT%H:%M:%SZ}, from {host}"


def _renewed(old: RegionRates | None, offer: Offer, host: str) -> RegionRates:
    _check(old, offer)
    source = source_of(offer, host)
    tiers: dict[Key, tuple[Tier, ...]] = {**(old.tiers if old else {}), **offer.prices}
    kept = {key for key in tiers if key not in offer.prices}
    listed: set[PriceItem] = {item for item, _ in offer.prices}
    return RegionRates(
        currency=offer.currency,
        source=source,
        tiers=MappingProxyType(tiers),
        prices=MappingProxyType({key: each[0].price for key, each in tiers.items()}),
        sources=MappingProxyType(_sources(old, kept, listed, source)),
    )


def _sources(old: RegionRates | None, kept: set[Key], listed: set[PriceItem], source: str) -> Mapping[PriceItem, str]:
    """Those that differ from `source`; an item that is listed for one architecture only has two."""
    sources: dict[PriceItem, str] = {}
    for item, architecture in sorted(kept):
        assert old is not None  # or there would be nothing to keep
        before = old.source_of(item).rpartition(f"; {architecture}: ")[2]
        sources[item] = f"{source}; {architecture}: {before}" if item in listed else before
    return sources


def _check(old: RegionRates | None, offer: Offer) -> None:
    if not offer.prices:
        raise PriceListError(
            f"the offer file of {offer.region} holds no price that we can read, but {_some(offer.not_read)}"
        )
    if old and old.currency != offer.currency:
        raise PriceListError(f"prices of {offer.region} were in {old.currency} and are listed in {offer.currency}")


def _some(usage_types: Sequence[str]) -> str:
    return ", ".join(usage_types[:3]) + (", ..." if len(usage_types) > 3 else "") if usage_types else "nothing else"


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
    """The date of publication; where that is no later than the older table, that one's with a number behind it."""
    if published > old:
        return published
    numbered = _NUMBERED.fullmatch(old)
    base, number = (numbered[1], int(numbered[2])) if numbered else (old, 0)
    return f"{base}.{number + 1:02d}"

"""The prices in one region's offer file of the AWS Price List. Pure.

https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/bulk-api-reading-price-list-files.html
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from types import MappingProxyType
from typing import Any, Final, cast

from lambdascope_analytics.errors import PriceListError
from lambdascope_analytics.price_list.usage_types import Meaning, meaning_of
from lambdascope_analytics.pricing.amounts import as_bound, as_price, read_decimal
from lambdascope_analytics.pricing.bill import EXACT
from lambdascope_analytics.pricing.rates import Key, Tier, currency_of

OFFER: Final = "AWSLambda"
CURRENCIES: Final = ("USD", "CNY")
_OPEN_END: Final = "Inf"
# What is free in a month is a rule of the bill and not a price.
_FREE: Final = "free tier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What AWS published of one region: tiers by item and architecture, and the usage types that were not read."""

    region: str
    published: datetime
    currency: str
    prices: Mapping[Key, tuple[Tier, ...]]
    not_read: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    sku: str
    usage_type: str
    meaning: Meaning


def read_offer(document: object, region: str) -> Offer:
    """Return the prices of `region`'s offer file.

    Raises:
        PriceListError: it is not of a shape that we know, so no price of it is to be trusted.
    """
    try:
        return _read(_mapping(document, "all of it"), region)
    except PriceListError as error:
        raise PriceListError(f"the offer file of {region}: {error}") from error


def _read(whole: Mapping[str, Any], region: str) -> Offer:
    if whole.get("offerCode") != OFFER:
        raise PriceListError(f"this is the offer of {whole.get('offerCode')!r}, not of {OFFER}")
    published = _time(whole.get("publicationDate"), "publicationDate")
    terms = _mapping(_mapping(whole.get("terms"), "terms").get("OnDemand"), "terms.OnDemand")
    prices: dict[Key, tuple[Tier, ...]] = {}
    currencies: set[str] = set()
    not_read: set[str] = set()
    for row in _rows(_mapping(whole.get("products"), "products"), region, not_read):
        currency, tiers = _tiers(_term(terms.get(row.sku), published, row), row)
        currencies.add(currency)
        for architecture in row.meaning.architectures:
            key = (row.meaning.item, architecture)
            if prices.setdefault(key, tiers) != tiers:
                raise PriceListError(f"two different prices for {row.usage_type}")
    if currencies - {currency_of(region)}:
        raise PriceListError(f"prices in {', '.join(sorted(currencies))}, where {currency_of(region)} is billed")
    return Offer(
        region=region,
        published=published,
        currency=currency_of(region),
        prices=MappingProxyType(prices),
        not_read=tuple(sorted(not_read)),
    )


def _rows(products: Mapping[str, Any], region: str, not_read: set[str]) -> Iterable[_Row]:
    for sku, product in products.items():
        attributes = _mapping(_mapping(product, f"products.{sku}").get("attributes"), f"products.{sku}.attributes")
        usage_type = attributes.get("usagetype")
        if not isinstance(usage_type, str):
            raise PriceListError(f"products.{sku} has no usagetype")
        if attributes.get("regionCode", region) != region or _FREE in str(attributes.get("groupDescription")).lower():
            continue
        if meaning := meaning_of(usage_type):
            yield _Row(sku=sku, usage_type=usage_type, meaning=meaning)
        else:
            not_read.add(usage_type)


def _term(terms: object, published: datetime, row: _Row) -> Mapping[str, Any]:
    """The term in force when the list was published; a later one is a price of the future."""
    place = f"terms.OnDemand.{row.sku} ({row.usage_type})"
    by_date = {
        _time(_mapping(term, place).get("effectiveDate"), place): _mapping(term, place)
        for term in _mapping(terms, place).values()
    }
    in_force = [date for date in by_date if date <= published]
    if not in_force or len(by_date) != len(_mapping(terms, place)):
        raise PriceListError(f"{place} does not say which price is in force")
    return by_date[max(in_force)]


def _tiers(term: Mapping[str, Any], row: _Row) -> tuple[str, tuple[Tier, ...]]:
    place = f"the price of {row.usage_type} ({row.sku})"
    dimensions = [_mapping(each, place) for each in _mapping(term.get("priceDimensions"), place).values()]
    currency = _currency(dimensions, place)
    for each in dimensions:
        if str(each.get("unit")).lower() not in row.meaning.units:
            raise PriceListError(f"{place} is per {each.get('unit')!r}, a unit we do not know")
    try:
        tiers = sorted((_tier(each, currency, row.meaning.units_of_ours) for each in dimensions), key=_begin)
    except ValueError as error:
        raise PriceListError(f"{place}: {error}") from error
    follow = [tier.begin for tier in tiers] == [0, *(tier.end for tier in tiers[:-1])] and tiers[-1].end is None
    if not follow or any(tier.end is not None and tier.end <= tier.begin for tier in tiers):
        raise PriceListError(f"{place} has tiers that leave gaps or overlap")
    return currency, tuple(tiers)


def _currency(dimensions: Iterable[Mapping[str, Any]], place: str) -> str:
    currencies = {currency for each in dimensions for currency in _mapping(each.get("pricePerUnit"), place)}
    if len(currencies) != 1 or not currencies <= {*CURRENCIES}:
        raise PriceListError(f"{place} is not in one of {', '.join(CURRENCIES)}")
    return currencies.pop()


def _tier(dimension: Mapping[str, Any], currency: str, units_of_ours: int) -> Tier:
    """Raises: ValueError."""
    begin, end = dimension.get("beginRange"), dimension.get("endRange")
    with localcontext(EXACT):
        return Tier(
            begin=as_bound(read_decimal(begin) * units_of_ours),
            end=None if end == _OPEN_END else as_bound(read_decimal(end) * units_of_ours),
            price=as_price(read_decimal(dimension["pricePerUnit"][currency]) / units_of_ours),
        )


def _begin(tier: Tier) -> Decimal:
    return tier.begin


def _time(value: object, place: str) -> datetime:
    try:
        time = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError as error:
        raise PriceListError(f"{place}: {value!r} is no date") from error
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _mapping(value: object, place: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or not value:
        raise PriceListError(f"{place} is missing, or not of a shape we know")
    return cast("Mapping[str, Any]", value)

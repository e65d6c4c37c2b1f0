"""Reads rate tables: those that ship with this package, and those that were refreshed since."""

import json
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from lambdascope_analytics.errors import RateTableError
from lambdascope_analytics.pricing.amounts import as_bound, as_price, read_decimal
from lambdascope_analytics.pricing.filling import filled
from lambdascope_analytics.pricing.rates import (
    ANY,
    ARCHITECTURES,
    CLOUDWATCH_ITEMS,
    ITEMS,
    Key,
    PriceItem,
    RateTable,
    RegionRates,
    Tier,
    currency_of,
)

SHIPPED: Final = Path(__file__).parent.with_name("rates")
_NOT_PRICES: Final = frozenset({"currency", "source", "sources"})
# A date, and of several tables of a day which one.
_VERSION: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:\.([0-9]{1,9}))?")
_log: Final = logging.getLogger(__name__)


@cache
def load_rates() -> RateTable:
    """Return the newest rate table there is, refreshed or shipped; of two of a day the refreshed one.

    What a refreshed table lacks is filled from the shipped one. One that cannot be read is passed over with a warning:
    it must not keep a call from being priced.

    Raises:
        RateTableError: the table that ships cannot be read.
    """
    for path in _newest_first(refreshed_directory(), SHIPPED):
        try:
            table = _named(load_table(path))
        except (OSError, RateTableError) as error:
            if path.parent == SHIPPED:
                raise RateTableError(f"{path}: {error}") from error
            _log.warning("Prices are taken from an older table: %s: %s", path, error)
            continue
        return table if path.parent == SHIPPED else _completed(table)
    raise RateTableError(f"there is no rate table in {SHIPPED}")


@cache
def load_cloudwatch_rates() -> RateTable:
    """Return the newest table of what CloudWatch charges that ships with this package."""
    return load_table(next(_newest_first(SHIPPED / "cloudwatch")))


def refreshed_directory() -> Path:
    """Return where refreshed tables of this user lie, as `<version>.json`."""
    from platformdirs import user_data_path

    return user_data_path("lambdascope") / "rates"


def load_table(path: Path) -> RateTable:
    """Return the table in a file.

    Raises:
        OSError: it cannot be read.
        RateTableError: it is not a rate table.
    """
    try:
        return replace(read_table(json.loads(path.read_text(encoding="utf-8"))), file=path)
    except (ValueError, RecursionError) as error:
        raise RateTableError(f"it is not JSON: {error}") from error


def read_table(document: object) -> RateTable:
    """Return the rate table that a JSON document describes.

    Raises:
        RateTableError: it describes none, or holds an item, an architecture or a price that makes no sense.
    """
    try:
        return _table(document)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise RateTableError(f"it is not a rate table: {error!r}") from error


def version_key(version: str) -> tuple[str, int] | None:
    """Return what versions are ordered by, the date and the number; None for what is no version."""
    parts = _VERSION.fullmatch(version)
    return (parts[1], int(parts[2] or 0)) if parts else None


def _newest_first(*directories: Path) -> Iterator[Path]:
    found: list[tuple[tuple[str, int], Path]] = []
    for path in (path for directory in directories for path in sorted(directory.glob("*.json"))):
        if key := version_key(path.stem):
            found.append((key, path))
        else:
            _log.warning("This is not the name of a rate table, such as 2026-09-19.json, and it is not used: %s", path)
    # Sorting is stable, so of two of one version that of the earlier directory comes first.
    yield from (path for _, path in sorted(found, key=lambda each: each[0], reverse=True))


def _completed(table: RateTable) -> RateTable:
    shipped = next(_newest_first(SHIPPED), None)
    return filled(table, load_table(shipped)) if shipped else table


def _named(table: RateTable) -> RateTable:
    """The table, if it is of the version that its file is named by: that is what amounts are told apart by."""
    assert table.file is not None
    if table.version != table.file.stem:
        raise RateTableError(f"its version is {table.version[:40]!r}, unlike its name")
    return table


def _table(document: Any) -> RateTable:
    sources: dict[str, str] = document["sources"]
    regions = {str(name): _region(str(name), entry, sources) for name, entry in document["regions"].items()}
    if not regions:
        raise ValueError("it has no region")
    if not isinstance(version := document["version"], str):
        raise TypeError("its version is not text")
    return RateTable(version=version, regions=MappingProxyType(regions))


def _region(region: str, entry: dict[str, Any], sources: Mapping[str, str]) -> RegionRates:
    tiers: dict[Key, tuple[Tier, ...]] = {}
    for name in entry.keys() - _NOT_PRICES:
        item = _item(name)
        by_architecture: Any = entry[name] if isinstance(entry[name], dict) else {ANY: entry[name]}
        for architecture, priced in by_architecture.items():
            tiers[item, _architecture(architecture, item)] = _tiers(priced)
    if not tiers:
        raise ValueError(f"it has no price of {region}")
    if entry["currency"] != currency_of(region):
        raise ValueError(f"{region} is billed in {currency_of(region)}, not in {entry['currency']!r}")
    return RegionRates(
        currency=entry["currency"],
        source=sources[entry["source"]],
        prices=MappingProxyType({key: each[0].price for key, each in tiers.items()}),
        tiers=MappingProxyType(tiers),
        sources=MappingProxyType({_item(item): sources[name] for item, name in entry.get("sources", {}).items()}),
    )


def _item(name: str) -> PriceItem:
    if name not in ITEMS:
        raise ValueError(f"{name} is no item")
    return name


def _architecture(name: str, item: PriceItem) -> str:
    # What Lambda charges is looked up by architecture only: a price for any would never be found.
    if name not in ((ANY,) if item in CLOUDWATCH_ITEMS else ARCHITECTURES):
        raise ValueError(f"{name} is no architecture that {item} has a price for")
    return name


def _tiers(priced: Any) -> tuple[Tier, ...]:
    """Either one price for any quantity, or tiers that follow one another from zero."""
    if isinstance(priced, str):
        return (Tier(begin=Decimal(0), end=None, price=as_price(read_decimal(priced))),)
    tiers = tuple(_tier(each) for each in priced)
    begins: list[Decimal | None] = [each.begin for each in tiers]
    ends = [each.end for each in tiers]
    if not tiers or begins != [Decimal(0), *ends[:-1]] or any(t.end is not None and t.end <= t.begin for t in tiers):
        raise ValueError(f"these tiers do not follow one another from zero: {priced}")
    return tiers


def _tier(described: dict[str, Any]) -> Tier:
    end = described["end"]
    return Tier(
        begin=as_bound(read_decimal(described["begin"])),
        end=None if end is None else as_bound(read_decimal(end)),
        price=as_price(read_decimal(described["price"])),
    )

"""Reads rate tables: those that ship with this package, and those that were refreshed since."""

import json
import logging
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from lambdascope_analytics.errors import RateTableError
from lambdascope_analytics.pricing.rates import ANY, ARCHITECTURES, ITEMS, Key, PriceItem, RateTable, RegionRates, Tier

SHIPPED: Final = Path(__file__).parent.with_name("rates")
_NOT_PRICES: Final = frozenset({"currency", "source", "sources"})
_log: Final = logging.getLogger(__name__)


@cache
def load_rates() -> RateTable:
    """Return the newest rate table there is, refreshed or shipped; of two of a day the refreshed one.

    A refreshed table that cannot be read is passed over with a warning: it must not keep a call from being priced.
    """
    for path in _newest_first(refreshed_directory(), SHIPPED):
        try:
            return load_table(path)
        except (OSError, RateTableError) as error:
            if path.parent == SHIPPED:
                raise
            _log.warning("Prices are taken from an older table: %s: %s", path, error)
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
        return read_table(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, RecursionError) as error:
        raise RateTableError(f"it is not JSON: {error}") from error


def read_table(document: object) -> RateTable:
    """Return the rate table that a JSON document describes.

    Raises:
        RateTableError: it describes none, or holds an item, an architecture or a price that makes no sense.
    """
    try:
        return _table(document)
    except (KeyError, TypeError, AttributeError, ValueError, InvalidOperation) as error:
        raise RateTableError(f"it is not a rate table: {error!r}") from error


def _newest_first(*directories: Path) -> Iterator[Path]:
    # Sorting is stable, so of two of one name that of the earlier directory comes first.
    paths = [path for directory in directories for path in directory.glob("*.json")]
    yield from sorted(paths, key=lambda path: path.stem, reverse=True)


def _table(document: Any) -> RateTable:
    sources: dict[str, str] = document["sources"]
    regions = {str(name): _region(entry, sources) for name, entry in document["regions"].items()}
    if not isinstance(version := document["version"], str):
        raise TypeError("its version is not text")
    return RateTable(version=version, regions=MappingProxyType(regions))


def _region(entry: dict[str, Any], sources: Mapping[str, str]) -> RegionRates:
    tiers: dict[Key, tuple[Tier, ...]] = {}
    for name in entry.keys() - _NOT_PRICES:
        item = _item(name)
        by_architecture: Any = entry[name] if isinstance(entry[name], dict) else {ANY: entry[name]}
        for architecture, priced in by_architecture.items():
            tiers[item, _architecture(architecture)] = _tiers(priced)
    return RegionRates(
        currency=entry.get("currency", "USD"),
        source=sources[entry["source"]],
        prices=MappingProxyType({key: each[0].price for key, each in tiers.items()}),
        tiers=MappingProxyType(tiers),
        sources=MappingProxyType({_item(item): sources[name] for item, name in entry.get("sources", {}).items()}),
    )


def _item(name: str) -> PriceItem:
    if name not in ITEMS:
        raise ValueError(f"{name} is no item")
    return name


def _architecture(name: str) -> str:
    if name not in (*ARCHITECTURES, ANY):
        raise ValueError(f"{name} is no architecture")
    return name


def _tiers(priced: Any) -> tuple[Tier, ...]:
    """Either one price for any quantity, or tiers that follow one another from zero."""
    if isinstance(priced, str):
        return (Tier(begin=Decimal(0), end=None, price=_amount(priced)),)
    tiers = tuple(_tier(each) for each in priced)
    begins: list[Decimal | None] = [each.begin for each in tiers]
    ends = [each.end for each in tiers]
    if not tiers or begins != [Decimal(0), *ends[:-1]] or any(t.end is not None and t.end <= t.begin for t in tiers):
        raise ValueError(f"these tiers do not follow one another from zero: {priced}")
    return tiers


def _tier(described: dict[str, Any]) -> Tier:
    end = described["end"]
    return Tier(
        begin=_amount(described["begin"]),
        end=None if end is None else _amount(end),
        price=_amount(described["price"]),
    )


def _amount(text: object) -> Decimal:
    # As text only: a JSON number would have been a float on its way here.
    if not isinstance(text, str):
        raise TypeError(f"{text!r} is not a decimal as text")
    amount = Decimal(text)
    if not amount.is_finite() or amount < 0:
        raise ValueError(f"{text} is no price")
    return amount

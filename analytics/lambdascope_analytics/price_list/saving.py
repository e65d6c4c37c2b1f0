"""Puts a renewed rate table where every command and every proxy of this user finds it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lambdascope_analytics.pricing.rates import RateTable, RegionRates, Tier
from lambdascope_analytics.pricing.tables import read_table
from lambdascope_analytics.store.directories import make_private
from lambdascope_analytics.store.durable import write_durably


def save_table(table: RateTable, directory: Path) -> Path:
    """Write the table as `<version>.json`, whole or not at all, and return its path.

    Raises:
        OSError: it cannot be written.
    """
    document = table_document(table)
    assert read_table(document) == table  # nobody could use what does not read back as it was
    make_private(directory)
    path = table_path(table, directory)
    write_durably(path, json.dumps(document, indent=1) + "\n")
    return path


def table_path(table: RateTable, directory: Path) -> Path:
    """Return where the table is saved."""
    return directory / f"{table.version}.json"


def table_document(table: RateTable) -> dict[str, Any]:
    """Return the table as the JSON document that `read_table` reads."""
    texts = sorted({text for rates in table.regions.values() for text in (rates.source, *rates.sources.values())})
    names = {text: f"source_{number}" for number, text in enumerate(texts, 1)}
    return {
        "version": table.version,
        "sources": {name: text for text, name in names.items()},
        "regions": {region: _region(rates, names) for region, rates in sorted(table.regions.items())},
    }


def _region(rates: RegionRates, names: Mapping[str, str]) -> dict[str, Any]:
    entry: dict[str, Any] = {"currency": rates.currency, "source": names[rates.source]}
    if rates.sources:
        entry["sources"] = {item: names[text] for item, text in sorted(rates.sources.items())}
    for (item, architecture), tiers in sorted(rates.tiers.items()):
        entry.setdefault(item, {})[architecture] = _tiers(tiers)
    return entry


def _tiers(tiers: Sequence[Tier]) -> list[dict[str, str | None]]:
    return [
        {
            "begin": f"{tier.begin:f}",
            "end": None if tier.end is None else f"{tier.end:f}",
            "price": f"{tier.price:f}",
        }
        for tier in tiers
    ]

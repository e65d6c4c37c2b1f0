"""Fills a rate table with the prices that only an older one has, each with its own source."""

from types import MappingProxyType

from lambdascope_analytics.pricing.rates import Key, PriceItem, RateTable, RegionRates


def filled(table: RateTable, older: RateTable) -> RateTable:
    """Return the table with what it lacks: nothing that an older table knows is forgotten."""
    regions = {name: filled_region(rates, older.regions.get(name)) for name, rates in table.regions.items()}
    return RateTable(version=table.version, regions=MappingProxyType({**older.regions, **regions}), file=table.file)


def filled_region(rates: RegionRates, older: RegionRates | None) -> RegionRates:
    """Return the prices of a region with those that only the older ones hold, in the same currency."""
    lacking = older.tiers.keys() - rates.tiers.keys() if older else set[Key]()
    if older is None or not lacking:
        return rates
    tiers = {**rates.tiers, **{key: older.tiers[key] for key in lacking}}
    return RegionRates(
        currency=rates.currency,
        source=rates.source,
        tiers=MappingProxyType(tiers),
        prices=MappingProxyType({key: each[0].price for key, each in tiers.items()}),
        sources=MappingProxyType({**rates.sources, **_sources(rates, older, lacking)}),
    )


def _sources(rates: RegionRates, older: RegionRates, lacking: set[Key]) -> dict[PriceItem, str]:
    """Where those are from; an item that was known for one architecture only has two sources now."""
    known = {item for item, _ in rates.tiers}
    sources: dict[PriceItem, str] = {}
    for item, architecture in sorted(lacking):
        before = older.source_of(item).rpartition(f"; {architecture}: ")[2]
        sources[item] = f"{rates.source_of(item)}; {architecture}: {before}" if item in known else before
    return sources

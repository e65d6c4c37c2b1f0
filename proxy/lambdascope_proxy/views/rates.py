"""Shows rate tables: the one in use, and what renewing it changed."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from lambdascope_analytics.price_list.offers import CHINA
from lambdascope_analytics.pricing.rates import ITEMS, is_in_china
from lambdascope_analytics.pricing.written import digits
from lambdascope_proxy.views.figures import counted
from lambdascope_proxy.views.page import Page

if TYPE_CHECKING:
    from lambdascope_analytics.price_list.renewal import PriceChange, Renewal
    from lambdascope_analytics.pricing import RateTable

Data = Mapping[str, Any]

# Of all regions side by side: what most functions pay, per million requests or GB-seconds, as numbers one can read.
OVERVIEW: Final = (
    ("requests", "request", "x86_64"),
    ("x86", "compute_gb_s", "x86_64"),
    ("arm", "compute_gb_s", "arm64"),
    ("storage", "ephemeral_storage_gb_s", "x86_64"),
    ("PC idle", "provisioned_idle_gb_s", "x86_64"),
    ("PC busy", "provisioned_compute_gb_s", "x86_64"),
)
MILLION: Final = 1_000_000
MOST_CHANGES: Final = 60
MOST_REGIONS: Final = 8


def table_data(table: "RateTable", *, region: str | None = None) -> dict[str, Any]:
    """The table, or what it has of one region: a row per tier of each price, money as text."""
    regions = [region] if region else sorted(table.regions)
    return {
        "version": table.version,
        "file": str(table.file),
        "region": region,
        "prices": [row for name in regions for row in _prices(table, name)],
    }


def _prices(table: "RateTable", region: str) -> Iterator[dict[str, Any]]:
    rates = table.regions[region]
    for item, architecture in sorted(rates.tiers, key=_place):
        for tier in rates.tiers[item, architecture]:
            yield {
                "region": region,
                "item": item,
                "architecture": architecture,
                "begin": digits(tier.begin),
                "end": None if tier.end is None else digits(tier.end),
                "price": digits(tier.price),
                "currency": rates.currency,
                "source": rates.source_of(item),
            }


def _place(key: tuple[Any, str]) -> tuple[int, bool]:
    """What most functions pay comes first."""
    item, architecture = key
    return ITEMS.index(item), architecture == "arm64"


def show_rates(data: Data, page: Page) -> None:
    """Writes one region in full, or all of them side by side."""
    page.heading(f"Rate table {data['version']}")
    page.link(data["file"])
    if data["region"]:
        _show_region(data, page)
    else:
        _show_overview(data, page)
    page.heading("Next: `lambdascope rates refresh` reads what AWS lists now")


def _show_region(data: Data, page: Page) -> None:
    sources = list(dict.fromkeys(row["source"] for row in data["prices"]))
    page.heading(f"{data['region']}, {data['prices'][0]['currency']} per unit")
    rows = [
        (row["item"], row["architecture"], _range(row), row["price"], sources.index(row["source"]) + 1)
        for row in data["prices"]
    ]
    page.rows(["item", "architecture", "units a month", "price", "source"], rows)
    page.heading("Sources")
    for number, source in enumerate(sources, 1):
        page.line(f"{number}  {source}")


def _range(row: Data) -> str:
    if row["begin"] == "0" and row["end"] is None:
        return "any"
    begin = f"{Decimal(row['begin']):,f}"
    return f"over {begin}" if row["end"] is None else f"{begin} to {Decimal(row['end']):,f}"


def _show_overview(data: Data, page: Page) -> None:
    first = {(row["region"], row["item"], row["architecture"]): row for row in data["prices"] if row["begin"] == "0"}
    currencies = {row["region"]: row["currency"] for row in data["prices"]}
    page.heading("First tier, per million requests or GB-seconds; PC is provisioned concurrency on x86")
    names = [name for name, *_ in OVERVIEW]
    rows = [
        (
            region,
            currency,
            *(_million(first.get((region, item, architecture))) for _, item, architecture in OVERVIEW),
        )
        for region, currency in currencies.items()
    ]
    page.rows(["region", "", *names], rows)
    page.line("`lambdascope rates show --region NAME` has all prices of one, with tiers and sources")


def _million(row: Data | None) -> Decimal | None:
    return None if row is None else Decimal(row["price"]) * MILLION


def refresh_data(
    old: "RateTable", renewal: "Renewal", *, base: str, path: str | None, is_dry_run: bool
) -> dict[str, Any]:
    """What a refresh found, money as text."""
    return {
        "from": base,
        "older_version": old.version,
        "version": old.version if renewal.is_same else renewal.table.version,
        "file": path,
        "dry_run": is_dry_run,
        "up_to_date": renewal.is_same,
        "regions_read": len(renewal.table.regions) - len(renewal.other_regions),
        "new_regions": list(renewal.new_regions),
        "changed": [_change(change) for change in renewal.changes if change.old is not None],
        "new": [_change(change) for change in renewal.changes if change.old is None],
        "gone": [
            {"region": kept.region, "item": kept.item, "architecture": kept.architecture, "kept_from": kept.source}
            for kept in renewal.kept
            if kept.is_gone
        ],
        "not_read": sorted({kept.item for kept in renewal.kept if not kept.is_gone}),
        "regions_not_listed": list(renewal.other_regions),
    }


def _change(change: "PriceChange") -> dict[str, Any]:
    return {
        "region": change.region,
        "item": change.item,
        "architecture": change.architecture,
        "begin": digits(change.begin),
        "currency": change.currency,
        "old": None if change.old is None else digits(change.old),
        "new": digits(change.new),
        "percent": None if change.percent is None else float(change.percent),
    }


def show_refresh(data: Data, page: Page) -> None:
    """Writes what is dearer, cheaper, new and gone, then what was not covered."""
    page.heading(_found(data))
    page.line(_outcome(data))
    _show_changes("Changed", data["changed"], page)
    _show_changes("New", data["new"], page)
    _show_gone(data["gone"], page)
    if data["not_read"]:
        page.line(f"Not read from the list, kept as they were: {', '.join(data['not_read'])}")
    if data["regions_not_listed"]:
        page.line(_not_listed(data["regions_not_listed"]))
    if data["file"]:
        page.heading("Next: restart running proxies, which keep the prices they began with")


def _found(data: Data) -> str:
    figures = f"{counted(len(data['changed']), 'price')} changed, {len(data['new']):,} new, {len(data['gone']):,} gone"
    return f"{counted(data['regions_read'], 'region')} read from {data['from']}: {figures}"


def _outcome(data: Data) -> str:
    if data["up_to_date"]:
        return f"Rate table {data['version']} is up to date; nothing was written"
    if data["dry_run"]:
        return f"Rate table {data['version']} would follow {data['older_version']}; nothing was written (--dry-run)"
    return f"Rate table {data['version']} follows {data['older_version']}: {data['file']}"


def _show_changes(title: str, changes: Sequence[Data], page: Page) -> None:
    if not changes:
        return
    page.heading(title)
    rows = [
        (
            change["region"],
            f"{change['item']}{_from(change['begin'])}",
            change["architecture"],
            change["old"],
            f"{change['new']} {change['currency']}",
            None if change["percent"] is None else f"{change['percent']:+g}%",
        )
        for change in changes[:MOST_CHANGES]
    ]
    page.rows(["region", "item", "architecture", "old", "new", "change"], rows)
    if (more := len(changes) - MOST_CHANGES) > 0:
        page.line(f"and {more:,} more: --json has all of them")


def _from(begin: str) -> str:
    return "" if begin == "0" else f" over {Decimal(begin):,f}"


def _show_gone(gone: Sequence[Data], page: Page) -> None:
    if gone:
        page.heading("No longer on the list, kept as they were")
        rows = [(each["region"], each["item"], each["architecture"], each["kept_from"]) for each in gone]
        page.rows(["region", "item", "architecture", "kept from"], rows)


def _not_listed(regions: Sequence[str]) -> str:
    more = f" and {len(regions) - MOST_REGIONS} more" if len(regions) > MOST_REGIONS else ""
    is_china = any(map(is_in_china, regions))
    china = f"; China has a list of its own: --url {CHINA}" if is_china else ""
    return f"Not read, kept as they were: {', '.join(regions[:MOST_REGIONS])}{more}{china}"

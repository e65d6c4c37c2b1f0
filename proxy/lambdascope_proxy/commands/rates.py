"""`lambdascope rates`: the list prices in use, and renewing them from the AWS Price List."""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.commands.answering import View, print_document, tell
from lambdascope_proxy.errors import CallFailed, SettingsError
from lambdascope_proxy.settings import load_settings

if TYPE_CHECKING:
    from lambdascope_analytics.price_list.offer import Offer
    from lambdascope_analytics.price_list.renewal import Renewal
    from lambdascope_analytics.pricing import RateTable

HELP = "show the list prices in use, or renew them from the AWS Price List"
ADVICE = "Nothing was written; the prices in use stay as they are."


def add(subparsers: Any) -> None:
    """Declares the command and its own commands."""
    parser: argparse.ArgumentParser = subparsers.add_parser("rates", help=HELP, description=HELP)
    inner = parser.add_subparsers(title="rates commands", required=True, metavar="COMMAND")
    _add_show(inner)
    _add_refresh(inner)


def _add_show(inner: Any) -> None:
    meaning = "show which rate table is in use, and its prices"
    show: argparse.ArgumentParser = inner.add_parser("show", help=meaning, description=meaning)
    show.add_argument("--region", help="every price of this region, with tiers and sources")
    show.add_argument("--json", action="store_true", help="print JSON")
    show.set_defaults(run=run_show)


def _add_refresh(inner: Any) -> None:
    meaning = "read the AWS Price List (no credentials needed) and write a new rate table of it"
    refresh: argparse.ArgumentParser = inner.add_parser("refresh", help=meaning, description=meaning)
    refresh.add_argument("--region", action="append", help="only this region; may be given again (default: all)")
    refresh.add_argument("--dry-run", action="store_true", help="show what would change and write nothing")
    refresh.add_argument("--url", metavar="BASE", help="address of the price list, or of a mirror (default: AWS's own)")
    refresh.add_argument("--json", action="store_true", help="print JSON")
    refresh.add_argument("--config", type=Path, help="TOML file of settings")
    refresh.set_defaults(run=run_refresh)


def run_show(arguments: argparse.Namespace) -> int:
    """Prints the table in use. Raises: SettingsError."""
    from lambdascope_analytics.pricing import load_rates
    from lambdascope_proxy.views.rates import show_rates, table_data

    table = load_rates()
    if arguments.region and arguments.region not in table.regions:
        raise SettingsError(f"--region {arguments.region}: the table has {', '.join(sorted(table.regions))}")
    _show(table_data(table, str(_path_of(table)), region=arguments.region), show_rates, as_json=arguments.json)
    return 0


def run_refresh(arguments: argparse.Namespace) -> int:
    """Renews the table and prints what changed. Raises: SettingsError, CallFailed."""
    from lambdascope_analytics.errors import PriceListError
    from lambdascope_analytics.price_list.renewal import renew
    from lambdascope_analytics.pricing import load_rates
    from lambdascope_proxy.views.rates import refresh_data, show_refresh

    old, base = load_rates(), _base(arguments.url)
    try:
        renewal = renew(old, _offers(arguments, base), host=base)
    except PriceListError as error:
        raise CallFailed(
            OutcomeKind.TRANSPORT_ERROR, "PriceListUnreadable", f"{str(error).rstrip('.')}.", f"{ADVICE} {_hint(base)}"
        ) from error
    path = None if renewal.is_same or arguments.dry_run else _save(renewal)
    data = refresh_data(old, renewal, base=base, path=path, is_dry_run=arguments.dry_run)
    _show(data, show_refresh, as_json=arguments.json)
    return 0


def _offers(arguments: argparse.Namespace, base: str) -> "list[Offer]":
    from lambdascope_analytics.price_list.download import Download
    from lambdascope_analytics.price_list.offers import CHINA, listed_regions, read_offers

    settings = load_settings(os.environ, arguments.config)
    download = Download(base, certificates=_certificates(settings.aws_profile))
    tell([f"Reading {base} ..."])
    paths = listed_regions(download)
    for region in arguments.region or ():
        if region not in paths:
            china = f" (China has a list of its own: --url {CHINA})" if region.startswith("cn-") else ""
            raise SettingsError(f"--region {region}: the list has {', '.join(paths)}{china}")
    return read_offers(download, {name: path for name, path in paths.items() if name in (arguments.region or paths)})


def _certificates(profile: str) -> str:
    """Those that every other connection of ours to AWS trusts."""
    from botocore.exceptions import BotoCoreError
    from botocore.session import Session

    from lambdascope_proxy.aws.certificates import trusted_certificates

    try:
        return trusted_certificates(Session(profile=profile or None))
    except BotoCoreError as error:
        raise CallFailed(
            OutcomeKind.AWS_ERROR, type(error).__name__, f"{error}.", "Check AWS_PROFILE and the AWS configuration."
        ) from error


def _base(url: str | None) -> str:
    from lambdascope_analytics.price_list.download import AWS

    if url is None:
        return AWS
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise SettingsError(f"--url {url}: give an http or https address such as {AWS}")
    return url.rstrip("/")


def _hint(base: str) -> str:
    from lambdascope_analytics.price_list.download import AWS

    if base == AWS:
        return f"Check that this host can reach {AWS} (HTTPS_PROXY, AWS_CA_BUNDLE), or give a mirror with --url."
    return f"Check --url: files are read below {base}/offers/v1.0/."


def _save(renewal: "Renewal") -> str:
    from lambdascope_analytics.price_list.saving import save_table
    from lambdascope_analytics.pricing.tables import refreshed_directory

    return str(save_table(renewal.table, refreshed_directory()))


def _path_of(table: "RateTable") -> Path:
    from lambdascope_analytics.pricing.tables import SHIPPED, refreshed_directory

    name = f"{table.version}.json"
    refreshed = refreshed_directory() / name
    return refreshed if refreshed.is_file() else SHIPPED / name


def _show(data: dict[str, Any], view: View, *, as_json: bool) -> None:
    if as_json:
        print_document(data, indent=2)
        return
    from lambdascope_proxy.views.page import Page, surface_of

    page = Page(surface_of(sys.stdout))
    view(data, page)
    sys.stdout.write(page.text())

"""`lambdascope rates`: the list prices in use, and renewing them from the AWS Price List."""

import argparse
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.commands.answering import View, print_document, tell
from lambdascope_proxy.errors import CallFailed, SettingsError
from lambdascope_proxy.settings import load_settings

if TYPE_CHECKING:
    from lambdascope_analytics.price_list.offer import Offer

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
    refresh.add_argument("--force", action="store_true", help="take a list that is older than the table in use, too")
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
    _prepared(table_data(table, region=arguments.region), show_rates, as_json=arguments.json)()
    return 0


def run_refresh(arguments: argparse.Namespace) -> int:
    """Renews the table and prints what changed. Raises: SettingsError, CallFailed."""
    from lambdascope_analytics.errors import PriceListError
    from lambdascope_analytics.price_list.renewal import renew
    from lambdascope_analytics.price_list.saving import save_table, table_path
    from lambdascope_analytics.pricing import load_rates
    from lambdascope_analytics.pricing.tables import refreshed_directory
    from lambdascope_proxy.views.rates import refresh_data, show_refresh

    old, base, directory = load_rates(), _base(arguments.url), refreshed_directory()
    try:
        offers = _offers(arguments, base)
        renewal = renew(old, offers, host=base, now=datetime.now(UTC), may_be_older=arguments.force)
    except PriceListError as error:
        raise _unreadable(error, base) from error
    is_saved = not renewal.is_same and not arguments.dry_run
    path = str(table_path(renewal.table, directory)) if is_saved else None
    data = refresh_data(old, renewal, base=base, path=path, is_dry_run=arguments.dry_run)
    show = _prepared(data, show_refresh, as_json=arguments.json)
    # Last, so that whatever fails leaves the prices in use as they are.
    if is_saved:
        save_table(renewal.table, directory)
    show()
    return 0


def _unreadable(error: Exception, base: str) -> CallFailed:
    from lambdascope_proxy.views.page import visible

    # It quotes the list, which may hold what a terminal obeys.
    problem = visible(str(error)).rstrip(".")
    return CallFailed(OutcomeKind.TRANSPORT_ERROR, "PriceListUnreadable", f"{problem}.", f"{ADVICE} {_hint(base)}")


def _offers(arguments: argparse.Namespace, base: str) -> "list[Offer]":
    from lambdascope_analytics.price_list.download import Download
    from lambdascope_analytics.price_list.offers import CHINA, listed_regions, read_offers
    from lambdascope_analytics.pricing.rates import is_in_china

    settings = load_settings(os.environ, arguments.config, connects=False)
    download = Download(base, certificates=_certificates(settings.aws_profile))
    tell([f"Reading {base} ..."])
    paths = listed_regions(download)
    for region in arguments.region or ():
        if region not in paths:
            china = f" (China has a list of its own: --url {CHINA})" if is_in_china(region) else ""
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
    if not _is_address(url):
        raise SettingsError(f"--url {url}: give an http or https address such as {AWS}")
    return url.rstrip("/")


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        # Asking for a port that is none raises.
        has_host = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and has_host and not (parts.query or parts.fragment or parts.username)


def _hint(base: str) -> str:
    from lambdascope_analytics.price_list.download import AWS

    if base == AWS:
        return f"Check that this host can reach {AWS} (HTTPS_PROXY, AWS_CA_BUNDLE), or give a mirror with --url."
    return f"Check --url: files are read below {base}/offers/v1.0/."


def _prepared(data: dict[str, Any], view: View, *, as_json: bool) -> Callable[[], object]:
    """What prints the answer, which is made already."""
    if as_json:
        return partial(print_document, data, indent=2)
    from lambdascope_proxy.views.page import Page, surface_of

    page = Page(surface_of(sys.stdout))
    view(data, page)
    return partial(sys.stdout.write, page.text())

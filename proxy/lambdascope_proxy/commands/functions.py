"""`lambdascope functions`: what agents may call."""

import argparse
import os
import sys
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.settings import Settings, load_settings

if TYPE_CHECKING:
    from lambdascope_proxy.catalog import Snapshot


def add(subparsers: Any) -> None:
    """Declares the command."""
    parser: argparse.ArgumentParser = subparsers.add_parser("functions", help="show the functions that may be called")
    parser.add_argument("--region", help="region to look in (default: the configured one)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--config", type=Path, help="TOML file of settings")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Reads the functions once and prints them by the names they are called by. Raises: SettingsError, CallFailed."""
    settings = load_settings(os.environ, arguments.config, connects=False)
    from lambdascope_proxy.account_wiring import selection_of
    from lambdascope_proxy.log_lines import set_up_logging
    from lambdascope_proxy.printing import print_json, print_table
    from lambdascope_proxy.wiring import scrubber_of

    set_up_logging(settings.log_level, scrubber_of(settings))
    found = _read(settings, arguments.region, with_tags=arguments.json)
    sys.stderr.writelines(f"{reason}\n" for reason in found.unread)
    if arguments.json:
        print_json([asdict(function) for function in found.functions])
        return 0
    print_table(
        f"{len(found.functions)} functions may be called ({selection_of(settings).describe()})",
        ["function", "runtime", "architecture", "memory MB", "timeout s", "description"],
        [
            (name, f.runtime, f.architecture, f.memory_mb, f.timeout_s, f.description)
            for name, f in found.by_name.items()
        ],
    )
    return 0


def _read(settings: Settings, region: str | None, *, with_tags: bool) -> "Snapshot":
    import anyio

    from lambdascope_proxy.selection import NOTHING_ALLOWED
    from lambdascope_proxy.wiring import build_proxy

    # Tags that name schemas are needed by calls only: that they cannot be read must not hide the functions.
    proxy = build_proxy(replace(settings, schema_tag_key=""), os.environ)
    if proxy.catalog.selection.is_empty:
        raise CallFailed(OutcomeKind.REFUSED, "NothingAllowed", NOTHING_ALLOWED)
    return anyio.run(partial(proxy.catalogs.snapshot, region, with_tags=with_tags))

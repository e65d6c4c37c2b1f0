"""`lambdascope functions`: what agents may call."""

import argparse
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.settings import Settings, load_settings

if TYPE_CHECKING:
    from lambdascope_proxy.selection import Function


def add(subparsers: Any) -> None:
    """Declares the command."""
    parser: argparse.ArgumentParser = subparsers.add_parser("functions", help="show the functions that may be called")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--config", type=Path, help="TOML file of settings")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Reads the functions once and prints them. Raises: SettingsError, CallFailed."""
    settings = load_settings(os.environ, arguments.config)
    from lambdascope_proxy.printing import print_json, print_table
    from lambdascope_proxy.wiring import scrubber_of, selection_of, set_up_logging

    set_up_logging(settings.log_level, scrubber_of(settings))
    functions = _read(settings, with_tags=arguments.json)
    if arguments.json:
        print_json([asdict(function) for function in functions])
        return 0
    print_table(
        f"{len(functions)} functions may be called ({selection_of(settings).describe()})",
        ["function", "runtime", "architecture", "memory MB", "timeout s", "description"],
        [(f.name, f.runtime, f.architecture, f.memory_mb, f.timeout_s, f.description) for f in functions],
    )
    return 0


def _read(settings: Settings, *, with_tags: bool) -> "tuple[Function, ...]":
    from lambdascope_proxy.aws.discovery import discover
    from lambdascope_proxy.aws.failures import failure_of
    from lambdascope_proxy.selection import NOTHING_ALLOWED
    from lambdascope_proxy.wiring import build_proxy

    proxy = build_proxy(settings, os.environ)
    if proxy.catalog.selection.is_empty:
        raise CallFailed(OutcomeKind.REFUSED, "NothingAllowed", NOTHING_ALLOWED)
    try:
        # Not through the catalogue: that also reads what only calls need, such as the tags that name schemas.
        return discover(proxy.clients, proxy.catalog.selection, with_tags=with_tags, needs_tags=False)
    except Exception as error:
        raise failure_of(error, "reading the functions", settings.aws_region) from error

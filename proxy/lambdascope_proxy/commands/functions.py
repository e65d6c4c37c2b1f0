"""`lambdascope functions`: what agents may call."""

import argparse
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lambdascope_proxy.settings import load_settings


def add(subparsers: Any) -> None:
    """Declares the command."""
    parser: argparse.ArgumentParser = subparsers.add_parser("functions", help="show the functions that may be called")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--config", type=Path, help="TOML file of settings")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Reads the functions once and prints them."""
    settings = load_settings(os.environ, arguments.config)
    import anyio

    from lambdascope_proxy.printing import print_json, print_table
    from lambdascope_proxy.wiring import build_proxy, set_up_logging

    set_up_logging(settings.log_level)
    proxy = build_proxy(settings, os.environ)
    snapshot = anyio.run(lambda: proxy.catalog.snapshot(with_tags=True))
    if arguments.json:
        print_json([asdict(function) for function in snapshot.functions])
        return 0
    print_table(
        f"{len(snapshot.functions)} functions may be called ({proxy.catalog.selection.describe()})",
        ["function", "runtime", "architecture", "memory MB", "timeout s", "description"],
        [(f.name, f.runtime, f.architecture, f.memory_mb, f.timeout_s, f.description) for f in snapshot.functions],
    )
    return 0

"""`lambdascope logs`: asks Logs Insights about the logs of functions."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from lambdascope_proxy.commands.answering import show_answer
from lambdascope_proxy.commands.calling import call_once
from lambdascope_proxy.commands.naming import given, one_of, presets
from lambdascope_proxy.commands.time_range import add_time_range, time_range_of
from lambdascope_proxy.settings import load_settings


def add(subparsers: Any) -> None:
    """Declares the command."""
    parser: argparse.ArgumentParser = subparsers.add_parser("logs", help="ask Logs Insights about functions' logs")
    parser.add_argument(
        "functions", nargs="+", metavar="FUNCTION", help="name of a function; several are read together"
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--preset", type=one_of(presets), help="cold_starts, slowest, errors, timeouts, memory, ...")
    what.add_argument("--query", help="a Logs Insights query, or - to read it from stdin")
    add_time_range(parser, default="3h")
    parser.add_argument("--limit", type=int, help="most rows (default: 20 for most presets, 100 for a query)")
    parser.add_argument("--region", help="region of the functions")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--config", type=Path, help="TOML file of settings")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the rows. Returns 1 when the question failed. Raises: SettingsError."""
    asked = {
        "function_names": arguments.functions,
        **time_range_of(arguments),
        **given(arguments, "preset", "limit", "region"),
    }
    settings = load_settings(os.environ, arguments.config, connects=False)
    from lambdascope_proxy.views.log_rows import show_log_rows

    if arguments.query is not None:
        asked["query"] = sys.stdin.read() if arguments.query == "-" else arguments.query
    return show_answer(call_once(settings, "query_logs", asked), show_log_rows, as_json=arguments.json)

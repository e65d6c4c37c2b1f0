"""The arguments of a command that asks about a span of time, and the time range of the tools they stand for."""

import argparse
from typing import Any

from lambdascope_proxy.errors import SettingsError


def add_time_range(parser: argparse.ArgumentParser, *, default: str) -> None:
    """Declares `--last`, `--start` and `--end`."""
    parser.add_argument("--last", metavar="TIME", help=f"such as 90s, 15m, 3h, 7d or 2w (default: {default})")
    parser.add_argument("--start", metavar="MOMENT", help="ISO 8601, instead of --last; without a zone it is UTC")
    parser.add_argument("--end", metavar="MOMENT", help="ISO 8601, with --start (default: now)")


def time_range_of(arguments: argparse.Namespace) -> dict[str, Any]:
    """The `time_range` argument, where one was given; the tool checks it. Raises: SettingsError for both forms."""
    if arguments.last is not None and (arguments.start is not None or arguments.end is not None):
        raise SettingsError("--last goes without --start and --end")
    if arguments.end is not None and arguments.start is None:
        raise SettingsError("--end goes with --start")
    given = {name: getattr(arguments, name) for name in ("last", "start", "end")}
    known = {name: value for name, value in given.items() if value is not None}
    return {"time_range": known} if known else {}

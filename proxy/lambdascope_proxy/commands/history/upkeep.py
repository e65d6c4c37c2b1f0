"""`lambdascope history path` and `compact`."""

import argparse
from dataclasses import asdict
from typing import Any

from lambdascope_analytics.errors import HistoryError
from lambdascope_proxy.commands.history.place import opened, parser_of

WORDS = {
    "rows": "rows moved from spools into segments",
    "spools": "spools those were in",
    "merged": "small segments merged",
    "amended": "rows completed",
    "forgotten": "rows forgotten, as was asked for",
    "forgotten_elsewhere": "the same in files beside the history",
    "set_aside": "files set aside",
    "days_removed": "days removed for their age, or for room",
    "rollups": "segments summed up by day and function",
}


def add(subparsers: Any) -> None:
    """Declares the two."""
    parser_of(subparsers, "path", "print the directory of the history").set_defaults(run=show_path)
    compact = parser_of(subparsers, "compact", "turn all spools that are closed into segments, now")
    compact.add_argument("--wait", type=float, default=0.0, help="seconds to wait for another process that compacts")
    compact.set_defaults(run=compact_now)


def show_path(arguments: argparse.Namespace) -> int:
    """Prints it, whether it exists or not. Raises: SettingsError."""
    from lambdascope_proxy.printing import print_json, print_line

    _, directory = opened(arguments)
    if arguments.json:
        print_json({"path": str(directory)})
    else:
        print_line(str(directory))
    return 0


def compact_now(arguments: argparse.Namespace) -> int:
    """Compacts all there is. Raises: SettingsError, and HistoryError also when another process is at it."""
    from lambdascope_analytics.store.compaction import compact
    from lambdascope_proxy.printing import print_json, print_table
    from lambdascope_proxy.wiring import upkeep_options

    settings, directory = opened(arguments)
    report = compact(directory, upkeep_options(settings), everything=True, wait_s=arguments.wait)
    if report is None:
        raise HistoryError(f"another process is compacting the history in {directory}; --wait SECONDS waits for it")
    if arguments.json:
        print_json(asdict(report))
    else:
        print_table("compaction", ["count", "what"], [(asdict(report)[key], WORDS[key]) for key in WORDS])
    return 0

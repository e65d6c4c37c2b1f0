"""`lambdascope history`: looks after the history of calls; one file for each kind of work."""

import argparse
from typing import Any

from lambdascope_proxy.commands.history import audit, backfill, exchange, forget, info, reconcile, upkeep


def add(subparsers: Any) -> None:
    """Declares the command and its own commands."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "history",
        help="look after the history: info, audit, compact, export, import, reconcile, backfill, forget, path",
    )
    inner = parser.add_subparsers(title="history commands", required=True, metavar="COMMAND")
    for module in (info, audit, upkeep, exchange, reconcile, backfill, forget):
        module.add(inner)

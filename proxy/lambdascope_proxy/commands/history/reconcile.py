"""`lambdascope history reconcile`: completes calls from the logs, now."""

import argparse
import asyncio
import os
import sys
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from lambdascope_analytics.errors import HistoryError
from lambdascope_proxy.commands.history.place import opened, parser_of

if TYPE_CHECKING:
    from lambdascope_proxy.reconcile.tally import Bills, Reconciled
    from lambdascope_proxy.wiring import Proxy

WORDS = {
    "looked": "calls without a report, of the last three days",
    "completed": "completed",
    "still_pending": "asynchronous, and not over yet",
    "not_found": "of which the logs do not tell",
    "skipped": "that could not be looked for",
}


def add(subparsers: Any) -> None:
    """Declares the command."""
    meaning = "complete calls from the logs: asynchronous ones, and those without a report"
    parser_of(subparsers, "reconcile", meaning).set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Asks the logs once and tells what came of it. Raises: SettingsError, and HistoryError also when another does."""
    from lambdascope_proxy.printing import print_json, print_table
    from lambdascope_proxy.wiring import build_proxy

    settings, directory = opened(arguments)
    proxy = build_proxy(settings, os.environ)
    try:
        found = asyncio.run(_reconcile(proxy))
    finally:
        proxy.close()
    if found.is_busy:
        raise HistoryError(f"another process is completing calls of the history in {directory}")
    if arguments.json:
        counts = {key: getattr(found, key) for key in WORDS}
        print_json({**counts, "reasons": found.reasons, "bills": found.bills.as_data()})
        return 0
    print_table("reconciliation", ["calls", "what"], [(getattr(found, key), WORDS[key]) for key in WORDS])
    print_bills(found.bills)
    sys.stderr.writelines(f"{reason}\n" for reason in found.reasons)
    return 0


def print_bills(bills: "Bills") -> None:
    """Prints what asking the logs cost, if they were asked."""
    from lambdascope_proxy.printing import print_table

    columns = ("region", "insights_queries", "scanned_bytes", "cost_usd")
    if rows := [[bill[column] for column in columns] for bill in bills.as_data()]:
        print_table("asking the logs", ["region", "queries", "bytes scanned", "cost USD"], rows)


async def _reconcile(proxy: "Proxy") -> "Reconciled":
    async with aclosing(proxy):
        return await proxy.monitoring.get().reconciler.run(transport="cli")

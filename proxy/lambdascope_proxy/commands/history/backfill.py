"""`lambdascope history backfill`: takes in executions that never came through a proxy, from the logs."""

import argparse
import asyncio
import os
import sys
from contextlib import aclosing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lambdascope_proxy.commands.history.place import opened, parser_of
from lambdascope_proxy.commands.history.reconcile import print_bills
from lambdascope_proxy.errors import CallFailed, SettingsError

if TYPE_CHECKING:
    from lambdascope_proxy.cloudwatch.window import Window
    from lambdascope_proxy.reconcile.backfill import Backfilled
    from lambdascope_proxy.wiring import Proxy

WORDS = {
    "found": "executions in the logs",
    "known": "of which the history has these already",
    "imported": "imported",
}
# Logs may be kept for ever; AWS's longest retention is ten years.
RETENTION_S = 10 * 366 * 86_400


def add(subparsers: Any) -> None:
    """Declares the command."""
    parser = parser_of(subparsers, "backfill", "take in past executions of a function from its logs")
    parser.add_argument("function", help="function name, as `lambdascope functions` shows it")
    parser.add_argument("--last", default="7d", metavar="TIME", help="how far back: 15m, 3h, 7d, 2w (default: 7d)")
    parser.add_argument("--region", help="AWS region of the function (default: the configured one)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Imports and tells how much. Raises: SettingsError, CallFailed, HistoryError."""
    from lambdascope_proxy.cloudwatch.window import read_window
    from lambdascope_proxy.printing import print_json, print_table
    from lambdascope_proxy.wiring import build_proxy

    settings, _ = opened(arguments)
    try:
        window = read_window({"last": arguments.last}, datetime.now(UTC), retention_s=RETENTION_S)
    except CallFailed as failed:
        raise SettingsError(f"--last: {failed}") from failed
    proxy = build_proxy(settings, os.environ)
    try:
        found = asyncio.run(_backfill(proxy, arguments.function, window, arguments.region))
    finally:
        proxy.close()
    if arguments.json:
        counts = {key: getattr(found, key) for key in (*WORDS, "estimated_bytes", "reasons")}
        print_json({**counts, "bills": found.bills.as_data()})
        return 0
    print_table(f"backfill of {arguments.function}", ["count", "what"], [(getattr(found, k), WORDS[k]) for k in WORDS])
    print_bills(found.bills)
    sys.stderr.writelines(f"{reason}\n" for reason in found.reasons)
    return 0


async def _backfill(proxy: "Proxy", name: str, window: "Window", region: str | None) -> "Backfilled":
    async with aclosing(proxy):
        return await proxy.monitoring.get().backfill.run(name, window, region)

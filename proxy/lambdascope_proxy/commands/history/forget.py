"""`lambdascope history forget`: removes calls for good."""

import argparse
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lambdascope_proxy.commands.history.moments import moment_or_none, read_moment
from lambdascope_proxy.commands.history.place import opened, parser_of
from lambdascope_proxy.errors import SettingsError
from lambdascope_proxy.settings import Settings

if TYPE_CHECKING:
    from lambdascope_analytics.store.forgetting.forget import Forgotten
    from lambdascope_analytics.store.forgetting.request import ForgetRequest, Key


def add(subparsers: Any) -> None:
    """Declares the command."""
    parser = parser_of(subparsers, "forget", "remove calls for good, wherever the history keeps something of them")
    key = parser.add_mutually_exclusive_group(required=True)
    key.add_argument("--session", action="append", metavar="ID", help="calls of this MCP session; may be repeated")
    key.add_argument("--principal", action="append", help="calls of this authenticated caller; may be repeated")
    key.add_argument("--call-id", action="append", metavar="ID", help="this call; may be repeated")
    parser.add_argument("--since", help="only calls that began then or later: 2026-11-22, 2026-11-22T10:00Z, or 7d")
    parser.add_argument("--before", help="only calls that began before; else before now")
    parser.add_argument("--dry-run", action="store_true", help="count what would be forgotten and change nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Counts, asks, forgets and tells what is left. Raises: SettingsError, HistoryError, OSError."""
    settings, directory = opened(arguments)
    from lambdascope_analytics.store.forgetting.forget import count_matches, forget
    from lambdascope_proxy.printing import print_json
    from lambdascope_proxy.wiring import upkeep_options

    request = _request(arguments)
    if not (arguments.yes or arguments.dry_run or sys.stdin.isatty()):
        raise SettingsError("nobody can be asked here: say --yes to forget, or --dry-run to count")
    found = count_matches(directory, request)
    if arguments.dry_run:
        _tell(arguments, asdict(found), f"{found.rows} calls would be forgotten ({found.in_live_spools} still wait)")
        return 0
    if not arguments.yes and not _is_agreed(found.rows):
        return 1
    done = forget(directory, request, upkeep_options(settings))
    if arguments.json:
        print_json({**asdict(done), "lake": settings.history_s3 or None})
    else:
        _print(done, settings, directory)
    return 0


def _request(arguments: argparse.Namespace) -> "ForgetRequest":
    from lambdascope_analytics.store.forgetting.request import ForgetRequest

    given: list[tuple[Key, list[str] | None]] = [
        ("session_id", arguments.session),
        ("principal", arguments.principal),
        ("call_id", arguments.call_id),
    ]
    now = datetime.now(UTC)
    try:
        before = read_moment(arguments.before, now) if arguments.before else now
        since = moment_or_none(arguments.since, now)
        (request,) = (
            ForgetRequest(key=key, values=tuple(values), before=before, since=since)
            for key, values in given
            if values is not None
        )
        return request
    except ValueError as error:
        raise SettingsError(str(error)) from error


def _is_agreed(rows: int) -> bool:
    sys.stderr.write(f"Forget {rows} calls for good? Nothing brings them back. [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _tell(arguments: argparse.Namespace, document: object, text: str) -> None:
    from lambdascope_proxy.printing import print_json, print_line

    if arguments.json:
        print_json(document)
    else:
        print_line(text)


def _print(done: "Forgotten", settings: Settings, directory: Path) -> None:
    from lambdascope_proxy.printing import print_line

    print_line(f"{done.rows} calls are forgotten, {done.elsewhere} more rows in files beside the history")
    if done.is_busy:
        print_line("another process is compacting: the request stands, and the next compaction meets it")
    if done.waits_for:
        print_line(
            f"{done.waiting_rows} calls wait, the request stands: {len(done.waits_for)} spools are being written. They "
            "end within minutes, or with their processes, and a compaction then forgets (`lambdascope history compact`)"
        )
        for name in done.waits_for:
            print_line(f"  {directory / 'spool' / name}")
    if settings.history_s3:
        print_line(
            f"what is in {settings.history_s3} already is not touched: remove it there, as docs/lake.md says; what "
            "was waiting for its upload is changed"
        )

"""`lambdascope history audit`: who called what, when, and how it ended."""

import argparse
import csv
import sys
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.commands.history.moments import read_moment
from lambdascope_proxy.commands.history.place import opened, parser_of
from lambdascope_proxy.errors import SettingsError

if TYPE_CHECKING:
    from lambdascope_analytics.audit import AuditedCall, AuditQuestion

DEFAULT_LIMIT = 1000
SHOWN = ("started_at", "principal", "tool_name", "target", "function_name", "outcome", "request_id", "trace_id")


def add(subparsers: Any) -> None:
    """Declares the command."""
    parser = parser_of(subparsers, "audit", "show who called what, when, with which outcome")
    parser.add_argument("--csv", action="store_true", help="print CSV, with more columns than the table")
    parser.add_argument(
        "--since", default="7d", help="calls that began then or later: 2026-11-22, 2026-11-22T10:00Z, 7d"
    )
    parser.add_argument("--until", help="calls that began before; else before now")
    parser.add_argument("--principal", help="only of this authenticated caller, such as key:ops")
    parser.add_argument("--tool", metavar="NAME", help="only of this tool")
    parser.add_argument("--outcome", choices=[kind.value for kind in OutcomeKind], help="only those that ended so")
    parser.add_argument(
        "--limit", type=int, default=DEFAULT_LIMIT, help="most calls, the latest (default: %(default)s)"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the calls, oldest first, and says if there were more. Raises: SettingsError, HistoryError."""
    if arguments.json and arguments.csv:
        raise SettingsError("--json and --csv: choose one")
    question = _question(arguments)
    _, directory = opened(arguments)
    from lambdascope_analytics.audit import audited_calls
    from lambdascope_analytics.errors import HistoryError
    from lambdascope_analytics.history import open_history

    # Opening one would make it, and an empty audit of a mistyped place would say that nobody called.
    if not directory.is_dir():
        raise HistoryError(f"there is no history in {directory}: set LAMBDASCOPE_HISTORY_DIR to where the proxy's is")
    with open_history(directory) as history:
        calls = audited_calls(history, question)
    _print(calls[-arguments.limit :], arguments)
    if len(calls) > arguments.limit:
        sys.stderr.write(f"There are more: these are the latest {arguments.limit}; --limit or --since shows others.\n")
    return 0


def _question(arguments: argparse.Namespace) -> "AuditQuestion":
    from lambdascope_analytics.audit import AuditQuestion

    now = datetime.now(UTC)
    if arguments.limit < 1:
        raise SettingsError("--limit takes a number of at least 1")
    try:
        since = read_moment(arguments.since, now)
        until = read_moment(arguments.until, now) if arguments.until else now
    except ValueError as error:
        raise SettingsError(str(error)) from error
    return AuditQuestion(
        since=since,
        until=until,
        principal=arguments.principal,
        tool=arguments.tool,
        outcome=arguments.outcome,
        # One more than is shown says whether there are more.
        limit=arguments.limit + 1,
    )


def _print(calls: "Sequence[AuditedCall]", arguments: argparse.Namespace) -> None:
    from lambdascope_proxy.printing import print_json, print_table

    if arguments.json:
        print_json([asdict(call) for call in calls])
    elif arguments.csv:
        _print_csv(calls)
    else:
        rows = [[_cell(getattr(call, name)) for name in SHOWN] for call in calls]
        print_table("audit", [name.removesuffix("_name") for name in SHOWN], rows)


def _print_csv(calls: "Sequence[AuditedCall]") -> None:
    from lambdascope_analytics.audit import AuditedCall

    writer = csv.DictWriter(sys.stdout, [field.name for field in fields(AuditedCall)], lineterminator="\n")
    writer.writeheader()
    for call in calls:
        row = {**asdict(call), "started_at": call.started_at.isoformat()}
        writer.writerow({name: _spreadsheet_cell(value) for name, value in row.items()})


def _spreadsheet_cell(value: object) -> object:
    """A text that no spreadsheet takes for a formula: callers word some of them, and operators open the file."""
    told = _cell(value)
    return f"'{told}" if isinstance(told, str) and told.lstrip().startswith(("=", "+", "-", "@")) else told


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    # A name that was asked for may be anything, and a terminal would obey some of it.
    return "".join(each if each.isprintable() else "?" for each in value) if isinstance(value, str) else value

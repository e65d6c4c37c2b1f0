"""`lambdascope compare`: what changed between two periods or two versions, from the history."""

import argparse
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from lambdascope_proxy.commands.naming import compared_groups, given, one_of
from lambdascope_proxy.commands.reporting import Report, add_report_options, asked_window, period_of, show_report
from lambdascope_proxy.errors import SettingsError


def add(subparsers: Any) -> None:
    """Declares the command."""
    parser: argparse.ArgumentParser = subparsers.add_parser("compare", help="show what changed since the period before")
    parser.add_argument("--before-start", metavar="MOMENT", help="compare with this period (default: the one before)")
    parser.add_argument("--before-end", metavar="MOMENT", help="ISO 8601, with --before-start")
    parser.add_argument(
        "--by", dest="group_by", type=one_of(compared_groups), help="function (default), client, version, ..."
    )
    parser.add_argument("--function", dest="function_name", metavar="NAME", help="only calls of this function")
    parser.add_argument("--version", help="compare this version of the function ...")
    parser.add_argument("--before-version", help="... with this one, within one period")
    parser.add_argument("--top", type=int, help="most groups to show (default: 10)")
    add_report_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the report. Raises: SettingsError, HistoryError."""
    from lambdascope_proxy.views.compare import compare_picture, compare_rows, show_compare

    report = Report(analysis="changes", view=show_compare, rows_of=compare_rows, picture_of=compare_picture)
    asked = given(arguments, "group_by", "function_name", "version", "before_version", "top")
    asked["with_series"] = bool(arguments.png or arguments.html)
    return show_report(arguments, report, {**period_of(arguments), **_before(arguments), **asked})


def _before(arguments: argparse.Namespace) -> Mapping[str, datetime]:
    if arguments.before_start is None and arguments.before_end is None:
        return {}
    if arguments.before_start is None or arguments.before_end is None:
        raise SettingsError("--before-start goes with --before-end")
    window = asked_window({"start": arguments.before_start, "end": arguments.before_end})
    return {"before_start": window.start, "before_end": window.end}

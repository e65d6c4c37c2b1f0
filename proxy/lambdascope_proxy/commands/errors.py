"""`lambdascope errors`: what failed, from the history."""

import argparse
from typing import Any

from lambdascope_proxy.commands.naming import given, groups, one_of
from lambdascope_proxy.commands.reporting import Report, add_report_options, period_of, show_report


def add(subparsers: Any) -> None:
    """Declares the command."""
    parser: argparse.ArgumentParser = subparsers.add_parser("errors", help="show what failed, by kind of error")
    parser.add_argument("--by", dest="group_by", type=one_of(groups), help="count also by function, client, day, ...")
    parser.add_argument("--function", dest="function_name", metavar="NAME", help="only calls of this function")
    parser.add_argument("--top", type=int, help="most kinds and groups to show (default: 10)")
    add_report_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the report. Raises: SettingsError, HistoryError."""
    from lambdascope_proxy.views.errors import errors_picture, errors_rows, show_errors

    report = Report(analysis="errors", view=show_errors, rows_of=errors_rows, picture_of=errors_picture)
    return show_report(
        arguments, report, {**period_of(arguments), **given(arguments, "group_by", "function_name", "top")}
    )

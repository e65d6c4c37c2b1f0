"""`lambdascope cost`: what calls cost, from the history."""

import argparse
from typing import Any

from lambdascope_proxy.commands.naming import given, groups, one_of
from lambdascope_proxy.commands.reporting import Report, add_report_options, period_of, show_report


def add(subparsers: Any) -> None:
    """Declares the command."""
    parser: argparse.ArgumentParser = subparsers.add_parser("cost", help="show what calls cost, dearest first")
    parser.add_argument(
        "--by", dest="group_by", type=one_of(groups), help="function (default), tool, client, session, day, ..."
    )
    parser.add_argument("--function", dest="function_name", metavar="NAME", help="only calls of this function")
    parser.add_argument("--top", type=int, help="most groups to show (default: 10)")
    parser.add_argument("--no-previous", action="store_true", help="do not compare with the period before")
    add_report_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the report. Raises: SettingsError, HistoryError."""
    from lambdascope_proxy.views.cost import cost_picture, cost_rows, show_cost

    report = Report(analysis="cost", view=show_cost, rows_of=cost_rows, picture_of=cost_picture)
    asked = given(arguments, "group_by", "function_name", "top")
    parameters = {**period_of(arguments), **asked, "compare_previous": not arguments.no_previous}
    return show_report(arguments, report, parameters)

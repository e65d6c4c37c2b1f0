"""`lambdascope recommend`: what to set for one function, from the history."""

import argparse
from typing import Any, Final

from lambdascope_proxy.commands.naming import given
from lambdascope_proxy.commands.reporting import Report, add_report_options, period_of, show_report
from lambdascope_proxy.errors import CallFailed, SettingsError

DEFAULT_LAST: Final = "14d"
ARCHITECTURES: Final = ("x86_64", "arm64")
SET_NOW: Final = ("timeout_s", "memory_mb", "architecture")


def add(subparsers: Any) -> None:
    """Declares the command."""
    parser: argparse.ArgumentParser = subparsers.add_parser("recommend", help="say what to set for a function")
    parser.add_argument("function", metavar="FUNCTION", help="its name, also as region:name or account:region:name")
    parser.add_argument("--region", help="region of the function, where it ran in several")
    parser.add_argument(
        "--timeout-s", type=float, metavar="SECONDS", help="the timeout it has now (the history does not hold it)"
    )
    parser.add_argument(
        "--memory-mb", type=int, metavar="MB", help="the memory it has now (else the newest that at least 50 ran with)"
    )
    parser.add_argument("--architecture", choices=ARCHITECTURES, help="the architecture it has now")
    add_report_options(parser, default=DEFAULT_LAST)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the report. Raises: SettingsError, HistoryError."""
    from lambdascope_proxy.views.recommend import recommend_picture, recommend_rows, show_recommend

    report = Report(analysis="sizing", view=show_recommend, rows_of=recommend_rows, picture_of=recommend_picture)
    period = period_of(arguments, default=DEFAULT_LAST)
    return show_report(arguments, report, {**_named(arguments), **period, **given(arguments, *SET_NOW)})


def _named(arguments: argparse.Namespace) -> dict[str, str | None]:
    from lambdascope_proxy.function_name import read_function_name

    try:
        name = read_function_name(arguments.function, arguments.region)
    except CallFailed as failed:
        raise SettingsError(str(failed)) from failed
    return {"function_name": name.name, "region": name.region, "account_id": name.account_id}

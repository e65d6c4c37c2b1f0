"""`lambdascope forecast`: what calls will have cost at the end of a month, from the history."""

import argparse
from decimal import Decimal, InvalidOperation
from typing import Any

from lambdascope_proxy.commands.naming import given
from lambdascope_proxy.commands.reporting import Report, add_report_options, show_report


def add(subparsers: Any) -> None:
    """Declares the command."""
    parser: argparse.ArgumentParser = subparsers.add_parser("forecast", help="forecast what the month will cost")
    parser.add_argument("--function", dest="function_name", metavar="NAME", help="only calls of this function")
    parser.add_argument("--months-ahead", type=int, metavar="N", help="a month that follows (default: 0, this one)")
    parser.add_argument("--budget", dest="budget_usd", type=_amount, metavar="USD", help="how likely it is exceeded")
    add_report_options(parser, default=None)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the report. Raises: SettingsError, HistoryError."""
    from lambdascope_proxy.views.forecast import forecast_picture, forecast_rows, show_forecast

    report = Report(analysis="forecast", view=show_forecast, rows_of=forecast_rows, picture_of=forecast_picture)
    return show_report(arguments, report, given(arguments, "function_name", "months_ahead", "budget_usd"))


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text.removeprefix("$"))
    except InvalidOperation:
        raise argparse.ArgumentTypeError(f"{text!r} is no amount") from None
    if not (amount.is_finite() and amount > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is no amount above zero")
    return amount

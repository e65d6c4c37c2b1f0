"""`lambdascope latency`: how long calls took and where the time went, from the history."""

import argparse
from typing import Any

from lambdascope_proxy.commands.naming import given, groups, one_of
from lambdascope_proxy.commands.reporting import Report, add_report_options, period_of, show_report


def add(subparsers: Any) -> None:
    """Declares the command."""
    parser: argparse.ArgumentParser = subparsers.add_parser("latency", help="show how long calls took, and why")
    parser.add_argument("--by", dest="group_by", type=one_of(groups), help="function (default), client, day, ...")
    parser.add_argument("--function", dest="function_name", metavar="NAME", help="only calls of this function")
    parser.add_argument(
        "--percentiles", type=_numbers, metavar="N,N,...", help="up to eight, such as 50,99.9 (default: 50,90,95,99)"
    )
    parser.add_argument("--top", type=int, help="most groups to show (default: 10)")
    parser.add_argument(
        "--apdex-ms", dest="apdex_ms", type=float, metavar="MS", help="what satisfies, for Apdex (default: 500)"
    )
    add_report_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the report. Raises: SettingsError, HistoryError, PictureError."""
    from lambdascope_proxy.views.latency import latency_picture, latency_rows, show_latency

    report = Report(analysis="latency", view=show_latency, rows_of=latency_rows, picture_of=latency_picture)
    asked = given(arguments, "group_by", "function_name", "percentiles", "top", "apdex_ms")
    return show_report(arguments, report, {**period_of(arguments), **asked})


def _numbers(text: str) -> list[float]:
    try:
        return [float(each) for each in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not numbers with commas between them") from None

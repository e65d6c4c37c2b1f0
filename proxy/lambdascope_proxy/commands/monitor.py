"""`lambdascope monitor`: how a function, or all of them, have been doing."""

import argparse
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lambdascope_proxy.commands.answering import View, show_answer
from lambdascope_proxy.commands.calling import call_once, with_tool
from lambdascope_proxy.commands.naming import given, metric_types, one_of, some_of, sorts
from lambdascope_proxy.commands.time_range import add_time_range, time_range_of
from lambdascope_proxy.errors import SettingsError
from lambdascope_proxy.settings import Settings, load_settings

if TYPE_CHECKING:
    from lambdascope_proxy.commands.calling import Ask

EVERY_S = 30.0
LEAST_EVERY_S = 5.0
MOST_EVERY_S = 86_400.0
OF_ONE = ("qualifier", "metrics", "no_errors")
OF_FLEET = ("sort_by", "limit")


def add(subparsers: Any) -> None:
    """Declares the command."""
    parser: argparse.ArgumentParser = subparsers.add_parser("monitor", help="show how a function, or all, are doing")
    parser.add_argument("function", nargs="?", metavar="FUNCTION", help="name of the function")
    parser.add_argument("--fleet", action="store_true", help="all functions that may be called, worst first")
    add_time_range(parser, default="3h")
    parser.add_argument("--qualifier", help="alias or version")
    parser.add_argument(
        "--metrics", type=some_of(metric_types), help="only these, such as errors,duration,cost (default: all)"
    )
    parser.add_argument("--no-errors", action="store_true", help="leave the top errors out")
    parser.add_argument(
        "--sort-by", type=one_of(sorts), help="with --fleet: errors (default), error_rate, throttles, cost, ..."
    )
    parser.add_argument("--limit", type=int, help="with --fleet: most functions to show (default: 20)")
    parser.add_argument("--region", help="region of the functions")
    parser.add_argument(
        "--watch",
        nargs="?",
        type=float,
        const=EVERY_S,
        metavar="SECONDS",
        help=f"ask again every so often (default: {EVERY_S:g}) until Ctrl-C",
    )
    parser.add_argument("--json", action="store_true", help="print JSON; with --watch a document per line")
    parser.add_argument("--config", type=Path, help="TOML file of settings")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the report. Returns 1 when nothing could be read. Raises: SettingsError."""
    _check(arguments)
    tool, asked = _fleet(arguments) if arguments.fleet else _one(arguments)
    settings = load_settings(os.environ, arguments.config, connects=False)
    from lambdascope_proxy.views.executions import show_executions
    from lambdascope_proxy.views.fleet import show_fleet

    view: View = show_fleet if arguments.fleet else show_executions
    if arguments.watch is None:
        return show_answer(call_once(settings, tool, asked), view, as_json=arguments.json)
    return _watch(settings, tool, asked, view, arguments)


def _watch(settings: Settings, tool: str, asked: Mapping[str, Any], view: View, arguments: argparse.Namespace) -> int:
    import anyio

    from lambdascope_proxy.commands.watching import Watch

    watch = Watch(view, as_json=arguments.json, every_s=arguments.watch, sleep=anyio.sleep)

    async def go_on(ask: "Ask") -> int:
        return await watch.run(ask, asked)

    try:
        return with_tool(settings, tool, go_on)
    except KeyboardInterrupt:
        # The way to end it.
        return 0


def _check(arguments: argparse.Namespace) -> None:
    if bool(arguments.function) == arguments.fleet:
        raise SettingsError("monitor takes the name of a function, or --fleet")
    foreign = OF_ONE if arguments.fleet else OF_FLEET
    # By identity: a limit of 0 was given, too.
    if refused := [name for name in foreign if not any(getattr(arguments, name) is left for left in (None, False))]:
        where = "without" if arguments.fleet else "with"
        raise SettingsError(f"--{refused[0].replace('_', '-')} goes {where} --fleet")
    _check_pace(arguments.watch)


def _check_pace(every_s: float | None) -> None:
    if every_s is None or LEAST_EVERY_S <= every_s <= MOST_EVERY_S:
        return
    too_often = f": AWS charges for each look, so {LEAST_EVERY_S:g} is the least" if every_s < LEAST_EVERY_S else ""
    raise SettingsError(f"--watch {every_s:g}{too_often or f': use {LEAST_EVERY_S:g} to {MOST_EVERY_S:g} seconds'}")


def _one(arguments: argparse.Namespace) -> tuple[str, dict[str, Any]]:
    return "monitor_executions", {
        "function_name": arguments.function,
        "include_errors": not arguments.no_errors,
        **time_range_of(arguments),
        **({"metric_types": arguments.metrics} if arguments.metrics else {}),
        **given(arguments, "qualifier", "region"),
    }


def _fleet(arguments: argparse.Namespace) -> tuple[str, dict[str, Any]]:
    return "monitor_fleet", {**time_range_of(arguments), **given(arguments, "sort_by", "limit", "region")}

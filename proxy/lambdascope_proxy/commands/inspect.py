"""`lambdascope inspect`: everything known of one execution."""

import argparse
import os
import uuid
from pathlib import Path
from typing import Any

from lambdascope_proxy.commands.answering import show_answer
from lambdascope_proxy.commands.calling import call_once
from lambdascope_proxy.commands.naming import given
from lambdascope_proxy.commands.time_range import add_time_range, time_range_of
from lambdascope_proxy.settings import load_settings


def add(subparsers: Any) -> None:
    """Declares the command."""
    parser: argparse.ArgumentParser = subparsers.add_parser("inspect", help="show everything known of one execution")
    parser.add_argument("id", metavar="ID", help="call_id of an answer or of the history, or an AWS request id")
    parser.add_argument(
        "--function-name",
        "--function",
        metavar="FUNCTION",
        help="its function, where it did not come through a proxy of this history",
    )
    add_time_range(parser, default="1d; for one that did not come through")
    parser.add_argument("--region", help="region of the function")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--config", type=Path, help="TOML file of settings")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints what is known. Returns 1 when nothing is. Raises: SettingsError."""
    asked = {
        name_of(arguments.id): arguments.id,
        **time_range_of(arguments),
        **given(arguments, "function_name", "region"),
    }
    settings = load_settings(os.environ, arguments.config, connects=False)
    from lambdascope_proxy.views.execution import show_execution

    return show_answer(call_once(settings, "inspect_execution", asked), show_execution, as_json=arguments.json)


def name_of(text: str) -> str:
    """What an id is: call ids are UUIDs of version 7, request ids of version 4. The tool refuses what is neither."""
    try:
        return "call_id" if uuid.UUID(text.strip()).version == 7 else "request_id"
    except ValueError:
        return "request_id"

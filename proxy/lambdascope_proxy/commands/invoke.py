"""`lambdascope invoke`: one call through the same pipeline that agents use."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from lambdascope_proxy.commands.calling import call_once
from lambdascope_proxy.errors import SettingsError
from lambdascope_proxy.settings import load_settings


def add(subparsers: Any) -> None:
    """Declares the command."""
    parser: argparse.ArgumentParser = subparsers.add_parser("invoke", help="call a function as an agent would")
    parser.add_argument("function", help="name of the function")
    parser.add_argument("--payload", default="{}", help="JSON, or - to read it from stdin (default: {})")
    parser.add_argument("--qualifier", help="alias or version")
    parser.add_argument("--type", choices=["RequestResponse", "Event", "DryRun"], default="RequestResponse")
    parser.add_argument("--tail", action="store_true", help="also print the end of the function's log")
    parser.add_argument("--json", action="store_true", help="print the structured result")
    parser.add_argument("--config", type=Path, help="TOML file of settings")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Calls and prints the answer: the result on stdout, the facts on stderr. Returns 1 when the call failed."""
    settings = load_settings(os.environ, arguments.config, connects=False)
    tool_arguments = _tool_arguments(arguments)
    from lambdascope_proxy.printing import print_json, print_line

    # Not by its name: agents may see functions as tools instead, here one calls by the function's name.
    answer = call_once(settings, lambda proxy: proxy.invoke_tool, tool_arguments)
    if arguments.json:
        print_json(answer.structured)
    elif answer.is_error:
        sys.stderr.write("\n".join(answer.texts) + "\n")
    else:
        print_line(answer.texts[0])
        sys.stderr.write("".join(f"{text}\n" for text in answer.texts[1:]))
    return 1 if answer.is_error else 0


def _tool_arguments(arguments: argparse.Namespace) -> dict[str, Any]:
    text = sys.stdin.read() if arguments.payload == "-" else arguments.payload
    try:
        payload = json.loads(text)
    except ValueError as error:
        raise SettingsError(f"--payload is not JSON: {error}") from error
    given: dict[str, Any] = {
        "function_name": arguments.function,
        "payload": payload,
        "invocation_type": arguments.type,
        "log_type": "Tail" if arguments.tail else "None",
    }
    return given | ({"qualifier": arguments.qualifier} if arguments.qualifier else {})

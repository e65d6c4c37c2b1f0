"""`lambdascope invoke`: one call through the same pipeline that agents use."""

import argparse
import json
import os
import sys
import time
from contextlib import aclosing
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lambdascope_proxy.call import Caller, begin_call
from lambdascope_proxy.errors import SettingsError
from lambdascope_proxy.settings import Settings, load_settings

if TYPE_CHECKING:
    from lambdascope_proxy.answer import Answer


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
    settings = load_settings(os.environ, arguments.config)
    tool_arguments = _tool_arguments(arguments)
    from lambdascope_proxy.printing import print_json, print_line

    answer = _call(settings, tool_arguments)
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


def _call(settings: Settings, tool_arguments: dict[str, Any]) -> "Answer":
    import anyio

    from lambdascope_proxy.answer import answer_of
    from lambdascope_proxy.wiring import build_proxy, scrubber_of, set_up_logging

    set_up_logging(settings.log_level, scrubber_of(settings))
    proxy = build_proxy(settings, os.environ)

    async def invoke() -> "Answer":
        caller = Caller(transport="cli", client_name="lambdascope-cli", client_version=version("lambdascope"))
        call = begin_call(proxy.invoke_tool, tool_arguments, caller, time.perf_counter_ns())
        async with aclosing(proxy.http):
            return answer_of(call, await proxy.pipeline(call))

    try:
        proxy.upkeep.start()
        return anyio.run(invoke)
    finally:
        proxy.close()

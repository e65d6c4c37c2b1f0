"""The command line: finds the subcommand and turns what goes wrong into one line and an exit code."""

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING

from lambdascope_analytics.errors import HistoryError
from lambdascope_proxy.errors import CallFailed, PictureError, PinsError, SettingsError
from lambdascope_proxy.telemetry.variables import mend_variables

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

COMMANDS = (
    "serve",
    "wrap",
    "demo",
    "functions",
    "invoke",
    "monitor",
    "logs",
    "inspect",
    "cost",
    "forecast",
    "latency",
    "errors",
    "compare",
    "recommend",
    "sql",
    "price",
    "rates",
    "history",
    "keys",
    "dashboards",
    "doctor",
    "upstreams",
    "iam-policy",
)


class _Parser(argparse.ArgumentParser):
    """Tells when its help could not be written, which argparse keeps to itself."""

    def _print_message(self, message: str, file: "SupportsWrite[str] | None" = None) -> None:
        if message and file is sys.stdout:
            sys.stdout.write(message)
        else:
            super()._print_message(message, file)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command. Returns 0, 1 for failure, 2 for bad usage."""
    if sys.stdout is None:  # pyright: ignore[reportUnnecessaryComparison] -- closed by whoever started us
        return _complain("stdout is closed", 1)
    try:
        return _run(argv)
    except SettingsError as error:
        return _complain(str(error), 2)
    except CallFailed as failed:
        return _complain(f"{failed} {failed.failure.hint}".strip(), 1)
    except (HistoryError, PictureError, PinsError) as error:
        return _complain(str(error), 1)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has left, as `| head` does; there is nobody to tell.
        _give_up_stdout()
        return 1
    except OSError as error:
        # The world's doing, not ours: a full disk under stdout, a demo whose port is taken.
        _give_up_stdout()
        return _complain(str(error), 1)


def _run(argv: Sequence[str] | None) -> int:
    try:
        for complaint in mend_variables(os.environ):
            _complain(complaint, 0)
        arguments = _parse(list(sys.argv[1:] if argv is None else argv))
        return arguments.run(arguments)
    finally:
        # Left to the end of the interpreter, what cannot be written would be told in words of Python.
        if not sys.stdout.closed:
            sys.stdout.flush()


def _give_up_stdout() -> None:
    """Leads it nowhere, so that the end of the interpreter does not try once more to write what is left."""
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _parse(words: list[str]) -> argparse.Namespace:
    """The arguments; those of `wrap` end at `--`: what follows is another program's command line, kept as it is."""
    if words[:1] != ["wrap"]:
        return _parser().parse_args(words)
    end = words.index("--") if "--" in words else len(words)
    arguments, arguments.unread = _parser().parse_known_args(words[:end])
    arguments.command = tuple(words[end + 1 :])
    return arguments


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="lambdascope", description="An observability-first MCP proxy for AWS Lambda.")
    parser.add_argument("--version", action="version", version=f"lambdascope {version('lambdascope')}")
    subparsers = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name in COMMANDS:
        import_module(f"lambdascope_proxy.commands.{name.replace('-', '_')}").add(subparsers)
    return parser


def _complain(reason: str, code: int) -> int:
    sys.stderr.write(f"lambdascope: {' '.join(reason.split())}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())

"""The command line: finds the subcommand and turns what goes wrong into one line and an exit code."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version

from lambdascope_proxy.errors import CallFailed, SettingsError

COMMANDS = ("serve", "demo", "functions", "invoke", "doctor")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command. Returns 0, 1 for failure, 2 for bad usage."""
    arguments = _parser().parse_args(argv)
    try:
        return arguments.run(arguments)
    except SettingsError as error:
        return _complain(str(error), 2)
    except CallFailed as failed:
        return _complain(f"{failed} {failed.failure.hint}".strip(), 1)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has left, as `| head` does; there is nobody to tell.
        sys.stderr.close()
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lambdascope", description="An observability-first MCP proxy for AWS Lambda.")
    parser.add_argument("--version", action="version", version=f"lambdascope {version('lambdascope')}")
    subparsers = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name in COMMANDS:
        import_module(f"lambdascope_proxy.commands.{name}").add(subparsers)
    return parser


def _complain(reason: str, code: int) -> int:
    sys.stderr.write(f"lambdascope: {' '.join(reason.split())}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())

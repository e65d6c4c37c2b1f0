"""`lambdascope keys new`: makes an API key, shown once, and the line by which the proxy will know it."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from lambdascope_proxy.access.api_keys import line_of, new_key
from lambdascope_proxy.errors import SettingsError


def add(subparsers: Any) -> None:
    """Declares the command and its own command."""
    parser: argparse.ArgumentParser = subparsers.add_parser("keys", help="make API keys for Streamable HTTP")
    inner = parser.add_subparsers(title="keys commands", required=True, metavar="COMMAND")
    meaning = "make a key, show it once, and give its line for the keys file"
    new: argparse.ArgumentParser = inner.add_parser("new", help=meaning, description=meaning)
    new.add_argument("name", help="whose key it is; calls are recorded as those of key:NAME")
    new.add_argument("--append", type=Path, metavar="FILE", help="add the line to this file, made where there is none")
    new.add_argument("--json", action="store_true", help="print JSON")
    new.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the key, and the line unless it went to a file. Raises: SettingsError, OSError."""
    key = new_key()
    try:
        line = line_of(arguments.name, key)
    except ValueError as error:
        raise SettingsError(str(error)) from error
    if arguments.append:
        _append(arguments.append, line)
    if arguments.json:
        from lambdascope_proxy.printing import print_json

        print_json({"name": arguments.name, "key": key, "line": line})
        return 0
    # The key alone on stdout, so that it can be led straight into a secret store.
    sys.stderr.write(f"lambdascope: the key of {arguments.name}, which nothing can show again:\n")
    sys.stderr.flush()
    sys.stdout.write(f"{key}\n")
    sys.stdout.flush()
    where = f"Its line is in {arguments.append}." if arguments.append else "Its line for LAMBDASCOPE_API_KEYS_FILE:"
    sys.stderr.write(f"lambdascope: {where}\n" + ("" if arguments.append else f"{line}\n"))
    return 0


def _append(path: Path, line: str) -> None:
    """Adds the line in one write, on a line of its own; a new file can be read by its owner only."""
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "rb+", buffering=0) as file:
        size = file.seek(0, os.SEEK_END)
        start = "\n" if size and os.pread(descriptor, 1, size - 1) != b"\n" else ""
        file.write(f"{start}{line}\n".encode())

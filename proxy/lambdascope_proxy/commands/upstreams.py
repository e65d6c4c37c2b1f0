"""`lambdascope upstreams`: looks at the other MCP servers behind this one, and takes them over from a client."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lambdascope_proxy.commands import upstreams_pins
from lambdascope_proxy.errors import SettingsError
from lambdascope_proxy.settings import load_settings

if TYPE_CHECKING:
    from lambdascope_proxy.upstreams.importing import Imported

IMPORTING: Final = """\
Reads the servers of an MCP client's configuration (Claude Desktop, Claude Code, Cursor, VS Code and their like) and
writes them as a settings file of lambdascope, to stdout or to --output. Secrets are not written: each becomes a
${VARIABLE}. What to set, and how to point the client at lambdascope, is said on stderr.
"""


def add(subparsers: Any) -> None:
    """Declares the command and its own commands."""
    meaning = "look at the MCP servers behind this one, or import them from a client's configuration"
    parser: argparse.ArgumentParser = subparsers.add_parser("upstreams", help=meaning, description=meaning)
    inner = parser.add_subparsers(title="upstreams commands", required=True, metavar="COMMAND")
    _add_list(inner)
    _add_import(inner)
    upstreams_pins.add(inner)


def _add_list(subparsers: Any) -> None:
    meaning = "connect to each upstream and show what it offers"
    parser: argparse.ArgumentParser = subparsers.add_parser("list", help=meaning, description=meaning)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--config", type=Path, help="TOML file of settings (else LAMBDASCOPE_CONFIG)")
    parser.set_defaults(run=run_list)


def _add_import(subparsers: Any) -> None:
    meaning = "make a settings file of a client's mcpServers"
    parser: argparse.ArgumentParser = subparsers.add_parser("import", help=meaning, description=IMPORTING)
    parser.add_argument("file", type=Path, metavar="FILE", help="such as claude_desktop_config.json or .mcp.json")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write there instead; never overwrites")
    parser.set_defaults(run=run_import)


def run_list(arguments: argparse.Namespace) -> int:
    """Prints each upstream and its tools. Returns 1 when one of them cannot be reached. Raises: SettingsError."""
    settings = load_settings(os.environ, arguments.config)
    from lambdascope_proxy.log_lines import set_up_logging
    from lambdascope_proxy.printing import print_json, print_line
    from lambdascope_proxy.upstream_checkup import look_at_upstreams
    from lambdascope_proxy.views.upstreams import print_upstreams, upstreams_as_data
    from lambdascope_proxy.wiring import build_proxy, scrubber_of

    set_up_logging(settings.log_level, scrubber_of(settings), settings.log_format)
    proxy = build_proxy(settings, os.environ)
    seen, offered = look_at_upstreams(settings.upstreams, proxy.scrub, proxy.toolbox.names)
    if arguments.json:
        print_json(upstreams_as_data(seen, offered))
    elif seen:
        print_upstreams(seen, offered)
    else:
        print_line("no upstreams: write [upstreams.NAME] tables into the file given with --config")
    return 1 if any(each.failure for each in seen) else 0


def run_import(arguments: argparse.Namespace) -> int:
    """Writes the TOML, and says what else is to be done. Returns 1 when there is nothing to write."""
    from lambdascope_proxy.upstreams.pointing import needed_variables
    from lambdascope_proxy.upstreams.toml_text import upstream_table

    found = _imported(arguments.file)
    if not found.tables:
        _say([*found.notes, "nothing to import"])
        return 1
    needed = ", ".join(needed_variables(found))
    head = [
        f"# Made of {json.dumps(arguments.file.name)} by `lambdascope upstreams import`; for `serve --config`.",
        *([f"# Takes from the environment: {needed}."] if needed else []),
    ]
    text = "\n".join([*head, "", *(upstream_table(name, table) for name, table in found.tables.items())])
    _write(text, arguments.output)
    _say(_next_steps(found, arguments.file, arguments.output))
    return 0


def _imported(path: Path) -> "Imported":
    from lambdascope_proxy.upstreams.importing import import_servers

    try:
        return import_servers(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"cannot read {path}: {error.strerror or error}") from error
    except ValueError as error:
        raise SettingsError(f"{path}: {error}") from error


def _write(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text)
        return
    try:
        # For its owner alone: what stays in it may still say more than others should know.
        with os.fdopen(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise SettingsError(f"{output} is there already; nothing was written: give --output another name") from None
    except OSError as error:
        raise SettingsError(f"cannot write {output}: {error.strerror or error}") from error


def _next_steps(found: "Imported", source: Path, output: Path | None) -> list[str]:
    from lambdascope_proxy.upstreams.pointing import client_snippet

    config = str(output.absolute()) if output else "/path/to/lambdascope.toml"
    where = f"{output}: " if output else ""
    lines = [*found.notes, f"{where}{len(found.tables)} upstreams: {', '.join(found.tables)}"]
    if found.secrets:
        lines.append(f"set for lambdascope, with the values that are in {source}: {', '.join(found.secrets)}")
    others = ", beside those that are left out" if any(" is left out: " in note for note in found.notes) else ""
    lines.append(f"then try them with `lambdascope upstreams list --config {config}`")
    lines.append(f"then put this in place of the servers in {source}{others}:")
    return [*lines, client_snippet(found, config)]


def _say(lines: list[str]) -> None:
    sys.stderr.writelines(f"{line}\n" for line in lines)

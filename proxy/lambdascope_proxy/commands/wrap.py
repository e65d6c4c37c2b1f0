"""`lambdascope wrap`: serves one other MCP server, with nothing but its command line or URL."""

import argparse
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from lambdascope_proxy.commands.serve import announce
from lambdascope_proxy.errors import SettingsError
from lambdascope_proxy.settings import describe_settings, load_settings
from lambdascope_proxy.upstreams.naming import name_of_command, name_of_url
from lambdascope_proxy.upstreams.reading import read_upstream
from lambdascope_proxy.upstreams.references import literal
from lambdascope_proxy.upstreams.spec import Upstream
from lambdascope_proxy.upstreams.values import Surroundings, address

USAGE: Final = """lambdascope wrap [options] -- COMMAND [ARGUMENT ...]
       lambdascope wrap [options] URL"""
MEANING: Final = """\
Serves another MCP server as if it were this one: under the same tool names, with each call traced, recorded and
limited. COMMAND is started and spoken to over stdio, and gets the environment lambdascope has, without LAMBDASCOPE_*;
what stands after -- is its alone. URL is spoken to over Streamable HTTP.

Where --header, --env or URL holds a secret, write ${NAME} (in single quotes, so that the shell leaves it): it stands
for that variable of lambdascope's environment, and shows in no list of processes.
"""


def add(subparsers: Any) -> None:
    """Declares the command."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "wrap",
        help="run the MCP server in front of another one: wrap -- COMMAND, or wrap URL",
        usage=USAGE,
        description=MEANING,
        epilog=describe_settings(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("url", nargs="?", metavar="URL", help="of a server that speaks Streamable HTTP")
    parser.add_argument("--http", action="store_true", help="serve Streamable HTTP instead of stdio")
    parser.add_argument("--port", type=int, help="port of Streamable HTTP (else MCP_SERVER_PORT, else 3000)")
    parser.add_argument("--config", type=Path, help="TOML file of settings; its upstreams are left aside")
    parser.add_argument("--name", help="what the history calls it (else made of the command or the host)")
    parser.add_argument("--header", action="append", default=[], metavar="'NAME: VALUE'", help="sent to URL")
    parser.add_argument("--env", action="append", default=[], metavar="NAME=VALUE", help="a variable of COMMAND")
    parser.add_argument("--clean-env", action="store_true", help="hand on only PATH, HOME and their like, and --env")
    parser.add_argument("--allow", action="append", metavar="PATTERN", help="offer only tools named so, such as get_*")
    parser.add_argument("--deny", action="append", metavar="PATTERN", help="do not offer tools named so")
    parser.add_argument("--timeout", metavar="SECONDS", help="time one call may take (60)")
    cost = "US dollars of one call; TOOL=USD for one tool"
    parser.add_argument("--cost", action="append", default=[], metavar="[TOOL=]USD", help=cost)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serves until the client leaves or a signal comes. Raises: SettingsError."""
    _refuse_unread(arguments.unread)
    settings = load_settings(os.environ, arguments.config, connects=False)
    settings = replace(settings, upstreams=(_wrapped(arguments, os.environ),))
    if arguments.port is not None:
        settings = replace(settings, port=arguments.port)
    from lambdascope_proxy.serving import serve

    return serve(settings, is_http=arguments.http, announce=announce)


def _refuse_unread(words: Sequence[str]) -> None:
    # Only options, and of them only the names: the words between them may be secrets of the other server.
    options = [word.partition("=")[0] for word in words if word.startswith("-")]
    if words:
        named = f"unknown option {options[0]}" if options else "too many words"
        raise SettingsError(
            f"wrap: {named}; the other server's command and its options stand after --: wrap -- COMMAND"
        )


def _wrapped(arguments: argparse.Namespace, environ: Mapping[str, str]) -> Upstream:
    around = Surroundings(environ=environ, directory=Path.cwd())
    reached = _command(arguments, environ) if arguments.command else _url(arguments)
    table = {**reached, **_limits(arguments), "prefix": "", **_costs(arguments.cost)}
    name = arguments.name or _made_name(table, around)
    return read_upstream(name, table, "wrap", around)


def _command(arguments: argparse.Namespace, environ: Mapping[str, str]) -> dict[str, Any]:
    if arguments.url is not None:
        raise SettingsError(f"wrap: takes either a URL or -- COMMAND; both are given{_plainly(arguments.url)}")
    if arguments.header:
        raise SettingsError("wrap: --header goes with a URL")
    inherited = {} if arguments.clean_env else _handed_on(environ)
    return {
        # Said literally: what stands after `--` is not ours to read anything into.
        "command": [literal(word) for word in arguments.command],
        "env": {**inherited, **dict(_pair(text, "=", "--env takes NAME=VALUE") for text in arguments.env)},
    }


def _url(arguments: argparse.Namespace) -> dict[str, Any]:
    if arguments.url is None:
        raise SettingsError("wrap: takes what to wrap: -- COMMAND ARGUMENT..., or a URL")
    if not re.match("https?://|[$][{]", arguments.url):
        raise SettingsError(
            f"wrap: no http or https URL{_plainly(arguments.url)}; a command stands after --: wrap -- COMMAND"
        )
    if arguments.env or arguments.clean_env:
        raise SettingsError("wrap: --env and --clean-env go with a command")
    pairs = (_pair(text, ":", "--header takes 'NAME: VALUE'") for text in arguments.header)
    return {"url": arguments.url, "headers": dict(pairs)}


def _plainly(word: str) -> str:
    """What was given, unless there is more in it than a name, which could be a password."""
    return f": {word!r}" if re.fullmatch(r"[\w./-]{1,64}", word) else ""


def _handed_on(environ: Mapping[str, str]) -> dict[str, str]:
    """What the command would have without us: clients give a server its settings and secrets as variables."""
    return {name: literal(value) for name, value in environ.items() if not name.startswith("LAMBDASCOPE_")}


def _limits(arguments: argparse.Namespace) -> dict[str, Any]:
    given = {"allow": arguments.allow, "deny": arguments.deny, "timeout_s": arguments.timeout}
    return {key: value for key, value in given.items() if value is not None}


def _costs(given: Sequence[str]) -> dict[str, Any]:
    pairs = [(tool.strip(), price.strip()) for tool, _, price in (text.rpartition("=") for text in given)]
    plain = [price for tool, price in pairs if not tool]
    if len(plain) > 1:
        raise SettingsError("wrap: --cost is given twice; write --cost TOOL=USD for one tool's price")
    found: dict[str, Any] = {"cost_usd": plain[0]} if plain else {}
    tools = {tool: price for tool, price in pairs if tool}
    return {**found, "tool_costs": tools} if tools else found


def _pair(text: str, between: str, advice: str) -> tuple[str, str]:
    name, found, value = text.partition(between)
    if not found:
        # Not the text itself: whoever forgets the name has given the secret alone.
        raise SettingsError(f"wrap: {advice}")
    return name.strip(), value


def _made_name(table: Mapping[str, Any], around: Surroundings) -> str:
    if "command" in table:
        return name_of_command(table["command"])
    try:
        return name_of_url(address(table["url"], around))
    except ValueError as error:
        raise SettingsError(f"wrap: url: {error}") from None

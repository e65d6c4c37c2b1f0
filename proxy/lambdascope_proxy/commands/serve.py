"""`lambdascope serve`: the MCP server over stdio or Streamable HTTP."""

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from lambdascope_proxy.settings import describe_settings, load_settings


def add(subparsers: Any) -> None:
    """Declares the command."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "serve",
        help="run the MCP server (stdio, or --http)",
        epilog=describe_settings(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--http", action="store_true", help="serve Streamable HTTP instead of stdio")
    parser.add_argument("--port", type=int, help="port of Streamable HTTP (else MCP_SERVER_PORT, else 3000)")
    parser.add_argument("--config", type=Path, help="TOML file of settings; the environment goes first")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serves until the client leaves or a signal comes."""
    settings = load_settings(os.environ, arguments.config)
    if arguments.port is not None:
        settings = replace(settings, port=arguments.port)
    from lambdascope_proxy.serving import serve

    return serve(settings, is_http=arguments.http, announce=announce)


def announce(url: str) -> None:
    """Says where MCP is served, on stderr."""
    sys.stderr.write(f"lambdascope: serving MCP at {url}\n")
    sys.stderr.flush()

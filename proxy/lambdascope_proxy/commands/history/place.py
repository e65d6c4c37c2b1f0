"""What the history commands have in common: their options, and where the history is."""

import argparse
import os
from pathlib import Path
from typing import Any

from lambdascope_proxy.settings import Settings, load_settings


def parser_of(subparsers: Any, name: str, meaning: str) -> argparse.ArgumentParser:
    """Declares a history command with the options that all have."""
    parser: argparse.ArgumentParser = subparsers.add_parser(name, help=meaning, description=meaning)
    parser.add_argument("--config", type=Path, help="TOML file of settings")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def opened(arguments: argparse.Namespace) -> tuple[Settings, Path]:
    """The settings and the history's directory; log lines go to stderr from now on. Raises: SettingsError."""
    settings = load_settings(os.environ, arguments.config, connects=False)
    from lambdascope_proxy.log_lines import set_up_logging
    from lambdascope_proxy.wiring import history_directory, scrubber_of

    set_up_logging(settings.log_level, scrubber_of(settings))
    return settings, history_directory(settings)

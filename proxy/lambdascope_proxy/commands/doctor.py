"""`lambdascope doctor`: says whether everything a call needs is in place, and what to do where it is not."""

import argparse
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lambdascope_proxy.settings import load_settings


def add(subparsers: Any) -> None:
    """Declares the command."""
    parser: argparse.ArgumentParser = subparsers.add_parser("doctor", help="check credentials, permissions and history")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--config", type=Path, help="TOML file of settings")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints every finding. Returns 1 when one of them would make calls fail."""
    settings = load_settings(os.environ, arguments.config)
    from lambdascope_proxy.checkup import examine
    from lambdascope_proxy.printing import print_json, print_table
    from lambdascope_proxy.wiring import build_proxy

    findings = examine(build_proxy(settings, os.environ), os.environ)
    if arguments.json:
        print_json([asdict(finding) for finding in findings])
    else:
        rows = [(f.status.upper(), f.subject, f.detail, f.next_step) for f in findings]
        print_table("lambdascope doctor", ["", "what", "found", "what to do"], rows)
    return 1 if any(finding.status == "fail" for finding in findings) else 0

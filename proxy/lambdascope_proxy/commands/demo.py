"""`lambdascope demo`: the real proxy against a local AWS, with traffic to look at."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any


def add(subparsers: Any) -> None:
    """Declares the command."""
    parser: argparse.ArgumentParser = subparsers.add_parser("demo", help="try it without an AWS account")
    parser.add_argument("--once", action="store_true", help="make a set of calls, print the reports and end")
    parser.add_argument(
        "--port", type=int, default=3000, help="port of the MCP server, 0 for a free one (default 3000)"
    )
    parser.add_argument(
        "--history-dir",
        type=Path,
        help="where to keep the history (default: a temporary directory, removed at the end; never "
        "LAMBDASCOPE_HISTORY_DIR, so that calls of the demo do not come among yours)",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Runs the demo. Returns 1 when a call of `--once` did not end as it should."""
    from lambdascope_proxy.demo import run_demo

    if arguments.history_dir is None and os.environ.get("LAMBDASCOPE_HISTORY_DIR"):
        sys.stderr.write("the demo leaves LAMBDASCOPE_HISTORY_DIR alone: --history-dir keeps its history\n")
    port = 0 if arguments.once else arguments.port
    return run_demo(is_once=arguments.once, port=port, history_directory=arguments.history_dir)

"""`python -m lambdascope_dashboards` builds the dashboards; with --check it says whether they are up to date."""

import argparse
import sys
from collections.abc import Sequence

from lambdascope_dashboards.building import stale, write


def main(argv: Sequence[str] | None = None) -> int:
    """Writes built/*.json, or with --check returns 1 when they are not what the code builds."""
    parser = argparse.ArgumentParser(prog="python -m lambdascope_dashboards", description="Build the dashboards.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is not up to date")
    arguments = parser.parse_args(argv)
    if not arguments.check:
        write()
        return 0
    old = stale()
    if old:
        sys.stderr.write(f"out of date: {', '.join(old)}; run `make docs`\n")
    return 1 if old else 0


if __name__ == "__main__":
    sys.exit(main())

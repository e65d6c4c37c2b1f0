"""Writes a page of the documentation that is made from a table, or says whether it is up to date."""

import sys
from collections.abc import Sequence
from pathlib import Path


def publish(page: str, arguments: Sequence[str]) -> int:
    """Writes it to the path given last, or with --check returns 1 when that holds something else."""
    path = Path(arguments[-1])
    if "--check" not in arguments:
        path.write_text(page, encoding="utf-8")
        return 0
    if path.read_text(encoding="utf-8") == page:
        return 0
    sys.stderr.write(f"{path} is out of date: run `make docs`\n")
    return 1

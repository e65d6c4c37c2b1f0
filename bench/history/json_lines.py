"""Plain JSON lines: one file, opened for appending by every process, each batch one write(2)."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from bench.history.rows import Row

FILE = "calls.jsonl"


class JsonLinesSink:
    """Appends batches; the kernel keeps writers apart."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(exist_ok=True)
        self._descriptor = os.open(directory / FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, rows: Sequence[Row]) -> None:
        """Write a batch."""
        lines = "".join(json.dumps(_known(row), default=str, separators=(",", ":")) + "\n" for row in rows).encode()
        written = os.write(self._descriptor, lines)
        if written != len(lines):
            raise OSError(f"{len(lines) - written} bytes were not written")

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)


def _known(row: Row) -> dict[str, object]:
    return {name: value for name, value in row.items() if value is not None}

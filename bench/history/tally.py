"""Counts what a recorder's directory holds in the end, and prints it as one JSON line.

`python -m bench.history.tally NAME DIRECTORY`.
"""

import json
import sys
from pathlib import Path

from bench.history.readers import bytes_on_disk, reader
from bench.history.recorders import LAMBDASCOPE


def main(name: str, directory: str) -> None:
    """Count once."""
    found = reader(name, Path(directory))
    place = Path(directory) / "segments" if name == LAMBDASCOPE else Path(directory)
    figures = {"rows": found.progress().rows, "distinct": found.distinct(), "bytes": bytes_on_disk(place)}
    print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

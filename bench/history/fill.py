"""Fills a recorder's directory with so many rows from one process, and prints the bytes they take.

`python -m bench.history.fill NAME DIRECTORY ROWS`: lambdascope's rows come from one writer after the other, so that
there are as many closed spools as a rotation would have left.
"""

import json
import sys
import time
from pathlib import Path

from bench.history.readers import bytes_on_disk
from bench.history.recorders import LAMBDASCOPE, recorder
from bench.history.rows import RowSource

BATCH = 8000  # rows of about 1 kB: a spool of 8 MB
PATIENCE_S = 60.0
INTERVAL_S = 86400 / 1_000_000  # as if a million calls came a day


def main(name: str, directory: str, rows: str) -> None:
    """Fill once."""
    place, source, began = Path(directory), RowSource(7), time.time() - int(rows) * INTERVAL_S
    kept = recorder(name, place, alone=True)
    for first in range(0, int(rows), BATCH):
        count = min(BATCH, int(rows) - first)
        for number in range(first, first + count):
            kept.append(next(source.rows(1, began + number * INTERVAL_S)))
        if name == LAMBDASCOPE:
            _must(kept.close(PATIENCE_S))
            kept = recorder(name, place)
        else:
            _must(kept.flush(PATIENCE_S))
    _must(kept.close(PATIENCE_S))
    print(json.dumps({"bytes": bytes_on_disk(place)}), flush=True)


def _must(succeeded: bool) -> None:
    if not succeeded:
        raise SystemExit("rows were lost")


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Asks how many rows there are every half second while others write, and prints how that went.

`python -m bench.history.watch NAME DIRECTORY` prints `ready`, starts at a line of input and ends when it is over.
"""

import json
import select
import sys
import time
from pathlib import Path

from bench.history.quantiles import quantile
from bench.history.readers import reader
from bench.history.recorders import BusyError

PAUSE_S = 0.5


def main(name: str, directory: str) -> None:
    """Watch until the input ends."""
    watched = reader(name, Path(directory))
    took_s: list[float] = []
    behind_s: list[float] = []
    refused = failed = 0
    print("ready", flush=True)
    sys.stdin.readline()
    while not _is_over():
        began, asked_s = time.perf_counter(), time.time()
        try:
            progress = watched.progress()
        except BusyError:
            refused += 1
        except Exception as error:  # whatever a reader meets is what this counts
            failed += 1
            print(f"{type(error).__name__}: {error}".splitlines()[0], file=sys.stderr)
        else:
            if progress.rows:
                behind_s.append(max(0.0, asked_s - progress.newest_s))
        took_s.append(time.perf_counter() - began)
    figures = {
        "asked": len(took_s),
        "refused": refused,
        "failed": failed,
        "p50_s": quantile(took_s or [0.0], 0.5),
        "worst_s": max(took_s, default=0.0),
        "behind_s": max(behind_s[1:], default=0.0),  # the first answer may come before the first row
    }
    print(json.dumps(figures), flush=True)


def _is_over() -> bool:
    return bool(select.select([sys.stdin], [], [], PAUSE_S)[0])


if __name__ == "__main__":
    main(*sys.argv[1:])

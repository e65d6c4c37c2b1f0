"""Compacts a history again and again while it is written, as any proxy does, and prints what that took.

`python -m bench.history.compact DIRECTORY` prints `ready`, compacts what is due until its input ends, and then all.
"""

import json
import resource
import select
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from lambdascope_analytics.store.directories import KEEP, SPOOL
from lambdascope_analytics.store.hidden import hidden_files

MODULE = "lambdascope_analytics.store.compaction"
PAUSE_S = 0.5
POLL_S = 0.01
ONE_RUN_S = 300.0


@dataclass(slots=True, kw_only=True)
class Runs:
    """The compactions of one history so far."""

    directory: Path
    count: int = 0
    failures: int = 0
    last_error: str = ""

    def one(self, *options: str) -> float:
        """Compact once; return after how many seconds every spool there was had been replaced by segments.

        The process goes on after that: it waits for queries that still read the spools, and removes them.
        """
        began, caught_up_s = time.perf_counter(), None
        command = [sys.executable, "-P", "-m", MODULE, str(self.directory), *options]
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        ) as process:
            while process.poll() is None:
                if caught_up_s is None and not unreplaced_bytes(self.directory):
                    caught_up_s = time.perf_counter() - began
                if time.perf_counter() - began > ONE_RUN_S:
                    process.kill()
                time.sleep(POLL_S)
            self._count(process)
        return caught_up_s or time.perf_counter() - began

    def _count(self, process: subprocess.Popen[str]) -> None:
        self.count += 1
        if process.returncode:
            assert process.stderr is not None
            self.failures += 1
            self.last_error = (process.stderr.read().strip().splitlines() or ["it said nothing"])[-1]


def main(directory: str) -> None:
    """Compact until the input ends, and to the end."""
    runs = Runs(directory=Path(directory))
    print("ready", flush=True)
    while not select.select([sys.stdin], [], [], PAUSE_S)[0]:
        runs.one()
    backlog = unreplaced_bytes(runs.directory)
    caught_up_s = runs.one("--everything") if backlog else 0.0
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    figures = {
        "runs": runs.count,
        "failures": runs.failures,
        "error": runs.last_error,
        "cpu_s": used.ru_utime + used.ru_stime,
        "peak_mb": used.ru_maxrss / 1024,
        "backlog_bytes": backlog,
        "left_bytes": unreplaced_bytes(runs.directory),
        "caught_up_s": caught_up_s,
    }
    print(json.dumps(figures), flush=True)


def unreplaced_bytes(directory: Path) -> int:
    """Return the size of the spools whose rows no segment holds yet."""
    replaced = {entry.file for entry in hidden_files(directory)} | {f"{SPOOL}/{KEEP}"}
    return sum(_size(path) for path in directory.glob(f"{SPOOL}/*.jsonl") if f"{SPOOL}/{path.name}" not in replaced)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


if __name__ == "__main__":
    main(*sys.argv[1:])

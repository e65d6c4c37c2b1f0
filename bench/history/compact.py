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
    """The compactions of one history so far, and how far they are since its writers have ended."""

    directory: Path
    count: int = 0
    failures: int = 0
    last_error: str = ""
    backlog_bytes: int = 0
    over_at: float | None = None
    caught_up_at: float | None = None

    def one(self, *options: str) -> None:
        """Compact once."""
        began = time.perf_counter()
        command = [sys.executable, "-P", "-m", MODULE, str(self.directory), *options]
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        ) as process:
            while process.poll() is None:
                self.look(POLL_S)
                if time.perf_counter() - began > ONE_RUN_S:
                    process.kill()
            self._count(process)
        self.look(0.0)

    def look(self, pause_s: float) -> None:
        """Wait a moment; notice the end of the input, and when every spool has been replaced by segments after it.

        A compaction goes on after that: it waits for queries that still read the spools, and removes them.
        """
        if self.over_at is None:
            if select.select([sys.stdin], [], [], pause_s)[0]:
                self.over_at = time.perf_counter()
                self.backlog_bytes = unreplaced_bytes(self.directory)
        else:
            time.sleep(pause_s)
        if self.over_at is not None and self.caught_up_at is None and not unreplaced_bytes(self.directory):
            self.caught_up_at = time.perf_counter()

    @property
    def caught_up_s(self) -> float:
        """How long after the end of the input all had been replaced; nothing yet counts as now."""
        return (self.caught_up_at or time.perf_counter()) - (self.over_at or 0.0)

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
    runs.look(PAUSE_S)
    while runs.over_at is None:
        runs.one()
        runs.look(PAUSE_S)
    if runs.caught_up_at is None:
        runs.one("--everything")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    figures = {
        "runs": runs.count,
        "failures": runs.failures,
        "error": runs.last_error,
        "cpu_s": used.ru_utime + used.ru_stime,
        "peak_mb": used.ru_maxrss / 1024,
        "backlog_bytes": runs.backlog_bytes,
        "left_bytes": unreplaced_bytes(runs.directory),
        "caught_up_s": runs.caught_up_s,
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

"""Makes rows at a steady rate whatever their recorder does with them, and prints what became of them.

`python -m bench.history.load NAME DIRECTORY RATE SECONDS SEED` prints `ready`, starts at a line of input, and ends with
one JSON line. A row's arrival is when it was due, not when this process found time for it.
"""

import importlib
import json
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.history.quantiles import quantile
from bench.history.recorders import DUCKDB, LAMBDASCOPE, Recorder, recorder
from bench.history.rows import RowSource

TICK_S = 0.05
# lambdascope keeps rows by itself, and is asked only now and then how long that takes.
PROBE_TICKS = 10
FLUSH_S = 5.0
CLOSE_S = 20.0
SAMPLE_ROWS = 2000


@dataclass(slots=True, kw_only=True)
class Tally:
    """What became of the rows so far."""

    taken: int = 0
    lost: int = 0
    waits_s: list[tuple[float, int]] = field(default_factory=list[tuple[float, int]])
    waiting: list[tuple[float, int]] = field(default_factory=list[tuple[float, int]])

    def arrived(self, due_s: float, taken: int, lost: int) -> None:
        """Count the rows of a tick."""
        self.taken += taken
        self.lost += lost
        self.waiting.append((due_s, taken))

    def kept(self, now_s: float, *, was_probe: bool) -> None:
        """Note that everything taken so far is kept; a probe says of the latest rows only how long they waited."""
        self.waits_s += [(now_s - due_s, rows) for due_s, rows in self.waiting[-1 if was_probe else 0 :]]
        self.waiting.clear()

    @property
    def unkept(self) -> int:
        """How many rows were taken and never kept."""
        return sum(rows for _, rows in self.waiting)

    def wait_s(self, share: float) -> float:
        """Return a quantile of how long rows waited to be kept."""
        return quantile([wait_s for wait_s, rows in self.waits_s for _ in range(max(1, rows // 50))] or [0.0], share)


def main(name: str, directory: str, rate: str, seconds: str, seed: str) -> None:
    """Make rows once told to."""
    source = RowSource(int(seed))
    making_s = _cpu_of_making(source)
    target = recorder(name, Path(directory))
    _warm_up(name)
    print("ready", flush=True)
    sys.stdin.readline()
    cpu_s, began = time.process_time(), time.monotonic()
    probes = name == LAMBDASCOPE
    tally = _driven(target, source, float(rate), float(seconds), probes=probes)
    if _closed(target):
        tally.kept(time.time(), was_probe=probes)
    wall_s = time.monotonic() - began
    kept = tally.taken - tally.unkept
    figures = {
        "kept": kept,
        "lost": tally.lost + tally.unkept,
        "wall_s": wall_s,
        "cpu_s": time.process_time() - cpu_s - making_s * (tally.taken + tally.lost),
        "wait_p99_s": tally.wait_s(0.99),
        "wait_worst_s": tally.wait_s(1.0),
    }
    print(json.dumps(figures), flush=True)


def _cpu_of_making(source: RowSource) -> float:
    began = time.process_time()
    for _ in source.rows(SAMPLE_ROWS, time.time()):
        pass
    return (time.process_time() - began) / SAMPLE_ROWS


def _warm_up(name: str) -> None:
    if name == DUCKDB:
        importlib.import_module("pandas")  # seconds on a cold disk, which no batch should be charged with


def _driven(target: Recorder, source: RowSource, rate: float, seconds: float, *, probes: bool) -> Tally:
    tally, began, made = Tally(), time.time(), 0
    for tick in range(1, round(seconds / TICK_S) + 1):
        due_s = began + tick * TICK_S
        if (wait_s := due_s - time.time()) > 0:
            time.sleep(wait_s)
        due_rows = round(rate * tick * TICK_S) - made
        made += due_rows
        taken = sum(target.append(row) for row in source.rows(due_rows, due_s))
        tally.arrived(due_s, taken, due_rows - taken)
        is_behind = time.time() >= due_s + TICK_S  # the last flush was long: take in what arrived meanwhile first
        is_time = tick % PROBE_TICKS == 0 if probes else not is_behind
        if is_time and target.flush(FLUSH_S):
            tally.kept(time.time(), was_probe=probes)
    return tally


def _closed(target: Recorder) -> bool:
    until = time.monotonic() + CLOSE_S
    while not target.flush(FLUSH_S):
        if time.monotonic() > until:
            return False
    return target.close(FLUSH_S)


if __name__ == "__main__":
    main(*sys.argv[1:])

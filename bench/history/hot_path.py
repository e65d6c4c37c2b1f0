"""Times what keeping one row adds to a call, in a process of its own, and prints it as one JSON line.

`python -m bench.history.hot_path NAME DIRECTORY RATE SECONDS`: NAME is a recorder or `nothing`; RATE is in rows a
second, 0 for one row right after the other.
"""

import gc
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.history.quantiles import quantile
from bench.history.recorders import LAMBDASCOPE, Recorder, recorder
from bench.history.rows import Row, RowSource

NOTHING = "nothing"
MOST_ROWS = 5000  # fewer than lambdascope's queue holds, so that nothing is dropped however fast they come
WARM_UP_ROWS = 20
PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """How long each row took, and how late its call began: woken late, or held up by the row before."""

    took_s: list[float] = field(default_factory=list[float])
    late_s: list[float] = field(default_factory=list[float])


def main(name: str, directory: str, rate: str, seconds: str) -> None:
    """Measure once."""
    kept = None if name == NOTHING else recorder(name, Path(directory), alone=True)
    keep = _keeper(name, kept)
    source = RowSource(1)
    for row in source.rows(WARM_UP_ROWS, time.time()):
        keep(row)
    if kept is not None:
        kept.flush(PATIENCE_S)
    rows = list(source.rows(MOST_ROWS, time.time()))
    gc.collect()
    gc.freeze()  # the waiting rows are this program's, and walking them would be in the figures
    cpu_s = time.process_time()
    timings = _timed(keep, rows, float(rate), float(seconds))
    if kept is not None and not kept.close(PATIENCE_S):
        raise SystemExit("rows were lost")
    cpu_s = time.process_time() - cpu_s
    gc.unfreeze()
    print(json.dumps(_figures(timings, cpu_s, is_paced=float(rate) > 0)), flush=True)


def _keeper(name: str, kept: Recorder | None) -> Callable[[Row], object]:
    if kept is None:
        return lambda row: None
    if name == LAMBDASCOPE:
        return kept.append
    # What has no thread of its own has its row kept before the call goes on.
    return lambda row: kept.append(row) and kept.flush(PATIENCE_S)


def _timed(keep: Callable[[Row], object], rows: Sequence[Row], rate: float, seconds: float) -> Timings:
    timings = Timings()
    clock = time.perf_counter
    began = clock()
    for number, row in enumerate(rows):
        due = began + (number / rate if rate else 0.0)
        if due - began > seconds or clock() - began > seconds:
            break
        while rate and (wait_s := due - clock()) > 0:
            time.sleep(wait_s)
        before = clock()
        keep(row)
        timings.took_s.append(clock() - before)
        timings.late_s.append(before - due)
    return timings


def _figures(timings: Timings, cpu_s: float, *, is_paced: bool) -> dict[str, float]:
    took_us = [took * 1e6 for took in timings.took_s]
    figures = {"p50 us": quantile(took_us, 0.5), "p99 us": quantile(took_us, 0.99), "worst us": max(took_us)}
    if is_paced:
        figures["late p99 us"] = quantile(timings.late_s, 0.99) * 1e6
    return figures | {"CPU us": cpu_s / len(took_us) * 1e6, "rows": float(len(took_us))}


if __name__ == "__main__":
    main(*sys.argv[1:])

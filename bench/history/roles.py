"""What the processes do that are killed: write rows and say which are kept, or compact what was written."""

import os
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.history.recorders import LAMBDASCOPE, recorder
from bench.history.rows import RowSource, numbered

MOST_BATCHES = 20
MOST_ROWS = 9
ROWS_OF_A_WRITER = MOST_BATCHES * MOST_ROWS
PATIENCE_S = 10.0
# Today's rows are merged by size, those of days past whenever there are two segments.
DAYS_AGO = (0, 0, 2, 9)
OPEN_EVERY = 3
ROTATE_BYTES = (8 << 10, 32 << 10, 1 << 20)  # many spools, a few, and one that grows while it is looked at
PAUSES_S = (0.0, 0.0, 0.03)  # so that writing lasts about as long as a compaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one process is to do, when it is to die, and in `acks` where it says what is done."""

    role: str
    name: str
    directory: str
    acks: str
    seed: int
    first: int = 0
    is_watched: bool = False
    delay_s: float = 0.0
    dies_at_step: int = 0
    dies_after_s: float = 0.0


def write(part: Part, acks: int) -> None:
    """Write batches of numbered rows; acknowledge a batch once it is kept, and complete some of the rows."""
    draw, source = random.Random(part.seed), RowSource(part.seed)
    if part.name == LAMBDASCOPE:
        from bench.history.hasten import rotate_at

        rotate_at(draw.choice(ROTATE_BYTES))
    time.sleep(part.delay_s)
    kept = recorder(part.name, Path(part.directory))
    number = part.first
    for _ in range(MOST_BATCHES):
        time.sleep(draw.choice(PAUSES_S))
        numbers = range(number, number + draw.randint(1, MOST_ROWS))
        number = numbers.stop
        rows = _rows(source, numbers, draw)
        for row in rows:
            kept.append(row)
        if not kept.flush(PATIENCE_S):
            continue
        os.write(acks, f"kept {numbers.start} {numbers.stop}\n".encode())
        if part.name == LAMBDASCOPE and draw.random() < 0.3:
            _complete(part, rows, acks)
    if not kept.close(PATIENCE_S):
        raise RuntimeError("rows were lost")


def compact(part: Part, acks: int) -> None:
    """Compact and merge everything there is."""
    from bench.history.hasten import disregard_readers
    from lambdascope_analytics.store.compaction import main

    if not part.is_watched:
        disregard_readers()
    if main([part.directory, "--everything"]):
        raise RuntimeError("the compaction failed")


def _rows(source: RowSource, numbers: range, draw: random.Random) -> list[dict[str, Any]]:
    rows = numbered(source, numbers, time.time() - 86400 * draw.choice(DAYS_AGO))
    for row in rows[::OPEN_EVERY]:
        row["cost_usd"], row["cost_source"] = None, "none"
    return rows


def _complete(part: Part, rows: list[dict[str, Any]], acks: int) -> None:
    from lambdascope_analytics.store.amendments import amend

    waiting = rows[::OPEN_EVERY]
    keys = ("call_id", "started_at")
    amend(Path(part.directory), [{key: row[key] for key in keys} | {"cost_source": "logs"} for row in waiting])
    os.write(acks, f"completed {' '.join(str(row['request_bytes']) for row in waiting)}\n".encode())


ROLES = {"write": write, "compact": compact}

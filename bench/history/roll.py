"""Writes the rollups of a history, as its compaction does, and prints what that took as one JSON line.

`python -m bench.history.roll DIRECTORY [SOURCE]`: with SOURCE, of a history made of its segments by hard links.
"""

import json
import os
import shutil
import sys
import time
from pathlib import Path

from lambdascope_analytics.store.compactor import Compactor
from lambdascope_analytics.store.connection import connect
from lambdascope_analytics.store.maintenance import maintenance
from lambdascope_analytics.store.prepare import prepare
from lambdascope_analytics.store.rollups import keep_rollups
from lambdascope_analytics.store.segments import segments


def main(name: str, source: str = "") -> None:
    """Write all there are to write."""
    directory = Path(name).absolute()
    if source:
        shutil.copytree(Path(source) / "segments", directory / "segments", copy_function=os.link)
    prepare(directory)
    began, used = time.perf_counter(), time.process_time()
    with maintenance(directory, wait_s=10.0), connect(directory) as connection:
        compactor = Compactor(directory=directory, connection=connection, uploads=False)
        keep_rollups(compactor)
    took_s, cpu_s = time.perf_counter() - began, time.process_time() - used
    found = [path.stat().st_size for path in directory.glob("rollups/*/date=2*/*.parquet")]
    figures = {"s": took_s, "cpu s": cpu_s, "rollups": len(found), "bytes": sum(found)}
    print(json.dumps({**figures, "segment bytes": sum(segment.size for segment in segments(directory))}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

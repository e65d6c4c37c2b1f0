"""The processes of a stress test: `python actors.py <role> DIRECTORY ...`; each says on stdout what it did.

A writer prints how many rows it has in its spools for certain; a reader checks, and prints, how many it saw of each.
"""

import os
import sys
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import UUID

SQL = """
SELECT pid, count(*), count(DISTINCT billed_ms), min(billed_ms), max(billed_ms), sum(billed_ms), count(cost_usd)
FROM calls GROUP BY pid
"""


def write(directory: Path, writer: str, rows_per_s: str, rotate_bytes: str) -> None:
    """Write numbered rows until stdin ends; print the last number after each flush."""
    import threading

    from lambdascope_analytics.store import spool
    from lambdascope_analytics.store.spool_file import SpoolFile

    spool.SpoolFile = partial(SpoolFile, rotate_bytes=int(rotate_bytes))  # type: ignore[misc, assignment]
    spools = spool.SpoolWriter(directory, capacity=1_000_000)
    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    number = 0
    while not over.is_set():
        for _ in range(max(1, int(rows_per_s) // 20)):
            number += 1
            assert spools.append(numbered(int(writer), number))
        assert spools.flush(30)
        _say(number)
        over.wait(0.05)
    assert spools.close(30), spools.drops


def numbered(writer: int, number: int) -> dict[str, object]:
    """Row `number` of a writer; every third is still to be completed."""
    row: dict[str, object] = {
        "call_id": UUID(int=(writer << 64) + number),
        "started_at": datetime.now(UTC),
        "pid": writer,
        "billed_ms": number,
        "tool_name": "x" * 100,
    }
    return row | ({"request_id": f"{number}", "outcome": "accepted"} if number % 3 == 0 else {"outcome": "ok"})


def read(directory: Path, acknowledged: str) -> None:
    """Ask over and over until stdin ends: all that was acknowledged before a question must be in its answer, once."""
    import threading

    from lambdascope_analytics.history import open_history

    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    questions, longest = 0, 0.0
    while not over.is_set():
        with open_history(directory) as history:
            for _ in range(20):
                known = dict(map(int, line.split()) for line in _lines(Path(acknowledged)))
                before = time.monotonic()
                check(known, [tuple(row.values()) for row in history.query(SQL)])
                questions += 1
                longest = max(longest, time.monotonic() - before)
                _say(f"{questions} questions, the slowest in {longest:.1f} s")
                if over.is_set():
                    break


def check(known: dict[int, int], answer: list[tuple[int, ...]]) -> None:
    """Compare an answer with the last number each writer had acknowledged before.

    Raises:
        AssertionError: rows are missing or doubled.
    """
    found = {row[0]: row[1:] for row in answer}
    for writer, last in known.items():
        count, distinct, first, highest, total, *_ = found[writer]
        assert count == distinct, f"writer {writer}: {count} rows of {distinct} numbers, {last} acknowledged"
        assert (first, highest, total) == (1, count, count * (count + 1) // 2), (
            f"writer {writer}: a gap in {found[writer]}"
        )
        assert count >= last, f"writer {writer}: {count} rows where {last} were acknowledged"


def hold(directory: Path) -> None:
    """Hold the database open for writing, as the duckdb shell does, and ask now and then."""
    import threading

    import duckdb

    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    with duckdb.connect(str(directory / "history.duckdb")) as connection:
        _say("held")
        while not over.wait(0.5):
            try:
                answer = connection.execute(SQL).fetchall()
            except duckdb.IOException:  # a file vanished; the shell's user asks again
                continue
            check({row[0]: 0 for row in answer}, answer)
            _say(len(answer))


def _say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


if __name__ == "__main__":
    if hasattr(os, "nice") and sys.argv[1] == "read":
        os.nice(1)
    {"write": write, "read": read, "hold": hold}[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])

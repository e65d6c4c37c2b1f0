"""The figures an analysis is made of, computed by pandas from the same Parquet and by SQLite from the same rows.

`python -m bench.history.same_figures pandas|sqlite DIRECTORY` prints one JSON line: for each question about the whole
history the time, and what the answer comes to: those who are asked the same must agree. pandas reads with pyarrow.
"""

import json
import resource
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from bench.history.sqlite_file import FILE

COST, LATENCY, ERRORS = "cost by function", "latency by function", "errors"
MOST_RUNS = 3
ENOUGH_S = 20.0
SHARES = (0.5, 0.95, 0.99)
FINE = ("ok", "accepted", "dry_run")

IN_SQLITE = {
    COST: """
        SELECT function_name, count(*), sum(cost_usd), sum(billed_ms), sum(outcome NOT IN ('ok', 'accepted', 'dry_run'))
        FROM calls WHERE target = 'lambda' GROUP BY function_name
    """,
    LATENCY: """
        WITH ranked AS (
            SELECT
                total_ms,
                row_number() OVER (PARTITION BY function_name ORDER BY total_ms) - 1 AS place,
                count(*) OVER (PARTITION BY function_name) - 1 AS last_place,
                function_name
            FROM calls WHERE target = 'lambda' AND total_ms IS NOT NULL
        )
        SELECT function_name, max(last_place) + 1, max(total_ms) FILTER (WHERE place <= 0.95 * last_place)
        FROM ranked GROUP BY function_name
    """,
    ERRORS: """
        SELECT error_fingerprint, count(*), min(started_at), max(started_at)
        FROM calls WHERE target = 'lambda' AND outcome NOT IN ('ok', 'accepted', 'dry_run') GROUP BY error_fingerprint
    """,
}


def in_sqlite(directory: Path, question: str) -> list[float]:
    """Ask SQLite; return what the answer comes to."""
    connection = sqlite3.connect(directory / FILE)
    connection.execute("PRAGMA threads = 2")
    rows = connection.execute(IN_SQLITE[question]).fetchall()
    connection.close()
    total = sum(row[1] for row in rows)
    return [total, round(sum(row[2] for row in rows) / 1e12, 6)] if question == COST else [total]


def in_pandas(directory: Path, question: str) -> list[float]:
    """Ask pandas; return what the answer comes to."""
    return {COST: _cost, LATENCY: _latency, ERRORS: _errors}[question](directory)


def _frame(directory: Path, *columns: str) -> Any:
    pd: Any = import_module("pandas")  # which comes without types
    files = sorted(directory.glob("segments/date=2*/*.parquet"))
    parts = [pd.read_parquet(file, columns=["target", *columns], dtype_backend="pyarrow") for file in files]
    frame = pd.concat(parts, ignore_index=True)
    return frame[frame["target"] == "lambda"]


def _cost(directory: Path) -> list[float]:
    frame = _frame(directory, "function_name", "cost_usd", "billed_ms", "outcome")
    frame["failed"] = ~frame["outcome"].isin(FINE)
    found = frame.groupby("function_name").agg(
        calls=("target", "size"), cost_usd=("cost_usd", "sum"), billed_ms=("billed_ms", "sum"), failed=("failed", "sum")
    )
    return [int(found["calls"].sum()), round(float(sum(found["cost_usd"])), 6)]


def _latency(directory: Path) -> list[float]:
    frame = _frame(directory, "function_name", "total_ms").dropna(subset=["total_ms"])
    timed = frame.groupby("function_name")["total_ms"]
    timed.quantile(list(SHARES))
    return [int(timed.size().sum())]


def _errors(directory: Path) -> list[float]:
    frame = _frame(directory, "outcome", "error_fingerprint", "started_at")
    failed = frame[~frame["outcome"].isin(FINE)]
    found = failed.groupby("error_fingerprint").agg(
        calls=("target", "size"), first=("started_at", "min"), last=("started_at", "max")
    )
    return [int(found["calls"].sum())]


def timed(ask: Callable[[], list[float]]) -> dict[str, Any]:
    """Ask a few times; return the times and what the answer comes to, or why there is none."""
    took_s: list[float] = []
    cpu_s: list[float] = []
    digest: list[float] = []
    while len(took_s) < MOST_RUNS and sum(took_s) < ENOUGH_S:
        began, used = time.perf_counter(), time.process_time()
        try:
            digest = ask()
        except Exception as error:  # the others are asked all the same
            return {"error": f"{type(error).__name__}: {error}".splitlines()[0]}
        took_s.append(time.perf_counter() - began)
        cpu_s.append(time.process_time() - used)
    return {"s": statistics.median(took_s), "cpu s": statistics.median(cpu_s), "digest": digest}


def main(kind: str, directory: str) -> None:
    """Ask everything."""
    ask = {"pandas": in_pandas, "sqlite": in_sqlite}[kind]
    answers = {question: timed(partial(ask, Path(directory), question)) for question in (COST, LATENCY, ERRORS)}
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"peak_mb": peak_mb, "answers": answers}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

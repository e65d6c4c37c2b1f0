"""Asks the questions that are timed, in a process of its own with bounded memory and two threads.

`python -m bench.history.questions KIND DIRECTORY MEMORY_MB` prints one JSON line; KIND is `history`, `duckdb` or
`sqlite`. What a question's answer comes to is printed too: those who are asked the same must agree.
"""

import json
import resource
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.history import sqlite_file

THREADS = 2
MOST_RUNS = 5
ENOUGH_S = 10.0  # a slow answer is not asked for again
LAST_DAY = datetime(2026, 10, 30, tzinfo=UTC)
DAY_US = 86_400_000_000
COST, PERCENTILES, LAST_24_H, TRACE = (
    "cost by day by function",
    "p50/p95/p99 by function",
    "last 24 hours by function",
    "one trace",
)
FIND_TRACE = "SELECT trace_id FROM calls WHERE started_at >= {since} ORDER BY started_at LIMIT 1"

IN_DUCKDB = {
    COST: """
        SELECT CAST(started_at AT TIME ZONE 'UTC' AS DATE) AS day, function_name, count(*) AS calls, sum(cost_usd)
        FROM calls WHERE target = 'lambda' GROUP BY ALL
    """,
    PERCENTILES: """
        SELECT function_name, unnest(percentiles) AS total_ms
        FROM (SELECT function_name, quantile_cont(total_ms, [0.5, 0.95, 0.99]) AS percentiles FROM calls GROUP BY ALL)
    """,
    LAST_24_H: """
        SELECT NULL AS day, function_name, count(*) AS calls, sum(cost_usd)
        FROM calls WHERE started_at >= TIMESTAMPTZ '2026-10-30 00:00:00+00' GROUP BY ALL
    """,
    TRACE: "SELECT * FROM calls WHERE trace_id = $trace",
}
IN_SQLITE = {
    COST: f"""
        SELECT started_at / {DAY_US} AS day, function_name, count(*) AS calls, sum(cost_usd) / 1e12
        FROM calls WHERE target = 'lambda' GROUP BY 1, 2
    """,
    PERCENTILES: """
        WITH wanted (share) AS (VALUES (0.5), (0.95), (0.99)),
        ranked AS (
            SELECT
                function_name,
                total_ms,
                row_number() OVER (PARTITION BY function_name ORDER BY total_ms) - 1 AS place,
                count(*) OVER (PARTITION BY function_name) - 1 AS last_place
            FROM calls WHERE total_ms IS NOT NULL
        )
        SELECT
            function_name,
            min(total_ms) + (max(total_ms) - min(total_ms))
            * (share * last_place - CAST(share * last_place AS INTEGER))
        FROM ranked JOIN wanted
        ON place IN (CAST(share * last_place AS INTEGER), CAST(share * last_place AS INTEGER) + 1)
        GROUP BY function_name, share
    """,
    LAST_24_H: f"""
        SELECT NULL AS day, function_name, count(*) AS calls, sum(cost_usd) / 1e12
        FROM calls WHERE started_at >= {int(LAST_DAY.timestamp() * 1e6)} GROUP BY function_name
    """,
    TRACE: "SELECT * FROM calls WHERE trace_id = :trace",
}

Rows = Sequence[Sequence[Any]]
Ask = Callable[[str, Mapping[str, object]], Rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answerer:
    """Who is asked: how, and in which words."""

    ask: Ask
    close: Callable[[], None]
    words: Mapping[str, str]
    since: str


def of_history(directory: Path, memory_mb: int) -> Answerer:
    """Return lambdascope's history, as `open_history` gives it."""
    from lambdascope_analytics.history import open_history

    history = open_history(directory)
    for setting in (f"SET memory_limit = '{memory_mb}MB'", f"SET threads = {THREADS}"):
        history.query(setting)
    return Answerer(
        ask=lambda sql, parameters: [tuple(row.values()) for row in history.query(sql, _used(sql, parameters))],
        close=history.close,
        words=IN_DUCKDB,
        since=f"TIMESTAMPTZ '{LAST_DAY.isoformat()}'",
    )


def of_duckdb(directory: Path, memory_mb: int) -> Answerer:
    """Return a DuckDB file with a table."""
    from bench.history import duckdb_file

    connection = duckdb_file.connect(directory / duckdb_file.FILE, read_only=True)
    connection.execute(f"SET memory_limit = '{memory_mb}MB'")
    connection.execute(f"SET threads = {THREADS}")
    return Answerer(
        ask=lambda sql, parameters: connection.execute(sql, _used(sql, parameters)).fetchall(),
        close=connection.close,
        words=IN_DUCKDB,
        since=f"TIMESTAMPTZ '{LAST_DAY.isoformat()}'",
    )


def of_sqlite(directory: Path, memory_mb: int) -> Answerer:
    """Return a SQLite file with indexes."""
    connection = sqlite3.connect(directory / sqlite_file.FILE)
    connection.execute(f"PRAGMA cache_size = -{memory_mb * 1000 // 2}")
    connection.execute(f"PRAGMA threads = {THREADS}")
    return Answerer(
        ask=lambda sql, parameters: connection.execute(sql, dict(parameters)).fetchall(),
        close=connection.close,
        words=IN_SQLITE,
        since=str(int(LAST_DAY.timestamp() * 1e6)),
    )


ANSWERERS: dict[str, Callable[[Path, int], Answerer]] = {
    "history": of_history,
    "duckdb": of_duckdb,
    "sqlite": of_sqlite,
}


def digest(question: str, rows: Rows) -> list[float]:
    """Return what an answer comes to: how many rows, and the sums of what they say."""
    if question == TRACE:
        return [len(rows)]
    if question == PERCENTILES:
        return [len(rows), round(sum(row[1] for row in rows), 2)]
    return [len(rows), sum(row[2] for row in rows), round(sum(float(row[3]) for row in rows), 6)]


def main(kind: str, directory: str, memory_mb: str) -> None:
    """Ask every question a few times."""
    began = time.perf_counter()
    answerer = ANSWERERS[kind](Path(directory), int(memory_mb))
    opened_s = time.perf_counter() - began
    answers = answers_of(answerer)
    answerer.close()
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"opened_s": opened_s, "peak_mb": peak_mb, "answers": answers}), flush=True)


def answers_of(answerer: Answerer) -> dict[str, dict[str, Any]]:
    """Ask every question; return the times and the digest of each answer, or why there is none."""
    ((trace,),) = answerer.ask(FIND_TRACE.format(since=answerer.since), {})
    return {question: _timed(answerer, question, trace) for question in answerer.words}


def _timed(answerer: Answerer, question: str, trace: str) -> dict[str, Any]:
    took_s: list[float] = []
    rows: Rows = []
    while len(took_s) < MOST_RUNS and sum(took_s) < ENOUGH_S:
        began = time.perf_counter()
        try:
            rows = answerer.ask(answerer.words[question], {"trace": trace})
        except Exception as error:  # too little memory, most likely: the answer is missing, the others are not
            return {"error": f"{type(error).__name__}: {error}".splitlines()[0]}
        took_s.append(time.perf_counter() - began)
    return {"first_s": took_s[0], "median_s": statistics.median(took_s), "digest": digest(question, rows)}


def _used(sql: str, parameters: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in parameters.items() if f"${name}" in sql}


if __name__ == "__main__":
    main(*sys.argv[1:])

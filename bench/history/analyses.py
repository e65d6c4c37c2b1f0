"""Asks every analysis of a history, in a process of its own, as bounded in memory and threads as the proxy's child is.

`python -m bench.history.analyses DIRECTORY DAYS MEMORY_MB [DAILY]` prints one JSON line: the times, or the error, of
each question about the last DAYS days and about the last 24 hours; with DAILY those by day and function beside them.
"""

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from lambdascope_analytics.analyses.grouping import GROUPS
from lambdascope_analytics.analyses.named import analyse
from lambdascope_analytics.history import History, open_history

THREADS = 2
MOST_RUNS = 5
ENOUGH_S = 10.0  # a slow answer is not asked for again
END = datetime(2026, 10, 31, tzinfo=UTC)
FUNCTION = "team-prod-function-7"

Question = tuple[str, Mapping[str, Any]]


def questions(days: int) -> dict[str, Question]:
    """Return what is asked about so many days up to the end."""
    span = {"start": END - timedelta(days=days), "end": END}
    later_half = {"start": END - timedelta(days=days) / 2, "end": END}
    return {
        **{f"cost by {group}": ("cost", {**span, "group_by": group}) for group in GROUPS},
        **{
            f"latency by {group}": ("latency", {**span, "group_by": group}) for group in ("function", "hour", "session")
        },
        "errors": ("errors", span),
        "errors by function": ("errors", {**span, "group_by": "function"}),
        "changes by function": ("changes", later_half),
        "sizing of one function": ("sizing", {**span, "function_name": FUNCTION}),
        **({"forecast of the month": ("forecast", {})} if days > 1 else {}),
    }


def daily(days: int) -> dict[str, Question]:
    """Return what rollups tell."""
    span = {"start": END - timedelta(days=days), "end": END}
    return {
        "daily cost by function": ("daily", {**span, "figure": "cost"}),
        "daily latency by function": ("daily", {**span, "figure": "latency"}),
    }


def timed(ask: Callable[[], Any]) -> dict[str, Any]:
    """Ask a few times; return the times and how many calls the answer rests on, or why there is none."""
    took_s: list[float] = []
    cpu_s: list[float] = []
    answer: Any = None
    while len(took_s) < MOST_RUNS and sum(took_s) < ENOUGH_S:
        began, used = time.perf_counter(), time.process_time()
        try:
            answer = ask()
        except Exception as error:  # too little memory, most likely: the answer is missing, the others are not
            return {"error": f"{type(error).__name__}: {error}".splitlines()[0]}
        took_s.append(time.perf_counter() - began)
        cpu_s.append(time.process_time() - used)
    method = getattr(answer, "method", "")
    return {"s": statistics.median(took_s), "cpu s": statistics.median(cpu_s), "calls": answer.calls, "method": method}


def answers_of(history: History, asked: Mapping[str, Question]) -> dict[str, dict[str, Any]]:
    """Ask each question."""
    return {
        name: timed(partial(analyse, history, analysis, parameters, now=END))
        for name, (analysis, parameters) in asked.items()
    }


def main(directory: str, days: str, memory_mb: str, with_daily: str = "") -> None:
    """Ask everything."""
    with open_history(Path(directory)) as history:
        for setting in (f"SET memory_limit = '{memory_mb}MB'", f"SET threads = {THREADS}"):
            history.query_once(setting)
        found = {
            "whole": answers_of(history, questions(int(days))),
            "last 24 hours": answers_of(history, questions(1)),
            "daily": answers_of(history, daily(int(days))) if with_daily else {},
        }
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"peak_mb": peak_mb, "answers": found}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

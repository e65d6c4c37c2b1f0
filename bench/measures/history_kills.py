"""Rounds of kill -9 at random moments: whether a row said to be kept is there afterwards, once."""

import asyncio
import shutil
import sys
from typing import Any

from bench.errors import SUBJECT_FAILURES
from bench.figures import Row, Section, Target
from bench.history.recorders import DUCKDB, JSON_LINES, LAMBDASCOPE, SQLITE
from bench.history.stage import HistoryStage
from bench.history.versions import DuckdbVersion
from bench.rounds import reason

AT_ONCE = 2
DEMANDED = 1000
OLDER_SHARE, ALTERNATIVE_SHARE = 5, 20
ROUND_S = 8.0
COUNTED = ("rounds", "acknowledged", "lost", "doubled", "wrong", "unreadable")
FAULTS = tuple(Target(column=column, bound=0, at_most=True) for column in COUNTED[2:])
ROUNDS = Target(column="rounds", bound=DEMANDED, at_most=False)


async def measure(stage: HistoryStage) -> list[Section]:
    """Measure lambdascope with every round, the older DuckDB with a fifth of them, alternatives with a twentieth."""
    newest, *older = stage.versions
    rows = [await _row(stage, LAMBDASCOPE, newest, stage.kills, (ROUNDS, *FAULTS))]
    rows += [await _row(stage, LAMBDASCOPE, version, stage.kills // OLDER_SHARE, FAULTS) for version in older]
    few = stage.kills // ALTERNATIVE_SHARE
    rows += [await _row(stage, DUCKDB, version, few, ()) for version in stage.versions]
    rows += [await _row(stage, name, newest, few, ()) for name in (SQLITE, JSON_LINES)]
    return [
        Section(
            title="kill -9 at random moments of writing, rotating, compacting and merging",
            rows=tuple(rows),
            remarks=(
                "wrong: made up, mixed up, or a completion gone; unreadable: the open or the question fails",
                "a process is killed, not the machine: what a power cut takes is another question",
            ),
        )
    ]


async def _row(stage: HistoryStage, name: str, version: DuckdbVersion, rounds: int, targets: tuple[Target, ...]) -> Row:
    label = f"{name}, DuckDB {version.number}" if name in {LAMBDASCOPE, DUCKDB} else name
    print(f"history, kills: {rounds} rounds of {label}", file=sys.stderr)
    try:
        version.require()
        shares = [rounds // AT_ONCE, rounds - rounds // AT_ONCE]
        done = await asyncio.gather(
            *(_rounds(stage, name, version, share, seed) for seed, share in enumerate(shares) if share)
        )
    except SUBJECT_FAILURES as error:
        return Row(subject=label, figures={}, also=targets, remark=reason(error))
    figures = {column: float(sum(summary[column] for summary in done)) for column in COUNTED}
    for fate in ("killed", "ended"):
        figures[f"processes {fate}"] = float(sum(sum(summary[fate].values()) for summary in done))
    figures["s/round"] = max(summary["wall_s"] for summary in done) / max(1.0, figures["rounds"])
    problems = [problem for summary in done for problem in summary["problems"]]
    return Row(subject=label, figures=figures, also=targets, remark="; ".join(problems[:3]))


async def _rounds(stage: HistoryStage, name: str, version: DuckdbVersion, rounds: int, seed: int) -> dict[str, Any]:
    directory = stage.directory()
    patience_s = 120 + rounds * ROUND_S
    summary = await stage.ask(
        "kill_rounds", name, directory, rounds, seed, patience_s=patience_s, environment=version.environment
    )
    if summary["is_clean"]:
        shutil.rmtree(directory)
        return summary
    kept = stage.cache / f"broken-{directory.name}"
    shutil.rmtree(kept, ignore_errors=True)
    directory.rename(kept)
    summary["problems"].append(f"kept in .bench/{kept.name}")
    return summary

"""Questions to 10 M rows in bounded memory on two threads, and with --huge to 100 M, beside other formats."""

import json
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.errors import SUBJECT_FAILURES, NotRunningError
from bench.figures import Row, Section, Target
from bench.history.questions import COST, LAST_24_H, PERCENTILES, TRACE
from bench.history.stage import HistoryStage
from bench.history.versions import DuckdbVersion
from bench.rounds import reason

ROWS = 10_000_000
TIMES = 10
MEMORY_MB, HUGE_MEMORY_MB = 1000, 2000
BOUNDS_S = {COST: 1.0, PERCENTILES: 2.0, LAST_24_H: 0.1}
HUGE_BOUND_S = 15.0
HUGE_BYTES = 20 << 30  # what it takes, and some room to breathe
ASK_S, MAKE_S, MAKE_HUGE_S = 900.0, 1800.0, 3600.0
QUESTIONS = (COST, PERCENTILES, LAST_24_H, TRACE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who is asked, with which DuckDB, and what the answers were; or why there are none."""

    label: str
    answers: Mapping[str, Any]
    peak_mb: float = 0.0
    has_targets: bool = False
    absent: str = ""


async def measure(stage: HistoryStage) -> list[Section]:
    """Measure lambdascope's history and the same rows in a DuckDB file and a SQLite file."""
    rows = stage.scaled(ROWS)
    history = await made(stage, "history", rows)
    asked = [await _asked(stage, "history", history, version, MEMORY_MB) for version in stage.versions]
    for kind, label in (("duckdb", "a native DuckDB file"), ("sqlite", "SQLite with indexes")):
        asked.append(await _alternative(stage, kind, label, history, rows))
    title = f"Questions to {rows:,} rows in {MEMORY_MB} MB on two threads"
    sections = [_section(f"{title}: {question}", question, asked, BOUNDS_S.get(question)) for question in QUESTIONS]
    return sections + (await _huge(stage, history, rows) if stage.huge else [])


async def made(stage: HistoryStage, kind: str, rows: int, source: Path | None = None) -> Path:
    """Return the directory of a data set, made where there is none of the same recipe in the cache."""
    from bench.history.dataset import recipe  # duckdb, which only this needs

    directory = stage.cache / f"{kind}-{rows}"
    mark = directory / "made.json"
    if not (mark.exists() and json.loads(mark.read_text()) == {"recipe": recipe()}):
        print(f"history, queries: making {directory.name}, once", file=sys.stderr)
        shutil.rmtree(directory, ignore_errors=True)
        arguments = (kind, directory, rows, *([source] if source else []))
        await stage.ask("dataset", *arguments, patience_s=MAKE_S)
        mark.write_text(json.dumps({"recipe": recipe()}))
    return directory


async def _alternative(stage: HistoryStage, kind: str, label: str, history: Path, rows: int) -> Asked:
    try:
        directory = await made(stage, kind, rows, history)
    except SUBJECT_FAILURES as error:
        return Asked(label=label, answers={}, absent=reason(error))
    return await _asked(stage, kind, directory, stage.versions[0], MEMORY_MB, label)


async def _asked(
    stage: HistoryStage, kind: str, directory: Path, version: DuckdbVersion, memory_mb: int, label: str = ""
) -> Asked:
    own = not label
    label = label or f"lambdascope, DuckDB {version.number}"
    try:
        version.require()
        arguments = (kind, directory, memory_mb)
        said = await stage.ask("questions", *arguments, patience_s=ASK_S, environment=version.environment)
    except SUBJECT_FAILURES as error:
        return Asked(label=label, answers={}, absent=reason(error), has_targets=own)
    # Targets are of the newest version; the older one stands beside it.
    has_targets = own and version is stage.versions[0]
    return Asked(label=label, answers=said["answers"], peak_mb=said["peak_mb"], has_targets=has_targets)


def _section(title: str, question: str, asked: list[Asked], bound_s: float | None) -> Section:
    digests = [one.answers[question].get("digest") for one in asked if question in one.answers]
    right = next((digest for digest in digests if digest is not None), None)
    return Section(title=title, rows=tuple(_row(one, question, right, bound_s) for one in asked))


def _row(one: Asked, question: str, right: object, bound_s: float | None) -> Row:
    target = Target(column="s", bound=bound_s, at_most=True) if bound_s and one.has_targets else None
    answer = one.answers.get(question, {"error": one.absent})
    if "error" in answer:
        return Row(subject=one.label, figures={}, target=target, remark=answer["error"])
    figures = {"s": answer["median_s"], "first s": answer["first_s"], "peak MB": one.peak_mb}
    remark = "" if answer["digest"] == right else f"answers {answer['digest']}, not {right}"
    return Row(subject=one.label, figures=figures, target=target, remark=remark)


async def _huge(stage: HistoryStage, history: Path, rows: int) -> list[Section]:
    title = f"Questions to {rows * TIMES:,} rows in {HUGE_MEMORY_MB} MB on two threads"
    directory = stage.directory()
    try:
        free = shutil.disk_usage(stage.folder).free
        if free < HUGE_BYTES * stage.scale:
            raise NotRunningError(
                f"{free >> 30} GB of disk are free, {HUGE_BYTES * stage.scale / 2**30:.0f} are needed"
            )
        print("history, queries: making the huge history", file=sys.stderr)
        await stage.ask("dataset", "huge", directory, rows, history, patience_s=MAKE_HUGE_S)
        asked = [await _asked(stage, "history", directory, version, HUGE_MEMORY_MB) for version in stage.versions]
    except SUBJECT_FAILURES as error:
        return [Section(title=title, rows=(Row(subject="lambdascope", figures={}, remark=reason(error)),))]
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return [_section(f"{title}: {question}", question, asked, HUGE_BOUND_S) for question in QUESTIONS]

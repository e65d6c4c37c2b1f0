"""The analyses of 10 M rows, whole and of the last 24 hours, beside pandas and SQLite; with --huge those of 100 M."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.child import ROOT
from bench.errors import SUBJECT_FAILURES, NotRunningError
from bench.figures import Row, Section, Target
from bench.history.dataset import DAYS, TIMES
from bench.history.stage import HistoryStage
from bench.measures.history_queries import HUGE_BYTES, MAKE_HUGE_S, ROWS, made
from bench.rounds import reason

MEMORY_MB = 1000
BOUNDS_S = {"whole": 1.5, "last 24 hours": 0.15, "daily": 0.5}
HUGE_BOUNDS_S = {"whole": 15.0, "daily": 0.5}
ASK_S, ROLL_S = 1800.0, 1800.0
PYARROW = "pyarrow==22.0.0"


async def measure(stage: HistoryStage) -> list[Section]:
    """Measure every analysis, and what others take for the figures in them."""
    rows = stage.scaled(ROWS)
    source = await made(stage, "history", rows)
    history = stage.directory()
    rolled = await stage.ask("roll", history, source, patience_s=ROLL_S)
    said = await _asked(stage, history, DAYS)
    sections = [_section(f"{part}, {rows:,} rows", said, part, bound) for part, bound in BOUNDS_S.items()]
    sections += [_rolling(rolled, rows), await _same_figures(stage, source, rows, said)]
    return sections + (await _huge(stage, source, rows) if stage.huge else [])


async def _asked(stage: HistoryStage, history: Path, days: int) -> dict[str, Any]:
    return await stage.ask("analyses", history, days, MEMORY_MB, "daily", patience_s=ASK_S)


def _section(title: str, said: Mapping[str, Any], part: str, bound_s: float) -> Section:
    answers: dict[str, dict[str, Any]] = said["answers"][part]
    target = Target(column="s", bound=bound_s, at_most=True)
    rows = tuple(_row(name, answer, target) for name, answer in answers.items())
    peak = f"peak {said['peak_mb']:.0f} MB with memory_limit {MEMORY_MB} MB, two threads"
    return Section(title=f"Analyses: {title}", rows=rows, remarks=(peak,))


def _row(name: str, answer: Mapping[str, Any], target: Target | None) -> Row:
    if "error" in answer:
        return Row(subject=name, figures={}, target=target, remark=answer["error"])
    return Row(subject=name, figures={"s": answer["s"], "cpu s": answer["cpu s"]}, target=target)


def _rolling(rolled: Mapping[str, float], rows: int) -> Section:
    figures = {
        "s": rolled["s"],
        "cpu s": rolled["cpu s"],
        "files": rolled["rollups"],
        "MB": rolled["bytes"] / 1e6,
        "% of segments": 100 * rolled["bytes"] / rolled["segment bytes"],
    }
    return Section(title=f"Rollups of {rows:,} rows", rows=(Row(subject="written", figures=figures),))


async def _same_figures(stage: HistoryStage, source: Path, rows: int, said: Mapping[str, Any]) -> Section:
    own: dict[str, dict[str, Any]] = said["answers"]["whole"]
    found = [
        await _others(stage, "pandas", source, {"PYTHONPATH": _pyarrow(stage)}),
        await _others(stage, "sqlite", source, {}, rows),
    ]
    lines: list[Row] = []
    for question in found[0][1] or found[1][1]:
        answers = {kind: answered.get(question, {"error": error}) for kind, answered, error in found}
        right = next((answer["digest"] for answer in reversed(answers.values()) if "digest" in answer), None)
        lines.append(_row(f"{question}: lambdascope, with all else it says", own[question], None))
        lines += [_compared(question, kind, answer, own[question], right) for kind, answer in answers.items()]
    return Section(title=f"The same figures of {rows:,} rows", rows=tuple(lines))


def _compared(question: str, kind: str, answer: Mapping[str, Any], own: Mapping[str, Any], right: object) -> Row:
    subject = f"{question}: {kind}"
    if "error" in answer:
        return Row(subject=subject, figures={}, remark=answer["error"])
    times = {"times ours": answer["s"] / own["s"]} if "s" in own else {}
    remark = "" if answer["digest"] == right else f"comes to {answer['digest']}, not {right}"
    return Row(subject=subject, figures={"s": answer["s"], "cpu s": answer["cpu s"], **times}, remark=remark)


async def _others(
    stage: HistoryStage, kind: str, source: Path, environment: Mapping[str, str], rows: int = 0
) -> tuple[str, dict[str, dict[str, Any]], str]:
    try:
        directory = await made(stage, "sqlite", rows, source) if kind == "sqlite" else source
        said = await stage.ask("same_figures", kind, directory, patience_s=ASK_S, environment=environment)
    except SUBJECT_FAILURES as error:
        return kind, {}, reason(error)
    return kind, said["answers"], ""


def _pyarrow(stage: HistoryStage) -> str:
    """Where pandas finds what it reads Parquet with; installed on first use, as nothing of ours needs it."""
    place = stage.cache / PYARROW.replace("==", "-")
    if not (place / "pyarrow").exists():
        command = ["uv", "pip", "install", "--no-deps", "--target", str(place), "--python", sys.executable, PYARROW]
        subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, timeout=300, check=False)
    return str(place)


async def _huge(stage: HistoryStage, source: Path, rows: int) -> list[Section]:
    title = f"{rows * TIMES:,} rows"
    directory = stage.directory()
    try:
        needed = HUGE_BYTES * stage.scale
        if (free := shutil.disk_usage(stage.folder).free) < needed:
            raise NotRunningError(f"{free >> 30} GB of disk are free, {needed / 2**30:.0f} are needed")
        print("analysis: making the huge history", file=sys.stderr)
        await stage.ask("dataset", "huge", directory, rows, source, patience_s=MAKE_HUGE_S)
        rolled = await stage.ask("roll", directory, patience_s=ROLL_S)
        said = await _asked(stage, directory, DAYS * TIMES)
    except SUBJECT_FAILURES as error:
        return [Section(title=title, rows=(Row(subject="lambdascope", figures={}, remark=reason(error)),))]
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    sections = [_section(f"{part}, {title}", said, part, bound) for part, bound in HUGE_BOUNDS_S.items()]
    return [*sections, _rolling(rolled, rows * TIMES)]

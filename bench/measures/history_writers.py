"""Four processes that write 20,000 rows a second while one reads: what is reached, what is lost, and who waits."""

import asyncio
import shutil
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.errors import SUBJECT_FAILURES
from bench.figures import Row, Section, Target
from bench.history.recorders import DUCKDB, JSON_LINES, LAMBDASCOPE, SQLITE
from bench.history.stage import HistoryStage, last_words, next_words
from bench.history.versions import DuckdbVersion
from bench.rounds import reason

WRITERS = 4
DEMANDED = 20_000
RATE = DEMANDED * 1.02 / WRITERS  # of each; a little more than is demanded, for the moments before and after
SECONDS = 20.0
PATIENCE_S = 120.0
TARGETS = (
    Target(column="rows/s", bound=DEMANDED, at_most=False),
    Target(column="lost", bound=0, at_most=True),
    Target(column="missing", bound=0, at_most=True),
    Target(column="doubled", bound=0, at_most=True),
    Target(column="B/row", bound=140, at_most=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """A way of keeping rows under a DuckDB version, where that matters."""

    name: str
    version: DuckdbVersion
    label: str


async def measure(stage: HistoryStage) -> list[Section]:
    """Measure lambdascope with a compactor beside it, and the alternatives."""
    rows: list[Row] = []
    for contestant in _contestants(stage):
        directory = stage.directory()
        try:
            contestant.version.require()
            rows.append(await _measured(stage, contestant, directory))
        except SUBJECT_FAILURES as error:
            rows.append(Row(subject=contestant.label, figures={}, also=_targets(contestant), remark=reason(error)))
        finally:
            shutil.rmtree(directory, ignore_errors=True)
    seconds = SECONDS * stage.scale
    return [
        Section(
            title=f"{WRITERS} processes, {RATE * WRITERS:,.0f} rows/s offered for {seconds:g} s, one reader",
            rows=tuple(rows),
            remarks=(
                "lost: no room to wait in, or never kept; missing: said to be kept, and not there; wait: until kept",
                "backlog: spools not yet compacted when the writing ends, and how long until all are",
                "reader: worst answer, how far behind the newest row; refused: locked out for a second, or failed",
            ),
        )
    ]


def _contestants(stage: HistoryStage) -> list[Contestant]:
    by_version = [
        Contestant(name=name, version=version, label=f"{name}, DuckDB {version.number}")
        for name in (LAMBDASCOPE, DUCKDB)
        for version in stage.versions
    ]
    return [
        *by_version,
        *(Contestant(name=name, version=stage.versions[0], label=name) for name in (SQLITE, JSON_LINES)),
    ]


async def _measured(stage: HistoryStage, contestant: Contestant, directory: Path) -> Row:
    name, environment = contestant.name, contestant.version.environment
    async with AsyncExitStack() as stack:
        arguments = (name, directory, RATE, SECONDS * stage.scale)
        loads = [
            await stack.enter_async_context(stage.child("load", *arguments, seed, environment=environment))
            for seed in range(WRITERS)
        ]
        watch = await stack.enter_async_context(stage.child("watch", name, directory, environment=environment))
        own = name == LAMBDASCOPE
        compactors = [
            await stack.enter_async_context(stage.child("compact", directory, environment=environment))
            for _ in range(int(own))
        ]
        await asyncio.gather(*(child.first_line() for child in (*loads, watch, *compactors)))
        for child in (*loads, watch):
            child.stdin.write(b"go\n")
        written = await asyncio.gather(*(next_words(child, PATIENCE_S) for child in loads))
        seen = await last_words(watch, PATIENCE_S)
        compacted = [await last_words(child, PATIENCE_S) for child in compactors]
    held = await stage.ask("tally", name, directory, patience_s=PATIENCE_S, environment=environment)
    figures = _written_figures(written, held) | _seen_figures(seen) | _compacted_figures(compacted, held)
    remarks = [
        f"{done['failures']} of {done['runs']} compactions failed: {done['error']}"
        for done in compacted
        if done["failures"]
    ]
    return Row(subject=contestant.label, figures=figures, also=_targets(contestant), remark="; ".join(remarks))


def _targets(contestant: Contestant) -> tuple[Target, ...]:
    return TARGETS if contestant.name == LAMBDASCOPE else ()


def _written_figures(written: list[dict[str, Any]], held: dict[str, Any]) -> dict[str, float]:
    kept = sum(done["kept"] for done in written)
    return {
        "rows/s": kept / max(done["wall_s"] for done in written),
        "lost": float(sum(done["lost"] for done in written)),
        "missing": float(max(0, kept - held["distinct"])),
        "doubled": float(held["rows"] - held["distinct"]),
        "wait p99 ms": max(done["wait_p99_s"] for done in written) * 1000,
        "CPU us/row": sum(done["cpu_s"] for done in written) / max(kept, 1) * 1e6,
    }


def _seen_figures(seen: dict[str, Any]) -> dict[str, float]:
    return {
        "reader ms": seen["worst_s"] * 1000,
        "behind s": seen["behind_s"],
        "refused": float(seen["refused"] + seen["failed"]),
        "asked": float(seen["asked"]),
    }


def _compacted_figures(compacted: list[dict[str, Any]], held: dict[str, Any]) -> dict[str, float]:
    if any(done["left_bytes"] for done in compacted):
        return {}
    figures = {"B/row": held["bytes"] / max(held["rows"], 1)}
    for done in compacted:
        figures |= {
            "compactor CPU us/row": done["cpu_s"] / max(held["rows"], 1) * 1e6,
            "backlog MB": done["backlog_bytes"] / 1e6,
            "caught up s": done["caught_up_s"],
        }
    return figures

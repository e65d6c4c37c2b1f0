"""What telemetry costs: CPU per call that exporting adds to the server, and what its parts add while it is off."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncGenerator
from dataclasses import replace
from functools import partial

from bench.child import PATIENCE_S, Child, running
from bench.contestants import Contestant
from bench.errors import NotRunningError
from bench.figures import Row, Section, Target
from bench.history.quantiles import quantile
from bench.load import Session
from bench.process_cost import cpu_seconds
from bench.rounds import Rounds, interleave
from bench.stage import Stage

FUNCTION = "bench-0ms"
CALLS, CALLERS = 160, 4
SLICES = 5  # short rounds, and many: what telemetry adds is a fraction of what a busy machine varies by
OFF = "telemetry off"
FLOOR = "two spans of the SDK, alone"
ONLY_TRACES = {"OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none"}
SUBJECTS = {
    "traces, sampled out": {**ONLY_TRACES, "OTEL_TRACES_SAMPLER": "always_off"},
    "traces": ONLY_TRACES,
    "metrics": {"OTEL_TRACES_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none"},
    "traces, metrics and logs": {},
    "the same, metrics every second": {"OTEL_METRIC_EXPORT_INTERVAL": "1000"},
}
SILENT = ("traces, sampled out", "metrics")
ADDED = "adds ms"
COLUMN = "CPU ms"
# A quarter of the rounds is below it: others on the machine can only add to a figure, and by more than telemetry does.
CALM = "calm CPU ms"
ON = Target(column=ADDED, bound=0.6, at_most=True)
IN_PATH = "adds us"
OFF_PATH = Target(column=IN_PATH, bound=50, at_most=True)


async def measure(stage: Stage) -> list[Section]:
    """Measure each signal against a sink that takes everything; the floor is what the SDK costs without lambdascope."""
    async with _two_spans(stage) as floor, stage.sessions(contestants(stage)) as opened:
        runs = {FLOOR: partial(_make_pairs, floor)} | {
            name: partial(_run, stage, contestant, session) for name, (contestant, session) in opened.sessions.items()
        }
        rounds = await interleave("telemetry", stage.rounds * SLICES, runs)
    rounds.failures.update(opened.absent)
    return [section(rounds), await _call_path(stage)]


def contestants(stage: Stage) -> list[Contestant]:
    """Return the server with telemetry off, and with each choice of signals."""
    lineup = stage.lineup
    exporting = [_exporting(lineup.lambdascope(name), environment) for name, environment in SUBJECTS.items()]
    return [lineup.lambdascope(OFF, telemetry=False), *exporting]


def _exporting(contestant: Contestant, environment: dict[str, str]) -> Contestant:
    traces_path = None if contestant.name in SILENT else contestant.traces_path
    return replace(contestant, environment={**contestant.environment, **environment}, traces_path=traces_path)


async def _run(stage: Stage, contestant: Contestant, session: Session) -> dict[str, float]:
    before = cpu_seconds(session.child.pid)
    took = await stage.load(contestant, session, FUNCTION, calls=CALLS, callers=CALLERS)
    await stage.settle(contestant)
    spent = cpu_seconds(session.child.pid) - before
    return {COLUMN: spent / CALLS * 1000, "p50 ms": took["p50_s"] * 1000}


@contextlib.asynccontextmanager
async def _two_spans(stage: Stage) -> AsyncGenerator[Child, None]:
    argv = (sys.executable, "-m", "bench.telemetry.two_spans")
    environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{stage.sink_port}/floor"}
    async with running(argv, stage.folder / "two_spans.log", environment) as child:
        await _make_pairs(child)
        yield child


async def _make_pairs(floor: Child) -> dict[str, float]:
    floor.stdin.write(f"{CALLS}\n".encode())
    async with asyncio.timeout(PATIENCE_S):
        line = await floor.stdout.readline()
    if not line:
        raise NotRunningError(floor.last_words())
    return {COLUMN: float(line) / CALLS * 1000}


def section(rounds: Rounds) -> Section:
    """Return the rows of the servers, and the floor."""
    rows = [Row(subject=name, figures=rounds.medians(name) | _calm(name, rounds)) for name in (FLOOR, OFF)]
    rows += [_row(name, rounds) for name in SUBJECTS]
    title = f"CPU of the server per call of a 0 ms function, {CALLERS} at once, by what is exported"
    return Section(title=title, rows=tuple(rows))


def _row(name: str, rounds: Rounds) -> Row:
    figures = rounds.medians(name) | _calm(name, rounds)
    off = _calm(OFF, rounds)
    if CALM in figures and CALM in off:
        figures[ADDED] = figures[CALM] - off[CALM]
    return Row(subject=name, figures=figures, target=ON, remark=rounds.failures.get(name, ""))


def _calm(name: str, rounds: Rounds) -> dict[str, float]:
    samples = rounds.samples.get(name, [])
    return {CALM: quantile([sample[COLUMN] for sample in samples], 0.25)} if samples else {}


async def _call_path(stage: Stage) -> Section:
    argv = (sys.executable, "-m", "bench.telemetry.call_path")
    async with running(argv, stage.folder / "call_path.log", {}) as child, asyncio.timeout(PATIENCE_S * 4):
        line = await child.stdout.readline()
        if not line:
            raise NotRunningError(child.last_words())
    rows = tuple(
        Row(subject=name, figures={IN_PATH: took}, target=OFF_PATH if name == "off" else None)
        for name, took in json.loads(line).items()
    )
    return Section(title="What telemetry's parts add to a call in the process, before anything is exported", rows=rows)

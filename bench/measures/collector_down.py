"""Calls while the collector is down, its return, and how long a server then takes to end."""

import asyncio
import contextlib
import json
import math
import socket
import statistics
import sys
import time
from collections.abc import AsyncGenerator
from dataclasses import replace
from functools import partial

from bench.child import Child, running
from bench.contestants import Contestant
from bench.errors import SUBJECT_FAILURES, NotRunningError
from bench.figures import Row, Section, Target
from bench.http_connection import get
from bench.load import Session
from bench.process_cost import cpu_seconds, memory_mb
from bench.rounds import Rounds, interleave, reason
from bench.stage import Stage

FUNCTION = "bench-20ms"
CALLERS = 4
CALLS_PER_S = 100  # about what that many callers get through, with a core to spare
MINUTES = 1 / 3
SLICE_S = 10.0
RETURN_S = 60.0
END_S = 60.0
CALLS_BEFORE_END = 300
UP, AGAIN, DOWN = "collector up", "the same once more (noise)", "collector down"
SHARE = "p99 of up"
P99 = Target(column=SHARE, bound=1.05, at_most=True)
EXIT = Target(column="worst s", bound=2, at_most=True)


async def measure(stage: Stage) -> list[Section]:
    """Measure servers over stdio that only differ by whether anybody takes what they export."""
    port = _free_port()
    contestants = [exporting(stage, UP), exporting(stage, AGAIN), exporting(stage, DOWN, f"http://127.0.0.1:{port}")]
    async with stage.sessions(contestants) as opened:
        pids = {name: session.child.pid for name, (_, session) in opened.sessions.items()}
        before = {name: memory_mb(pid) for name, pid in pids.items()}
        seconds = 60 * (stage.minutes or MINUTES)
        slices = max(stage.rounds, math.ceil(seconds / SLICE_S))
        calls = max(1, round(CALLS_PER_S * seconds / slices))
        runs = {
            name: partial(_run, stage, contestant, session, calls)
            for name, (contestant, session) in opened.sessions.items()
        }
        rounds = await interleave("collector down", slices, runs)
        rounds.failures.update(opened.absent)
        after = {name: memory_mb(pid) for name, pid in pids.items()}
        load = _load_section(rounds, calls * slices, before, after)
        back = await _return(stage, port, *opened.sessions[DOWN]) if DOWN in opened.sessions else []
    return [load, *back, await _ends(stage)]


def exporting(stage: Stage, name: str, endpoint: str = "") -> Contestant:
    """Return lambdascope as it is shipped, but for metrics every five seconds: they tell what was lost."""
    contestant = stage.lineup.lambdascope(name)
    given = {"OTEL_METRIC_EXPORT_INTERVAL": "5000"} | ({"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint} if endpoint else {})
    kept = {name: value for name, value in contestant.environment.items() if name != "OTEL_BSP_SCHEDULE_DELAY"}
    return replace(contestant, environment={**kept, **given}, traces_path=None)


async def _run(stage: Stage, contestant: Contestant, session: Session, calls: int) -> dict[str, float]:
    before = cpu_seconds(session.child.pid)
    took = await stage.load(contestant, session, FUNCTION, calls=calls, callers=CALLERS)
    return {
        "calls/s": calls / took["wall_s"],
        "p50 ms": took["p50_s"] * 1000,
        "p99 ms": took["p99_s"] * 1000,
        "CPU ms": (cpu_seconds(session.child.pid) - before) / calls * 1000,
    }


def _load_section(rounds: Rounds, calls: int, before: dict[str, float], after: dict[str, float]) -> Section:
    rows: list[Row] = []
    for name in (UP, AGAIN, DOWN):
        figures = rounds.medians(name)
        if name != UP and (ratio := rounds.median_ratio("p99 ms", name, UP)) is not None:
            figures[SHARE] = ratio
        if name in before:
            figures |= {"RSS MB before": before[name], "after": after[name]}
        target = P99 if name == DOWN else None
        rows.append(Row(subject=name, figures=figures, target=target, remark=rounds.failures.get(name, "")))
    return Section(title=f"{calls} calls of a 20 ms function from {CALLERS} callers, by collector", rows=tuple(rows))


async def _return(stage: Stage, port: int, contestant: Contestant, session: Session) -> list[Section]:
    """Start the collector where nobody was, and go on calling now and then until spans and metrics arrive."""
    argv = (sys.executable, "-m", "bench.telemetry.collector", str(port))
    figures: dict[str, float] = {}
    lost: dict[str, float] = {}
    async with running(argv, stage.folder / "collector.log", {}) as collector:
        await collector.first_line()
        began = time.monotonic()
        while len(figures) < 2 and time.monotonic() - began < RETURN_S:
            await stage.load(contestant, session, "bench-0ms", calls=2, callers=1)
            told = json.loads(await get(port, "/"))
            if told["spans"]:
                figures.setdefault("s until spans", time.monotonic() - began)
            if told["lost"] is not None:
                figures.setdefault("s until metrics", time.monotonic() - began)
                lost = told["lost"]
            await asyncio.sleep(0.1)
    remarks = tuple(f"lost while it was away: {why}: {items:g}" for why, items in lost.items())
    row = Row(subject="the server goes on exporting", figures=figures, remark="" if len(figures) == 2 else "not all")
    return [Section(title="The collector comes back", rows=(row,), remarks=remarks)]


async def _ends(stage: Stage) -> Section:
    async with _black_hole() as hole:
        places = {
            "telemetry off": None,
            "collector up": "",
            "collector down, connections refused": f"http://127.0.0.1:{_free_port()}",
            "collector a black hole": hole,
        }
        rows = [await _end_row(stage, name, place) for name, place in places.items()]
    title = f"From the end of standard input to the end of the process, after {CALLS_BEFORE_END} calls"
    return Section(title=title, rows=tuple(rows))


async def _end_row(stage: Stage, name: str, place: str | None) -> Row:
    is_off = place is None
    contestant = stage.lineup.lambdascope(f"end {name}", telemetry=False) if is_off else exporting(stage, name, place)
    try:
        took = [await _time_end(stage, contestant) for _ in range(stage.rounds)]
    except SUBJECT_FAILURES as error:
        return Row(subject=name, figures={}, target=EXIT, remark=reason(error))
    return Row(subject=name, figures={"median s": statistics.median(took), "worst s": max(took)}, target=EXIT)


async def _time_end(stage: Stage, contestant: Contestant) -> float:
    async with stage.session(contestant) as session:
        await stage.load(contestant, session, "bench-0ms", calls=CALLS_BEFORE_END, callers=CALLERS)
        began = time.perf_counter()
        await _ended(session.child)
        return time.perf_counter() - began


async def _ended(child: Child) -> None:
    child.stdin.close()
    try:
        async with asyncio.timeout(END_S):
            await child.process.wait()
    except TimeoutError as error:
        raise NotRunningError(f"it had not ended after {END_S:g} s") from error


@contextlib.asynccontextmanager
async def _black_hole() -> AsyncGenerator[str, None]:
    """A server that accepts and never answers."""
    held: list[asyncio.StreamWriter] = []

    def keep(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)

    server = await asyncio.start_server(keep, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for writer in held:
            writer.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

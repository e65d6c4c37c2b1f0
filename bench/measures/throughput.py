"""Calls per second of a 100 ms function from 32 callers, beside bare boto3 in the same rounds."""

import time
from functools import partial

from bench import history_rows
from bench.boto3_worker import Boto3Worker, boto3_worker
from bench.contestants import Contestant
from bench.errors import BenchError
from bench.figures import Row, Section, Target
from bench.load import Session
from bench.messages import LEGACY, MODERN
from bench.process_cost import cpu_seconds, tree_cpu_seconds
from bench.rounds import Rounds, interleave, reason
from bench.stage import CALLERS, Stage

FUNCTION = "bench-100ms"
CALLS = 640
PEER_CALLS = 64  # the peer takes one call at a time: 640 would be more than a minute a round
BARE = "bare boto3, 32 threads"
PEER = "peer, stdio"
SUBJECTS = ("lambdascope, HTTP 2026-07-28", "lambdascope, stdio", "lambdascope, HTTP 2025-06-18")
TARGET = Target(column="of boto3", bound=0.7, at_most=False)


async def measure(stage: Stage) -> list[Section]:
    """Measure lambdascope with history and tracing on, the peer, and bare boto3."""
    modern, stdio, legacy = SUBJECTS
    contestants = [
        stage.lineup.lambdascope(modern, over_http=True, revision=MODERN),
        stage.lineup.lambdascope(stdio),
        stage.lineup.lambdascope(legacy, over_http=True, revision=LEGACY),
        *stage.lineup.peer(PEER),
    ]
    async with boto3_worker(stage) as boto3, stage.sessions(contestants) as opened:
        runs = {BARE: partial(_run_boto3, stage, boto3)} | {
            name: partial(_run, stage, contestant, session) for name, (contestant, session) in opened.sessions.items()
        }
        rounds = await interleave("throughput", stage.rounds, runs)
    rounds.failures.update(opened.absent)
    remarks = [_history_remark(contestant, rounds) for contestant, _ in opened.sessions.values() if contestant.history]
    title = f"Throughput: {CALLERS} callers of a 100 ms function"
    return [
        Section(title=title, rows=tuple(_row(name, rounds) for name in (BARE, *SUBJECTS, PEER)), remarks=tuple(remarks))
    ]


async def _run(stage: Stage, contestant: Contestant, session: Session) -> dict[str, float]:
    calls = PEER_CALLS if contestant.name == PEER else CALLS
    server, harness = tree_cpu_seconds(session.child.pid), _harness_seconds(stage)
    took = await stage.load(contestant, session, FUNCTION, calls=calls, callers=CALLERS)
    server, harness = tree_cpu_seconds(session.child.pid) - server, _harness_seconds(stage) - harness
    return _sample(took, calls, server, harness)


async def _run_boto3(stage: Stage, boto3: Boto3Worker) -> dict[str, float]:
    harness = _harness_seconds(stage)
    took = await boto3.load(FUNCTION, CALLS, CALLERS)
    return _sample(took, CALLS, took["cpu_s"], _harness_seconds(stage) - harness)


def _harness_seconds(stage: Stage) -> float:
    """Return the CPU spent by the measuring side, which competes for the same cores."""
    return time.process_time() + cpu_seconds(stage.stub.pid)


def _sample(took: dict[str, float], calls: int, server_s: float, harness_s: float) -> dict[str, float]:
    return {
        "calls/s": calls / took["wall_s"],
        "p50 ms": took["p50_s"] * 1000,
        "in flight": took["max_in_flight"],
        "CPU ms": server_s / calls * 1000,
        "harness CPU ms": harness_s / calls * 1000,
    }


def _row(name: str, rounds: Rounds) -> Row:
    figures = rounds.medians(name)
    for column, baseline in (("of boto3", BARE), ("of peer", PEER)):
        if (ratio := rounds.median_ratio("calls/s", name, baseline)) is not None:
            figures[column] = ratio
    target = TARGET if name in SUBJECTS[:2] else None
    return Row(subject=name, figures=figures, target=target, remark=rounds.failures.get(name, ""))


def _history_remark(contestant: Contestant, rounds: Rounds) -> str:
    assert contestant.history is not None
    made = CALLS * len(rounds.samples.get(contestant.name, []))
    try:
        held = str(history_rows.count(contestant.history, FUNCTION))
    except (BenchError, ImportError) as error:
        held = reason(error)
    return f"history of {contestant.name}: {held} rows for {made} calls"

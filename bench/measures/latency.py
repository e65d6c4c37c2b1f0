"""How long other requests wait while a 10 s call is in flight on the same stdio session."""

import asyncio
import statistics
import time
from collections.abc import Callable
from typing import Any

from bench.contestants import Contestant
from bench.errors import SUBJECT_FAILURES, WrongAnswerError
from bench.figures import Row, Section, Target
from bench.load import Session, fresh_numbers
from bench.messages import Question, question
from bench.rounds import reason
from bench.stage import Stage

FUNCTION = "bench-10s"
PROBES = 50
PAUSE_S = 0.03
IN_FLIGHT_S = 15.0
OWN, PEER = "lambdascope", "peer"
LIST_FUNCTIONS: tuple[str, dict[str, Any]] = ("tools/call", {"name": "list_functions", "arguments": {}})
LIST_TOOLS: tuple[str, dict[str, Any]] = ("tools/list", {})
TARGET = Target(column="worst ms", bound=50, at_most=True)


async def measure(stage: Stage) -> list[Section]:
    """Measure ping and the listing of functions; the peer's listing is tools/list, its tools being the functions."""
    contestants = [stage.lineup.lambdascope(OWN), *stage.lineup.peer(PEER)]
    async with stage.sessions(contestants) as opened:
        rows = [Row(subject=name, figures={}, remark=why) for name, why in opened.absent.items()]
        for name, (contestant, session) in opened.sessions.items():
            listing = LIST_FUNCTIONS if name == OWN else LIST_TOOLS
            rows += await _rows(stage, contestant, session, {"ping": ("ping", {}), _label(listing): listing})
    return [Section(title="Latency beside a 10 s call in flight, stdio", rows=tuple(rows))]


def _label(listing: tuple[str, dict[str, Any]]) -> str:
    method, params = listing
    return params.get("name", method)


async def _rows(
    stage: Stage, contestant: Contestant, session: Session, probes: dict[str, tuple[str, dict[str, Any]]]
) -> list[Row]:
    rows: list[Row] = []
    target = TARGET if contestant.name == OWN else None
    for label, (method, params) in probes.items():
        subject = f"{contestant.name}: {label}"
        expects = b"100ms" if label != "ping" else b""
        try:
            waits_ms = await _waits_ms(
                stage,
                contestant,
                session,
                lambda number, asked=(method, params), expects=expects: question(
                    number, *asked, revision=contestant.revision, expects=expects
                ),
            )
            rows.append(Row(subject=subject, figures=_figures(waits_ms), target=target))
        except SUBJECT_FAILURES as error:
            rows.append(Row(subject=subject, figures={}, target=target, remark=reason(error)))
    return rows


async def _waits_ms(
    stage: Stage, contestant: Contestant, session: Session, ask: Callable[[int], Question]
) -> list[float]:
    """Return how long each probe took that was asked while the call was in flight."""
    (channel,) = await session.channels(1)
    await stage.reset_counts()
    call = contestant.question(FUNCTION, fresh_numbers(1)[0])
    calling = asyncio.create_task(channel.exchange(call))
    waits_ms: list[float] = []
    try:
        await _in_flight(stage)
        while len(waits_ms) < PROBES and not calling.done():
            asked = ask(fresh_numbers(1)[0])
            began = time.perf_counter()
            answer = await asyncio.wait_for(channel.exchange(asked), IN_FLIGHT_S)
            waits_ms.append((time.perf_counter() - began) * 1000)
            asked.check(answer)
            await asyncio.sleep(PAUSE_S)
        call.check(await asyncio.wait_for(calling, IN_FLIGHT_S))
    finally:
        calling.cancel()
    return waits_ms


async def _in_flight(stage: Stage) -> None:
    async with asyncio.timeout(IN_FLIGHT_S):
        while not (await stage.counts(FUNCTION))["in_flight"]:  # noqa: ASYNC110 - the count is in another process
            await asyncio.sleep(0.01)


def _figures(waits_ms: list[float]) -> dict[str, float]:
    if not waits_ms:
        raise WrongAnswerError("the call was answered before anything could be asked beside it")
    return {"p50 ms": statistics.median(waits_ms), "worst ms": max(waits_ms), "asked": float(len(waits_ms))}

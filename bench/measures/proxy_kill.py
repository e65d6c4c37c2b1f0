"""What becomes of 100 calls when the echo server is killed in the middle of them, and when a call works again."""

import asyncio
import contextlib
import json
import os
import signal
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from bench.answers import answer_to
from bench.errors import SUBJECT_FAILURES, WrongAnswerError
from bench.figures import Row, Section, Target
from bench.http_session import HttpChannel, HttpSession
from bench.load import fresh_numbers
from bench.messages import LEGACY, MODERN, Question
from bench.proxies.processes import upstreams_of
from bench.proxies.stage import Proxy, ProxyStage
from bench.proxies.ways import OWN, OWN_STDIO, OWN_UNTRACED, Way, echo
from bench.rounds import reason

CALLS, CALLERS, WAIT_MS = 100, 10, 20
KILL_AFTER = 40
PATIENCE_S, AGAIN_S, PAUSE_S = 15.0, 20.0, 0.1
TITLE = f"The echo server killed (kill -9) in the middle of {CALLS} calls of {WAIT_MS} ms, {CALLERS} at once"
RESULT, ERROR, LOST = "results", "errors", "lost"
AGAIN = "s to the next"
NONE_LOST: Final = Target(column=LOST, bound=0, at_most=True)
WORKS: Final = Target(column=AGAIN, bound=AGAIN_S, at_most=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of a call, and what its error said."""

    kind: str
    said: str = ""


async def measure(stage: ProxyStage) -> list[Section]:
    """Kill it once for each way; lambdascope's are held to lose no call."""
    rows = [
        await _row(stage, way, revision)
        for way in stage.ways
        if way.argv and way.name != OWN_UNTRACED
        for revision in ((LEGACY, MODERN) if way.name in (OWN, OWN_STDIO) else (LEGACY,))
    ]
    remarks = ("an echo server over HTTP is started again at once; one over stdio is the proxy's to start again",)
    return [Section(title=TITLE, rows=tuple(rows), remarks=remarks)]


async def _row(stage: ProxyStage, way: Way, revision: str) -> Row:
    subject = f"{way.name}, {revision}"
    targets = (NONE_LOST, WORKS) if way.name in (OWN, OWN_STDIO) else ()
    try:
        async with stage.proxy(way) as proxy:
            fates, again = await _killed(stage, proxy, proxy.session(revision))
    except SUBJECT_FAILURES as error:
        return Row(subject=subject, figures={}, also=targets, remark=reason(error))
    return Row(subject=subject, figures=counted(fates) | again, also=targets, remark=_said(fates, again))


async def _killed(stage: ProxyStage, proxy: Proxy, session: HttpSession) -> tuple[list[Fate], dict[str, float]]:
    questions = iter([echo(number, session.revision, WAIT_MS) for number in fresh_numbers(CALLS)])
    fates: list[Fate] = []
    dead = asyncio.Event()

    async def work(channel: HttpChannel | None) -> None:
        for asked in questions:
            fates.append(await fate_of(channel, asked) if channel else Fate(kind=LOST))
            if len(fates) == KILL_AFTER:
                dead.set()
            if fates[-1].kind == LOST:  # with its connection, maybe
                channel = await _connected(session)

    workers = [asyncio.create_task(work(channel)) for channel in await session.channels(CALLERS)]
    await dead.wait()
    await _kill(stage, proxy)
    killed = time.monotonic()
    await asyncio.gather(*workers)
    return fates, await _works_again(session, killed)


async def _kill(stage: ProxyStage, proxy: Proxy) -> None:
    if not proxy.way.starts_upstream:
        await stage.upstream.kill()
        return
    for pid in upstreams_of(proxy.child.pid):
        os.kill(pid, signal.SIGKILL)


async def _works_again(session: HttpSession, killed: float) -> dict[str, float]:
    """Ask until a call works; nothing if none does in time."""
    while time.monotonic() < killed + AGAIN_S:
        channel = await _connected(session)
        asked = echo(fresh_numbers(1)[0], session.revision)
        if channel and (await fate_of(channel, asked)).kind == RESULT:
            return {AGAIN: time.monotonic() - killed}
        await asyncio.sleep(PAUSE_S)
    return {}


async def _connected(session: HttpSession) -> HttpChannel | None:
    """Connect anew; None when the proxy is gone as well."""
    with contextlib.suppress(OSError):
        return await session.channel()
    return None


async def fate_of(channel: HttpChannel, asked: Question) -> Fate:
    """Ask, and tell a result from an error that says so, and both from a call that nothing answers."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            answer = await channel.exchange(asked)
    except WrongAnswerError as error:  # an HTTP status other than 200
        return Fate(kind=ERROR, said=str(error))
    except (*SUBJECT_FAILURES, IndexError):
        return Fate(kind=LOST)
    return judged(asked, answer)


def judged(asked: Question, answer: bytes) -> Fate:
    """Return what an answer is: of another request, or no answer at all, and the call is lost."""
    try:
        message: dict[str, Any] = json.loads(answer)
        if message["id"] != asked.request_id:
            return Fate(kind=LOST)
    except (ValueError, TypeError, KeyError):
        return Fate(kind=LOST)
    if "error" in message:
        return Fate(kind=ERROR, said=str(message["error"]["message"]))
    result: dict[str, Any] = message["result"]
    if result.get("isError"):
        return Fate(kind=ERROR, said=" ".join(block["text"] for block in result["content"]))
    return Fate(kind=RESULT if answer_to(asked.request_id).encode() in answer else LOST)


def counted(fates: list[Fate]) -> dict[str, float]:
    """Return how many calls met each fate."""
    counts = Counter(fate.kind for fate in fates)
    return {kind: float(counts[kind]) for kind in (RESULT, ERROR, LOST)}


def _said(fates: list[Fate], again: dict[str, float]) -> str:
    common = Counter(" ".join(fate.said.split()) for fate in fates if fate.kind == ERROR).most_common(1)
    words = [f"mostly: {said[:110]}" if said else "mostly errors without a word" for said, _ in common]
    return "; ".join(words if again else [f"no call works again within {AGAIN_S:.0f} s", *words])

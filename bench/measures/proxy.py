"""What a proxy adds to a call of the echo tool, in the same rounds as the call without it, of both MCP eras."""

import time
from contextlib import AsyncExitStack
from functools import partial

from bench.errors import SUBJECT_FAILURES, WrongAnswerError
from bench.figures import Row, Section, Target
from bench.history.quantiles import quantile
from bench.http_session import HttpSession
from bench.messages import LEGACY, MODERN
from bench.proxies.processes import own_cpu_seconds
from bench.proxies.stage import Proxy, ProxyStage, ask
from bench.proxies.ways import DIRECT, FASTMCP, OWN
from bench.rounds import Rounds, interleave, reason
from bench.stage import CALLERS

# Callers, and the most calls of a round.
LOADS = {1: 300, CALLERS: 1200}
ROUND_S = 4.0  # a proxy that takes 80 ms makes fewer calls
PROBES, FEWEST, TOO_LONG_S = 3, 5, 1.0
P50, P95, CPU, RATE = "p50 ms", "p95 ms", "CPU ms", "calls/s"
ADDED, RATIO = {P50: "added p50", P95: "added p95"}, "CPU of FastMCP"
TITLES = {
    1: "An echo tool through a proxy, Streamable HTTP, one call at a time",
    CALLERS: f"An echo tool through a proxy, {CALLERS} calls at once, the proxy on one core",
}
TARGETS = {
    1: (Target(column=ADDED[P50], bound=2.0, at_most=True), Target(column=RATIO, bound=0.1, at_most=True)),
    CALLERS: (Target(column=RATE, bound=300, at_most=False),),
}
REMARKS = (
    "the proxy runs on one core; what asks it and the echo server behind it run on the other",
    "to stdio: the proxy starts the echo server and speaks stdio with it, so there is one HTTP hop as in direct",
    "CPU ms: of the proxy's own processes, the echo server's left out",
)


async def measure(stage: ProxyStage) -> list[Section]:
    """Measure every way to the echo server; one that does not start or does not speak a revision says so."""
    async with AsyncExitStack() as stack:
        proxies: list[Proxy] = []
        absent: dict[str, str] = {}
        for way in stage.ways:
            try:
                proxies.append(await stack.enter_async_context(stage.proxy(way)))
            except SUBJECT_FAILURES as error:
                absent |= {key(way.name, revision): reason(error) for revision in way.revisions}
        for proxy in proxies:
            absent |= {key(proxy.way.name, revision): why for revision, why in proxy.absent.items()}
        found: list[Section] = []
        for callers in LOADS:
            subjects = {
                key(proxy.way.name, revision): partial(run, stage, proxy, session, callers)
                for proxy in proxies
                for revision, session in proxy.sessions.items()
            }
            rounds = await interleave(f"proxy, {callers} at once", stage.rounds, subjects)
            rounds.failures.update(absent)
            found.append(section(callers, [way.name for way in stage.ways], rounds))
    return found


def key(name: str, revision: str) -> str:
    """Return what a way is called for a revision."""
    return f"{name}, {revision}"


async def run(stage: ProxyStage, proxy: Proxy, session: HttpSession, callers: int) -> dict[str, float]:
    """Make the calls of one round."""
    calls = await _calls(session, callers)
    stage.pin(proxy.child)  # what it has started since then as well
    before = own_cpu_seconds(proxy.child.pid)
    took = await ask(session, calls, callers)
    await stage.settle(proxy.way)
    spent = own_cpu_seconds(proxy.child.pid) - before
    figures = {P50: took["p50_s"] * 1000, P95: took["p95_s"] * 1000, RATE: calls / took["wall_s"], "calls": calls}
    return figures | ({CPU: spent / calls * 1000} if proxy.way.argv else {})


async def _calls(session: HttpSession, callers: int) -> int:
    """Return how many calls fit in a round, told by a few that are made first."""
    began = time.perf_counter()
    await ask(session, PROBES, 1)
    one_s = (time.perf_counter() - began) / PROBES
    if callers > 1 and one_s > TOO_LONG_S:
        raise WrongAnswerError(f"one call takes {one_s:.1f} s: not asked {callers} at once")
    return min(LOADS[callers], max(FEWEST, callers, int(ROUND_S / one_s)))


def section(callers: int, names: list[str], rounds: Rounds) -> Section:
    """Return a row for each way and revision."""
    rows = [row(callers, name, revision, rounds) for revision in (LEGACY, MODERN) for name in names]
    return Section(title=TITLES[callers], rows=tuple(rows), remarks=REMARKS if callers == 1 else ())


def row(callers: int, name: str, revision: str, rounds: Rounds) -> Row:
    """Return one way's figures, and what they are beyond those of the direct way in the same rounds."""
    subject = key(name, revision)
    figures = rounds.medians(subject)
    if callers == 1 and name != DIRECT:
        for column, added in ADDED.items():
            figures |= _difference(rounds, column, added, subject, key(DIRECT, revision))
        ratio = rounds.median_ratio(CPU, subject, key(FASTMCP, revision))
        figures |= {} if ratio is None else {RATIO: ratio}
    targets = TARGETS[callers] if name == OWN else ()
    return Row(subject=subject, figures=figures, also=targets, remark=rounds.failures.get(subject, ""))


def _difference(rounds: Rounds, column: str, named: str, subject: str, baseline: str) -> dict[str, float]:
    pairs = zip(rounds.samples.get(subject, []), rounds.samples.get(baseline, []), strict=False)
    added = [own[column] - base[column] for own, base in pairs]
    return {named: quantile(added, 0.5)} if added else {}

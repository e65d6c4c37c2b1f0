"""Resident memory of a proxy after 1,000 calls of the echo tool; with --huge that of lambdascope over 100,000."""

from bench.errors import SUBJECT_FAILURES
from bench.figures import Row, Section, Target
from bench.messages import LEGACY, MODERN
from bench.proxies.processes import own_memory_mb
from bench.proxies.stage import ProxyStage, ask
from bench.proxies.ways import OWN, Way
from bench.rounds import reason

CALLS, CALLERS, STEP = 1000, 8, 200
MANY, PARTS = 100_000, 10
GROWN = "later parts MB"
TARGET = Target(column="RSS MB", bound=120, at_most=True)
FLAT = Target(column=GROWN, bound=5, at_most=True)


async def measure(stage: ProxyStage) -> list[Section]:
    """Measure each proxy in a process of its own, so that nothing it did before is in it."""
    rows = [await _row(stage, way) for way in stage.ways if way.argv]
    sections = [Section(title=f"Memory of a proxy after {CALLS} calls, {LEGACY}", rows=tuple(rows))]
    return [*sections, await _flat(stage)] if stage.huge else sections


async def _row(stage: ProxyStage, way: Way) -> Row:
    targets = (TARGET,) if way.name == OWN else ()
    try:
        async with stage.proxy(way) as proxy:
            session, at_start = proxy.session(LEGACY), own_memory_mb(proxy.child.pid)
            for _ in range(CALLS // STEP):  # a slow proxy takes longer for all of them than one load may
                await ask(session, STEP, CALLERS)
            await stage.settle(way)
            figures = {"at start MB": at_start, "RSS MB": own_memory_mb(proxy.child.pid)}
    except SUBJECT_FAILURES as error:
        return Row(subject=way.name, figures={}, also=targets, remark=reason(error))
    return Row(subject=way.name, figures=figures, also=targets)


async def _flat(stage: ProxyStage) -> Section:
    """Measure what is left to grow after the first tenth of the calls, in which caches and pools fill."""
    (way,) = (way for way in stage.ways if way.name == OWN)
    rows: list[Row] = []
    for revision in (LEGACY, MODERN):
        subject = f"{way.name}, {revision}"
        try:
            held = await _held_mb(stage, way, revision)
            rows.append(Row(subject=subject, figures=grown(held), target=FLAT))
        except SUBJECT_FAILURES as error:
            rows.append(Row(subject=subject, figures={}, target=FLAT, remark=reason(error)))
    return Section(title=f"Memory over {MANY:,} calls", rows=tuple(rows))


async def _held_mb(stage: ProxyStage, way: Way, revision: str) -> list[float]:
    async with stage.proxy(way) as proxy:
        held = [own_memory_mb(proxy.child.pid)]
        for _ in range(PARTS):
            for _ in range(MANY // PARTS // (STEP * 10)):
                await ask(proxy.session(revision), STEP * 10, CALLERS)
            await stage.settle(way)
            held.append(own_memory_mb(proxy.child.pid))
    return held


def grown(held: list[float]) -> dict[str, float]:
    """Return memory at the start, after the first part, at the end, and what the parts after the first added."""
    return {"at start MB": held[0], "first part MB": held[1], "at end MB": held[-1], GROWN: held[-1] - held[1]}

"""Resident memory of a server after 1,000 calls."""

from bench.contestants import Contestant
from bench.errors import SUBJECT_FAILURES
from bench.figures import Row, Section, Target
from bench.messages import MODERN
from bench.process_cost import memory_mb
from bench.rounds import reason
from bench.stage import CALLERS, Stage

CALLS = 1000
TARGET = Target(column="RSS MB", bound=120, at_most=True)


async def measure(stage: Stage) -> list[Section]:
    """Measure lambdascope with history and tracing on, a bare SDK server and the peer."""
    lineup = stage.lineup
    own = [
        lineup.lambdascope("lambdascope, HTTP", over_http=True, revision=MODERN),
        lineup.lambdascope("lambdascope, stdio"),
    ]
    rows = [await _row(stage, contestant, TARGET) for contestant in own]
    rows += [
        await _row(stage, contestant, None)
        for contestant in (lineup.bare_sdk("bare SDK, stdio"), *lineup.peer("peer, stdio"))
    ]
    return [Section(title=f"Memory after {CALLS} calls", rows=tuple(rows))]


async def _row(stage: Stage, contestant: Contestant, target: Target | None) -> Row:
    try:
        async with stage.session(contestant) as session:
            pid = session.child.pid
            at_start = memory_mb(pid)
            await stage.load(contestant, session, "bench-0ms", calls=CALLS, callers=CALLERS)
            await stage.settle(contestant)
            figures = {"at start MB": at_start, "RSS MB": memory_mb(pid), "peak MB": memory_mb(pid, "VmHWM")}
    except SUBJECT_FAILURES as error:
        return Row(subject=contestant.name, figures={}, target=target, remark=reason(error))
    return Row(subject=contestant.name, figures=figures, target=target)

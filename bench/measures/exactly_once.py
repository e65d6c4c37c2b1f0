"""How often a function of 65 s really runs for one call: 60 s is where AWS clients give up and ask again."""

import asyncio
import time

from bench.contestants import Contestant
from bench.errors import BenchError
from bench.figures import Row, Section, Target
from bench.load import Session, fresh_numbers
from bench.rounds import reason
from bench.stage import Stage

FUNCTION = "bench-65s"
PATIENCE_S = 240.0
OWN, PEER = "lambdascope", "peer"
TARGET = Target(column="invocations", bound=1, at_most=True)


async def measure(stage: Stage) -> list[Section]:
    """Measure lambdascope and the peer; only when slow measurements are wanted, as this takes four minutes."""
    if not stage.slow:
        return []
    async with stage.sessions([stage.lineup.lambdascope(OWN), *stage.lineup.peer(PEER)]) as opened:
        rows = [Row(subject=name, figures={}, remark=why) for name, why in opened.absent.items()]
        rows += [await _row(stage, contestant, session) for contestant, session in opened.sessions.values()]
    return [Section(title="One call of a 65 s function, stdio", rows=tuple(rows))]


async def _row(stage: Stage, contestant: Contestant, session: Session) -> Row:
    (channel,) = await session.channels(1)
    await stage.reset_counts()
    call = contestant.question(FUNCTION, fresh_numbers(1)[0])
    began = time.perf_counter()
    try:
        call.check(await asyncio.wait_for(channel.exchange(call), PATIENCE_S))
        remark = "answered"
    except (BenchError, TimeoutError) as error:
        remark = f"no answer: {reason(error)[:100]}"
    counted = await stage.counts(FUNCTION)
    figures = {
        "invocations": float(counted["invokes"]),
        "at once": float(counted["max_in_flight"]),
        "s": time.perf_counter() - began,
    }
    return Row(
        subject=contestant.name, figures=figures, target=TARGET if contestant.name == OWN else None, remark=remark
    )

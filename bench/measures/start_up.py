"""What it takes from starting a server to its first answer, `initialize` over stdio."""

import time
from functools import partial

from bench.contestants import Contestant
from bench.figures import Row, Section, Target
from bench.process_cost import cpu_seconds, tree_cpu_seconds
from bench.rounds import Rounds, interleave
from bench.stage import Stage

RUNS = 7
OWN, BARE, PEER = "lambdascope", "bare SDK", "peer"
TARGET = Target(column="CPU of SDK", bound=1.3, at_most=True)


async def measure(stage: Stage) -> list[Section]:
    """Measure lambdascope as it is used (history and tracing on), a bare SDK server and the peer."""
    contestants = [stage.lineup.lambdascope(OWN), stage.lineup.bare_sdk(BARE), *stage.lineup.peer(PEER)]
    runs = {contestant.name: partial(_start, stage, contestant) for contestant in contestants}
    await interleave("start-up, discarded", 1, runs)  # writes bytecode, makes the history directory
    rounds = await interleave("start-up", max(RUNS, stage.rounds), runs)
    return [Section(title="Start to first answer, stdio", rows=tuple(_row(name, rounds) for name in (BARE, OWN, PEER)))]


async def _start(stage: Stage, contestant: Contestant) -> dict[str, float]:
    began = time.perf_counter()
    async with stage.session(contestant) as session:
        cpu_s = cpu_seconds(session.child.pid)
        wall_s = time.perf_counter() - began
        return {"CPU s": cpu_s, "with children s": tree_cpu_seconds(session.child.pid), "wall s": wall_s}


def _row(name: str, rounds: Rounds) -> Row:
    figures = rounds.medians(name)
    for column, ratio_column in (("CPU s", TARGET.column), ("wall s", "wall of SDK")):
        if (ratio := rounds.median_ratio(column, name, BARE)) is not None:
            figures[ratio_column] = ratio
    target = TARGET if name == OWN else None
    return Row(subject=name, figures=figures, target=target, remark=rounds.failures.get(name, ""))

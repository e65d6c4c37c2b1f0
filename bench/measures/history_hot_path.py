"""What keeping a row adds to the call it is about, beside one insert into what people would reach for."""

from functools import partial

from bench.figures import Row, Section, Target
from bench.history.hot_path import NOTHING
from bench.history.recorders import ALTERNATIVES, LAMBDASCOPE
from bench.history.stage import HistoryStage
from bench.rounds import Rounds, interleave

PACES = {"one right after the other": 0, "200 rows/s": 200, "2,000 rows/s": 2000}
SECONDS = 2.0
PATIENCE_S = 60.0
TARGETS = (Target(column="p50 us", bound=20, at_most=True), Target(column="p99 us", bound=100, at_most=True))


async def measure(stage: HistoryStage) -> list[Section]:
    """Measure each pace; between the rows of a paced run the writer's thread is at work on the same interpreter."""
    names = (NOTHING, LAMBDASCOPE, *ALTERNATIVES)
    runs = {_key(name, pace): partial(_run, stage, name, rate) for pace, rate in PACES.items() for name in names}
    rounds = await interleave("history, hot path", stage.rounds, runs)
    return [
        Section(
            title=f"What keeping a row adds to a call, {pace}", rows=tuple(_row(name, pace, rounds) for name in names)
        )
        for pace in PACES
    ]


async def _run(stage: HistoryStage, name: str, rate: int) -> dict[str, float]:
    seconds = SECONDS * min(1.0, stage.scale)
    return await stage.ask("hot_path", name, stage.directory(), rate, seconds, patience_s=PATIENCE_S)


def _key(name: str, pace: str) -> str:
    return f"{name}, {pace}"


def _row(name: str, pace: str, rounds: Rounds) -> Row:
    key = _key(name, pace)
    targets = TARGETS if name == LAMBDASCOPE else ()
    return Row(subject=name, figures=rounds.medians(key), also=targets, remark=rounds.failures.get(key, ""))

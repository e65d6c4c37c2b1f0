"""CPU of the server per call when the function costs nothing, beside what MCP and boto3 cost on their own."""

from functools import partial

from bench.boto3_worker import Boto3Worker, boto3_worker
from bench.contestants import Contestant
from bench.figures import Row, Section, Target
from bench.load import Session
from bench.messages import LEGACY, MODERN
from bench.process_cost import tree_cpu_seconds
from bench.rounds import Rounds, interleave
from bench.stage import CALLERS, Stage

FUNCTION = "bench-0ms"
LOADS = {"one at a time": (1, 200), f"{CALLERS} at once": (CALLERS, 640)}  # callers and calls
BARE_BOTO3 = "bare boto3, one at a time"
SDK = {"HTTP": "bare SDK, HTTP", "stdio": "bare SDK, stdio"}
SDK_JSON = "bare SDK, HTTP, json_response"
PEER = "peer, stdio"
SUBJECTS = {
    "lambdascope, HTTP": "HTTP",
    "lambdascope, HTTP, telemetry off": "HTTP",
    "lambdascope, stdio": "stdio",
    "lambdascope, stdio, telemetry off": "stdio",
}
COLUMN = "CPU ms"
TARGET = Target(column="of SDK + boto3", bound=1.35, at_most=True)


async def measure(stage: Stage) -> list[Section]:
    """Measure lambdascope with telemetry on and off, the baselines, and the peer; HTTP is the 2026-07-28 revision."""
    async with boto3_worker(stage) as boto3, stage.sessions(_contestants(stage)) as opened:
        runs = {BARE_BOTO3: partial(_run_boto3, boto3)} | {
            _key(name, load): partial(_run, stage, contestant, session, *LOADS[load])
            for name, (contestant, session) in opened.sessions.items()
            for load in LOADS
        }
        rounds = await interleave("CPU per call", stage.rounds, runs)
    rounds.failures.update({_key(name, load): why for name, why in opened.absent.items() for load in LOADS})
    return [_section(load, rounds) for load in LOADS]


def _contestants(stage: Stage) -> list[Contestant]:
    lineup = stage.lineup
    own = [
        lineup.lambdascope(
            name,
            over_http=transport == "HTTP",
            revision=MODERN if transport == "HTTP" else LEGACY,
            telemetry="telemetry off" not in name,
        )
        for name, transport in SUBJECTS.items()
    ]
    bare = [lineup.bare_sdk(name, over_http=transport == "HTTP") for transport, name in SDK.items()]
    return [*own, *bare, lineup.bare_sdk(SDK_JSON, over_http=True, json_response=True), *lineup.peer(PEER)]


async def _run(stage: Stage, contestant: Contestant, session: Session, callers: int, calls: int) -> dict[str, float]:
    before = tree_cpu_seconds(session.child.pid)
    took = await stage.load(contestant, session, FUNCTION, calls=calls, callers=callers)
    await stage.settle(contestant)
    spent = tree_cpu_seconds(session.child.pid) - before
    return {COLUMN: spent / calls * 1000, "p50 ms": took["p50_s"] * 1000, "calls/s": calls / took["wall_s"]}


async def _run_boto3(boto3: Boto3Worker) -> dict[str, float]:
    _, calls = LOADS["one at a time"]
    took = await boto3.load(FUNCTION, calls, 1)
    return {COLUMN: took["cpu_s"] / calls * 1000, "p50 ms": took["p50_s"] * 1000, "calls/s": calls / took["wall_s"]}


def _key(name: str, load: str) -> str:
    return f"{name}, {load}"


def _section(load: str, rounds: Rounds) -> Section:
    baselines = [Row(subject=BARE_BOTO3, figures=rounds.medians(BARE_BOTO3))]
    others = [_row(name, load, rounds) for name in (*SDK.values(), SDK_JSON, *SUBJECTS, PEER)]
    return Section(title=f"CPU of the server per call of a 0 ms function, {load}", rows=(*baselines, *others))


def _row(name: str, load: str, rounds: Rounds) -> Row:
    key = _key(name, load)
    figures = rounds.medians(key)
    transport = SUBJECTS.get(name, "stdio" if name == PEER else "")
    if transport:
        ratio = rounds.median_ratio(COLUMN, key, _key(SDK[transport], load), BARE_BOTO3)
        figures |= {} if ratio is None else {TARGET.column: ratio}
    target = TARGET if name in SUBJECTS else None
    return Row(subject=name, figures=figures, target=target, remark=rounds.failures.get(key, ""))

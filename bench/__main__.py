"""`python -m bench`: take every figure in one run and print them side by side with their targets.

It measures and judges nothing: its exit code is 0 whatever the figures are.
"""

import argparse
import asyncio
import contextlib
import json
import signal
import sys
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Iterable
from pathlib import Path
from typing import TypeVar

from bench import machine, peer
from bench.child import ROOT
from bench.errors import SUBJECT_FAILURES, BenchError
from bench.figures import Row, Section
from bench.history.stage import HistoryStage
from bench.history.versions import duckdb_versions
from bench.measures import (
    analysis,
    collector_down,
    cpu,
    exactly_once,
    history_compaction,
    history_hot_path,
    history_kills,
    history_queries,
    history_writers,
    latency,
    memory,
    monitor_executions,
    monitor_fleet,
    proxy,
    proxy_kill,
    proxy_memory,
    start_up,
    telemetry,
    throughput,
)
from bench.monitor.askers import PEERS
from bench.monitor.stage import set_monitor_stage
from bench.proxies.peers import PEERS as PROXY_PEERS
from bench.proxies.peers import NodePeer
from bench.proxies.stage import set_proxy_stage
from bench.report import as_data, as_table
from bench.rounds import reason
from bench.stage import set_stage

SERVERS = {
    "throughput": throughput.measure,
    "cpu": cpu.measure,
    "latency": latency.measure,
    "exactly-once": exactly_once.measure,
    "start-up": start_up.measure,
    "memory": memory.measure,
    "telemetry": telemetry.measure,
    "collector-down": collector_down.measure,
}
HISTORY = {
    "history-hot-path": history_hot_path.measure,
    "history-compaction": history_compaction.measure,
    "history-writers": history_writers.measure,
    "history-kills": history_kills.measure,
    "history-queries": history_queries.measure,
    "analysis": analysis.measure,
}
MONITOR = {
    "monitor-executions": monitor_executions.measure,
    "monitor-fleet": monitor_fleet.measure,
}
PROXIES = {
    "proxy": proxy.measure,
    "proxy-memory": proxy_memory.measure,
    "proxy-kill": proxy_kill.measure,
}
CACHE = ROOT / ".bench"
P = TypeVar("P", bound=peer.Peer | NodePeer)


def main() -> None:
    """Run the benchmark."""
    options = _parser().parse_args()
    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        asyncio.run(_run(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    names = [*SERVERS, *PROXIES, *HISTORY, *MONITOR]
    parser.add_argument("--only", choices=names, nargs="+", default=names, help="take only these figures")
    parser.add_argument(
        "--rounds", type=int, default=3, help="interleaved rounds of throughput, CPU and hot path (default 3)"
    )
    parser.add_argument("--slow", action="store_true", help="also call a 65 s function once (four minutes more)")
    parser.add_argument(
        "--minutes", type=float, help="of load on each server while its collector is down (default a third of one)"
    )
    parser.add_argument("--kills", type=int, default=1000, help="rounds of kill -9 on the history (default 1000)")
    parser.add_argument(
        "--huge",
        action="store_true",
        help="also ask 100 M rows (9 GB of disk), and call a proxy 200,000 times; 10 minutes more each",
    )
    parser.add_argument(
        "--scale", type=float, default=1.0, help="of the history's rows and seconds: 0.1 tries things out"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file as well")
    return parser


async def _run(options: argparse.Namespace) -> None:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    loop.add_signal_handler(signal.SIGTERM, task.cancel)  # so that the servers are ended as well
    facts = machine.facts()
    print("\n".join(f"{name}: {fact}" for name, fact in facts.items()))
    sections: list[Section] = []
    async for section in _sections(options, facts):
        sections.append(section)
        print("\n" + as_table(section), flush=True)
        facts["load average at the end"] = machine.load_average()
        if options.json is not None:  # after each one: a run that is stopped keeps what it has
            options.json.write_text(json.dumps(as_data(facts, sections), indent=2) + "\n")
    print(f"\nload average at the end: {machine.load_average()}")


async def _sections(options: argparse.Namespace, facts: dict[str, str]) -> AsyncGenerator[Section, None]:
    servers = [name for name in options.only if name in SERVERS]
    history = [name for name in options.only if name in HISTORY]
    monitor = [name for name in options.only if name in MONITOR]
    proxies = [name for name in options.only if name in PROXIES]
    if servers:
        peer_command = _installed([peer.LAMBDA_TOOL], facts).get(peer.LAMBDA_TOOL)
        with tempfile.TemporaryDirectory(prefix="lambdascope-bench-") as folder:
            bounds = {"rounds": options.rounds, "slow": options.slow, "minutes": options.minutes}
            async with set_stage(Path(folder), peer_command, **bounds) as stage:
                for name in servers:
                    for section in await _measured(name, SERVERS[name](stage)):
                        yield section
    if proxies:
        installed_proxies = _installed_proxies(facts)
        with tempfile.TemporaryDirectory(prefix="lambdascope-bench-") as folder:
            bounds = {"rounds": options.rounds, "huge": options.huge}
            async with set_proxy_stage(Path(folder), installed_proxies, **bounds) as stage:
                for name in proxies:
                    for section in await _measured(name, PROXIES[name](stage)):
                        yield section
    if history:
        CACHE.mkdir(exist_ok=True)
        # On the disk of the repository: the temporary directory may be in memory.
        with tempfile.TemporaryDirectory(prefix="run-", dir=CACHE) as folder:
            stage = _history_stage(options, Path(folder))
            for name in history:
                for section in await _measured(name, HISTORY[name](stage)):
                    yield section
    if monitor:
        installed = _installed(PEERS, facts)
        with tempfile.TemporaryDirectory(prefix="lambdascope-bench-") as folder:
            async with set_monitor_stage(Path(folder), installed, rounds=options.rounds) as stage:
                for name in monitor:
                    for section in await _measured(name, MONITOR[name](stage)):
                        yield section


def _installed_proxies(facts: dict[str, str]) -> dict[str, Path]:
    installed = _installed(PROXY_PEERS.values(), facts)
    return {name: installed[each] for name, each in PROXY_PEERS.items() if each in installed}


def _history_stage(options: argparse.Namespace, folder: Path) -> HistoryStage:
    return HistoryStage(
        folder=folder,
        cache=CACHE,
        versions=tuple(duckdb_versions()),
        rounds=options.rounds,
        kills=options.kills,
        huge=options.huge,
        scale=options.scale,
    )


def _installed(peers: Iterable[P], facts: dict[str, str]) -> dict[P, Path]:
    """Return the commands of the peers that could be installed, and tell of all."""
    commands: dict[P, Path] = {}
    for each in peers:
        try:
            commands[each] = each.install()
            fact = ", ".join(f"{name} {number}" for name, number in each.versions().items())
        except BenchError as error:
            fact = str(error)
        facts[f"peer {each.package}"] = fact
        print(f"peer {each.package}: {fact}", flush=True)
    return commands


async def _measured(name: str, taking: Awaitable[list[Section]]) -> list[Section]:
    """Return a measurement's sections; one that fails as a whole is a section that says so."""
    try:
        return await taking
    except SUBJECT_FAILURES as error:
        print(f"{name}: {reason(error)}", file=sys.stderr)
        return [Section(title=name, rows=(Row(subject=name, figures={}, remark=reason(error)),))]


if __name__ == "__main__":
    main()

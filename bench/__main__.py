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
from pathlib import Path

from bench import machine, peer
from bench.errors import SUBJECT_FAILURES, BenchError
from bench.figures import Row, Section
from bench.measures import cpu, exactly_once, latency, memory, start_up, throughput
from bench.report import as_data, as_table
from bench.rounds import reason
from bench.stage import Stage, set_stage

MEASURES = {
    "throughput": throughput.measure,
    "cpu": cpu.measure,
    "latency": latency.measure,
    "exactly-once": exactly_once.measure,
    "start-up": start_up.measure,
    "memory": memory.measure,
}


def main() -> None:
    """Run the benchmark."""
    options = _parser().parse_args()
    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        asyncio.run(_run(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--only", choices=list(MEASURES), nargs="+", default=list(MEASURES), help="take only these figures"
    )
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds of throughput and CPU (default 3)")
    parser.add_argument("--slow", action="store_true", help="also call a 65 s function once (four minutes more)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file as well")
    return parser


async def _run(options: argparse.Namespace) -> None:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    loop.add_signal_handler(signal.SIGTERM, task.cancel)  # so that the servers are ended as well
    facts = machine.facts()
    print("\n".join(f"{name}: {fact}" for name, fact in facts.items()))
    peer_command = _installed_peer(facts)
    sections: list[Section] = []
    with tempfile.TemporaryDirectory(prefix="lambdascope-bench-") as folder:
        async with set_stage(Path(folder), peer_command, rounds=options.rounds, slow=options.slow) as stage:
            for name in options.only:
                for section in await _measured(name, stage):
                    sections.append(section)
                    print("\n" + as_table(section), flush=True)
                facts["load average at the end"] = machine.load_average()
                if options.json is not None:  # after each measurement: a run that is stopped keeps what it has
                    options.json.write_text(json.dumps(as_data(facts, sections), indent=2) + "\n")
    print(f"\nload average at the end: {machine.load_average()}")


def _installed_peer(facts: dict[str, str]) -> Path | None:
    try:
        command = peer.install()
        facts["peer"] = ", ".join(f"{name} {number}" for name, number in peer.versions().items())
    except BenchError as error:
        facts["peer"] = str(error)
        command = None
    print(f"peer: {facts['peer']}", flush=True)
    return command


async def _measured(name: str, stage: Stage) -> list[Section]:
    """Return a measurement's sections; one that fails as a whole is a section that says so."""
    try:
        return await MEASURES[name](stage)
    except SUBJECT_FAILURES as error:
        print(f"{name}: {reason(error)}", file=sys.stderr)
        return [Section(title=name, rows=(Row(subject=name, figures={}, remark=reason(error)),))]


if __name__ == "__main__":
    main()

"""Forks the processes that are to be killed, with everything imported already: a round then takes no start-up time.

`python -m bench.history.nursery RECORDER` reads one JSON order a line: `{"start": Part}` is answered with a process id,
`{"wait": id}` with its wait status once it has ended.
"""

import importlib
import json
import os
import signal
import sys
import traceback
from typing import Any, TypeGuard

from bench.history.hasten import hasten
from bench.history.recorders import DUCKDB, LAMBDASCOPE
from bench.history.roles import ROLES, Part

NEEDED = {
    LAMBDASCOPE: (
        "lambdascope_analytics.store.amendments",
        "lambdascope_analytics.store.compaction",
        "lambdascope_analytics.store.spool",
        "duckdb",
    ),
    DUCKDB: ("bench.history.duckdb_file", "pandas"),
}
# What changes the directory, as Python tells its audit hooks: a process can be killed right before each of them.
CHANGES = {"os.rename", "os.remove", "os.link", "os.mkdir", "os.rmdir", "os.truncate"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Steps:
    """Counts a process's changes of files, and kills it right before one of them."""

    def __init__(self, last: int) -> None:
        self.count = 0
        self._last = last

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Hear of an event, as an audit hook."""
        if event in CHANGES or (event == "open" and _writes(arguments[2])):
            self.count += 1
            if self.count == self._last:
                os.kill(os.getpid(), signal.SIGKILL)


def main(recorder: str) -> None:
    """Carry out orders until the input ends."""
    for name in NEEDED.get(recorder, ()):
        importlib.import_module(name)
    hasten()
    for line in sys.stdin:
        order = json.loads(line)
        if "start" in order:
            print(_start(Part(**order["start"])), flush=True)
        else:
            print(os.waitpid(order["wait"], 0)[1], flush=True)


def _start(part: Part) -> int:
    pid = os.fork()
    if pid:
        return pid
    failed = True
    try:
        acks = os.open(part.acks, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        os.dup2(0, 1)
        steps = Steps(part.dies_at_step)
        sys.addaudithook(steps)
        ROLES[part.role](part, acks)
        os.write(acks, f"done {steps.count}\n".encode())
        failed = False
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(failed)  # nothing of the parent's may be closed or flushed


def _writes(flags: object) -> TypeGuard[int]:
    return isinstance(flags, int) and bool(flags & WRITING)


if __name__ == "__main__":
    main(*sys.argv[1:])

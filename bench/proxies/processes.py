"""A proxy's own processes: it and what it started, without the server behind it."""

import contextlib
import os
import sys
from pathlib import Path

from bench.process_cost import memory_mb, tree, with_ended_children_seconds

ECHO = "bench.proxies.echo"
ECHO_STDIO = (sys.executable, "-m", ECHO, "stdio")


def is_upstream(pid: int) -> bool:
    """Whether a process is the echo server; a proxy that only names it on its command line is not."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return words[1:3] == [b"-m", ECHO.encode()]


def upstreams_of(pid: int) -> list[int]:
    """Return the echo servers that a proxy started."""
    return [each for each in tree(pid) if is_upstream(each)]


def own_cpu_seconds(pid: int) -> float:
    """Return the CPU time of a proxy; that of echo servers it started and ended for a call is in it."""
    return sum(with_ended_children_seconds(each) for each in _own(pid))


def own_memory_mb(pid: int) -> float:
    """Return the resident memory of a proxy."""
    total = 0.0
    for each in _own(pid):
        with contextlib.suppress(OSError, StopIteration):  # ended since it was listed
            total += memory_mb(each)
    return total


def pin(pid: int, core: int, upstream_core: int) -> None:
    """Have a proxy run on one core, and the echo servers it started on another."""
    for each in tree(pid):
        chosen = upstream_core if is_upstream(each) else core
        with contextlib.suppress(OSError):
            for thread in Path(f"/proc/{each}/task").iterdir():  # the call takes one thread, not a process
                with contextlib.suppress(OSError):
                    os.sched_setaffinity(int(thread.name), {chosen})


def _own(pid: int) -> list[int]:
    return [each for each in tree(pid) if each == pid or not is_upstream(each)]

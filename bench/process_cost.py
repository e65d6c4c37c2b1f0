"""What a process has cost so far: CPU seconds and memory, read from the Linux kernel."""

import os
import time
from contextlib import suppress
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """Return the user and system CPU time of all threads of a process, ended ones included.

    The process's CPU clock is read (clock_getcpuclockid(3)): /proc/<pid>/stat has the same figure in steps of 10 ms.
    """
    return time.clock_gettime((~pid << 3) | 2)


def tree_cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process, its living descendants, and the ended children they waited for."""
    return sum(with_ended_children_seconds(each) for each in tree(pid))


def with_ended_children_seconds(pid: int) -> float:
    """Return the CPU time of a process and of the ended children it waited for; nothing of one that is gone."""
    with suppress(OSError):
        return cpu_seconds(pid) + _ended_children_seconds(pid)
    return 0.0


def tree(pid: int) -> list[int]:
    """Return a process and its living descendants."""
    children = _children_by_parent()
    found = [pid]
    for each in found:  # grows while it is walked
        found += children.get(each, [])
    return found


def memory_mb(pid: int, field: str = "VmRSS") -> float:
    """Return the resident memory of a process in MB of 1,048,576 bytes; field VmHWM is its peak."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    line = next(line for line in lines if line.startswith(f"{field}:"))
    return int(line.split()[1]) / 1024


def _stat_fields(pid: int | str) -> list[str]:
    """Return /proc/<pid>/stat from the state on: the name before it may hold spaces and brackets."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _ended_children_seconds(pid: int) -> float:
    cutime, cstime = _stat_fields(pid)[13:15]
    return (int(cutime) + int(cstime)) / TICKS_PER_SECOND


def _children_by_parent() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):  # ended while we looked
                found.setdefault(int(_stat_fields(entry.name)[1]), []).append(int(entry.name))
    return found

"""Meters what this process uses of its machine, without the processes it starts for questions and compaction."""

import os
from collections.abc import Iterable
from pathlib import Path

from lambdascope_proxy import names
from lambdascope_proxy.telemetry import metric_table as m
from lambdascope_proxy.telemetry.meters import Labels, Meters

# Linux has it; elsewhere only the most that was ever used is known, which is another figure.
STATM = Path("/proc/self/statm")


def watch_process(meters: Meters) -> None:
    """Has it read whenever metrics are exported."""
    meters.watch(m.PROCESS_CPU_TIME, _cpu_time)
    meters.watch(m.PROCESS_MEMORY_USAGE, _resident)


def _cpu_time() -> Iterable[tuple[float, Labels]]:
    used = os.times()
    return [(used.user, {names.CPU_MODE: "user"}), (used.system, {names.CPU_MODE: "system"})]


def _resident() -> Iterable[tuple[float, Labels]]:
    try:
        pages = int(STATM.read_text(encoding="ascii").split()[1])
    except OSError:
        return []
    return [(pages * os.sysconf("SC_PAGE_SIZE"), {})]

"""What the process uses, held against what the machine itself says of it."""

import mmap
import resource
from pathlib import Path
from typing import Any

import pytest

from lambdascope_proxy.telemetry import process_gauges
from lambdascope_proxy.telemetry.process_gauges import watch_process

CPU, MEMORY = "process.cpu.time", "process.memory.usage"
USER, SYSTEM = (("cpu.mode", "user"),), (("cpu.mode", "system"),)


def test_cpu_time_is_that_of_all_threads_since_the_start_by_mode(metered: Any) -> None:
    watch_process(metered.meters)
    before = resource.getrusage(resource.RUSAGE_SELF)
    read = metered.read()[CPU]
    after = resource.getrusage(resource.RUSAGE_SELF)
    # The one clock counts in hundredths of a second; the kernel divides ticks among the modes by its own lights.
    assert set(read) == {USER, SYSTEM}
    assert before.ru_utime - 0.1 <= read[USER] <= after.ru_utime + 0.1
    assert before.ru_stime - 0.1 <= read[SYSTEM] <= after.ru_stime + 0.1


@pytest.mark.skipif(not process_gauges.STATM.exists(), reason="only Linux tells what a process uses at the moment")
def test_memory_is_what_is_resident_now_and_not_the_most_there_ever_was(metered: Any) -> None:
    watch_process(metered.meters)
    before = metered.read()[MEMORY][()]
    with mmap.mmap(-1, 64 << 20) as held:
        held.write(b"x" * len(held))
        during = metered.read()[MEMORY][()]
    after = metered.read()[MEMORY][()]
    assert 10 << 20 < before < 10 << 30
    assert during - before > 50 << 20
    assert during - after > 50 << 20


def test_where_the_machine_does_not_tell_there_is_no_memory_and_all_else(
    metered: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(process_gauges, "STATM", tmp_path / "statm")
    watch_process(metered.meters)
    assert set(metered.read()) == {CPU}

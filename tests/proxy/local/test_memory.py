"""Peak memory of a child, on the operating system this runs on."""

import subprocess
import sys
from typing import Any

import pytest

from lambdascope_proxy.local.memory import peak_mb

HOLD = "import sys; x = b'x' * {size}; {then}; print('ready', flush=True); sys.stdin.read()"


def peak_of(size: int, then: str) -> float:
    command: list[Any] = [sys.executable, "-c", HOLD.format(size=size, then=then)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdout.readline()
        peak = peak_mb(child.pid)
        child.stdin.close()
    return peak


def test_the_peak_follows_what_the_child_holds_and_ignores_its_parent() -> None:
    """The ballast makes this process larger than the child: a figure inherited at the fork would be above it."""
    ballast = b"x" * 200_000_000
    assert 50 < peak_of(50_000_000, "pass") < 100
    assert len(ballast) == 200_000_000


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps the peak")
def test_a_peak_that_is_over_still_counts() -> None:
    assert peak_of(50_000_000, "del x") > 50


def test_a_process_that_ended_uses_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", "pass"]) as child:
        child.wait(20)
    assert peak_mb(child.pid) == 0.0

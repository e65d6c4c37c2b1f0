"""What the operating system is asked to keep the process of a query from doing."""

import math
import os
import resource
import signal
import sys
import tempfile
import threading
from pathlib import Path
from typing import BinaryIO, Final

from lambdascope_analytics.adhoc.landlock import confine_to

_MEBIBYTE: Final = 1 << 20
# What DuckDB counts is not all there is: stacks, allocators' reserves, Python's values and long strings come on top.
_UNCOUNTED_MB: Final = 1024
_STATM: Final = Path("/proc/self/statm")
_MOST_FILES: Final = 65_536
_CPU_PER_SECOND: Final = 4


def limit_resources(*, memory_mb: int, timeout_s: float) -> None:
    """Bound further memory, processor time and open files; no file grows and no core is dumped."""
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CPU, math.ceil(timeout_s * _CPU_PER_SECOND) + 1)
    # A query over thousands of segments opens them all; the usual soft limit is 1,024.
    _limit(resource.RLIMIT_NOFILE, _MOST_FILES)
    if sys.platform.startswith("linux"):
        # Elsewhere the address space is not what a program uses.
        _limit(resource.RLIMIT_AS, _mapped_bytes() + (memory_mb + _UNCOUNTED_MB) * _MEBIBYTE)


def forbid_processes() -> None:
    """No new process or thread from here on."""
    _limit(resource.RLIMIT_NPROC, 0)


def leave_for_nowhere() -> None:
    """Make the working directory one that no longer exists: in it nothing can be found or made."""
    try:
        nowhere = tempfile.mkdtemp()
    except OSError:
        # No place to write at all, as in a container with a read-only root.
        os.chdir("/")
        return
    os.chdir(nowhere)
    Path(nowhere).rmdir()


def confine(directory: Path) -> None:
    """Leave this process the files below `directory` to read, where the kernel can do that."""
    confine_to(directory)


def die_with(parent: BinaryIO) -> None:
    """Kill this process as soon as the other end of `parent` is closed, as it is when the parent dies."""

    def wait() -> None:
        parent.read(1)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=wait, name="die-with-parent", daemon=True).start()


def _mapped_bytes() -> int:
    """What is mapped already: libraries and what allocators reserve differ by version and machine."""
    return int(_STATM.read_text(encoding="utf-8").split()[0]) * resource.getpagesize()


def _limit(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
    is_floor = kind == resource.RLIMIT_NOFILE
    resource.setrlimit(kind, (bound, hard if is_floor else bound))

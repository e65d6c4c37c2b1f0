"""How much memory a child process has used: its own peak, from the operating system.

`ru_maxrss` would not do: on Linux it begins with the resident size of the process that spawned the child.
"""

import re
import subprocess
import sys
from pathlib import Path

_PEAK = re.compile(rb"VmHWM:\s+(\d+) kB")


def peak_mb(pid: int) -> float:
    """Peak resident memory in MB (2^20 bytes), or 0.0 when the process has ended.

    Linux keeps the peak itself. Elsewhere it is the present size, so that a peak between two looks can be missed.
    """
    if sys.platform != "linux":
        return _present_mb(pid)
    try:
        found = _PEAK.search(Path(f"/proc/{pid}/status").read_bytes())
    except OSError:
        return 0.0
    return int(found[1]) / 1024 if found else 0.0


def _present_mb(pid: int) -> float:
    asked = subprocess.run(["/bin/ps", "-o", "rss=", "-p", str(pid)], capture_output=True, check=False)
    return int(asked.stdout or b"0") / 1024

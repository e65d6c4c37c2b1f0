"""The benchmark's account: the local AWS with 200 functions and their past, in a process of its own.

`python -m bench.monitor.account NOW_MS` prints its port and ends with its standard input. No function runs.
"""

import sys
import tempfile
from pathlib import Path

from bench.monitor import past
from lambdascope_proxy.local import LocalAws, LocalFunction


def functions(code: Path) -> list[LocalFunction]:
    """Return the functions, whose code nobody calls."""
    orders = LocalFunction(
        name=past.FUNCTION, code=code, memory_mb=past.MEMORY_MB, timeout_s=past.TIMEOUT_S, description="Takes orders."
    )
    return [orders, *(LocalFunction(name=name, code=code, memory_mb=past.FLEET_MEMORY_MB) for name in past.FLEET)]


def main() -> None:
    """Serve until standard input ends."""
    with tempfile.TemporaryDirectory() as folder, LocalAws(functions(Path(folder))) as aws:
        past.lay(aws.journal, int(sys.argv[1]))
        print(aws.endpoint_url.rpartition(":")[2], flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()

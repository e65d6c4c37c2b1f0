"""The hand that starts and waits for the nursery's processes."""

import json
import os
import select
import subprocess
import sys
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Self

from bench.child import ROOT
from bench.errors import NotRunningError
from bench.history.roles import Part

PATIENCE_S = 60.0


class Forks:
    """A nursery for a recorder while the block lasts; its standard error, and that of what it forks, goes to a file."""

    def __init__(self, errors: Path, name: str) -> None:
        self.errors = errors
        with errors.open("ab") as sink:
            self._nursery = subprocess.Popen(
                [sys.executable, "-m", "bench.history.nursery", name],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=sink,
                cwd=ROOT,
            )

    def start(self, part: Part) -> int:
        """Fork a process for a part; return its id."""
        return self._ask({"start": asdict(part)})

    def wait(self, pid: int) -> int:
        """Return the wait status of a process that has ended."""
        return self._ask({"wait": pid})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._nursery:
            assert self._nursery.stdin is not None
            self._nursery.stdin.close()
            try:
                self._nursery.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                self._nursery.kill()

    def _ask(self, order: dict[str, object]) -> int:
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        self._nursery.stdin.write(json.dumps(order).encode() + b"\n")
        self._nursery.stdin.flush()
        # Every order has one line for an answer, so that none waits in the buffer behind the descriptor.
        if not select.select([self._nursery.stdout], [], [], PATIENCE_S)[0]:
            raise NotRunningError(f"the nursery does not answer {order}")
        answer = self._nursery.stdout.readline()
        if not answer:
            raise NotRunningError(f"the nursery has ended; see {self.errors}")
        return int(answer)


@contextmanager
def end_notices(pids: Iterable[int]) -> Generator[Callable[[float], list[int]]]:
    """Give a function that waits some seconds for processes to end, and returns those that did."""
    descriptors = {os.pidfd_open(pid): pid for pid in pids}
    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, select.POLLIN)

    def ended(timeout_s: float) -> list[int]:
        found = [descriptor for descriptor, _ in poll.poll(timeout_s * 1000)]
        for descriptor in found:
            poll.unregister(descriptor)
        return [descriptors[descriptor] for descriptor in found]

    try:
        yield ended
    finally:
        for descriptor in descriptors:
            os.close(descriptor)

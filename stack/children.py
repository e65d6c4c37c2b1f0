"""Processes of the stack: started with a log of their own, awaited until they answer, ended when their block ends."""

import os
import socket
import subprocess
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Final

from stack.errors import NotRunningError

READY_S: Final = 60.0
END_S: Final = 20.0
LOOPBACK: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A process and the file that holds what it said."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path

    def last_words(self) -> str:
        """The end of its log, for a message to people."""
        return "\n".join(self.log.read_text(errors="replace").strip().splitlines()[-8:]) or "it said nothing"

    def await_answer(self, port: int, path: str) -> None:
        """Waits until this path answers 200.

        Raises: NotRunningError.
        """
        deadline = time.monotonic() + READY_S
        while not _answers(port, path):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise NotRunningError(f"{self.name} did not become ready:\n{self.last_words()}")
            time.sleep(0.1)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


def bare_environment() -> dict[str, str]:
    """What every program needs, and none of the settings of whoever runs this."""
    return {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}


@contextmanager
def running(name: str, command: Sequence[str], log: Path, environment: Mapping[str, str]) -> Generator[Child]:
    """Runs a command while the block lasts, with only this environment and the path to programs."""
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command,
            env={**bare_environment(), **environment},
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            # Ctrl-C goes to the whole group of a terminal: they are to be ended by us, in order.
            start_new_session=True,
        )
    try:
        yield Child(name=name, process=process, log=log)
    finally:
        end(process)


def end(process: "subprocess.Popen[Any]") -> None:
    """Asks it to end, and makes it."""
    process.terminate()
    try:
        process.wait(timeout=END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _answers(port: int, path: str) -> bool:
    connection = HTTPConnection(LOOPBACK, port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()

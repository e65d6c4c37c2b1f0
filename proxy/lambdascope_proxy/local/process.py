"""One child process that runs a function's code: spawned, watched against its limits, and never left behind."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from lambdascope_proxy.local.memory import peak_mb
from lambdascope_proxy.local.runtime_api import Event, RuntimeApi, Said

BOOTSTRAP_COMMAND = (sys.executable, "-u", "-B", "-X", "utf8", str(Path(__file__).with_name("bootstrap.py")))
# `ps` is a process of its own, /proc is a read.
_WATCH_S = 0.02 if sys.platform == "linux" else 0.1


class Ending(Enum):
    """How a stretch of work (an init phase, an invocation) ended."""

    DONE = "done"
    ERROR = "error"
    TOO_LARGE = "response too large"
    TIMEOUT = "timeout"
    EXIT = "exit"
    OUT_OF_MEMORY = "out of memory"

    @property
    def is_fatal(self) -> bool:
        """Whether the process is of no more use."""
        return self in {Ending.TIMEOUT, Ending.EXIT, Ending.OUT_OF_MEMORY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The end of a stretch of work: `payload` is what the runtime handed back, `exit_reason` why it could not."""

    ending: Ending
    elapsed_ms: float
    payload: bytes = b""
    exit_reason: str = ""


_ENDINGS = {
    Said.READY: Ending.DONE,
    Said.RESPONSE: Ending.DONE,
    Said.ERROR: Ending.ERROR,
    Said.INIT_ERROR: Ending.ERROR,
    Said.TOO_LARGE: Ending.TOO_LARGE,
}


class RuntimeProcess:
    """A child process, its Runtime API, and its limits."""

    def __init__(
        self, *, command: Sequence[str], code: Path, env: Mapping[str, str], log_fd: int, memory_mb: int
    ) -> None:
        self.peak_mb = 0.0
        self._memory_mb = memory_mb
        self._started_s = time.perf_counter()
        self._api = RuntimeApi()
        self._lifeline = -1
        self._killed = False
        try:
            self._process = self._spawn(command, code, env, log_fd)
        except BaseException:
            self._release()
            raise

    def _spawn(
        self, command: Sequence[str], code: Path, env: Mapping[str, str], log_fd: int
    ) -> subprocess.Popen[bytes]:
        child_end, self._lifeline = os.pipe()
        more = {"AWS_LAMBDA_RUNTIME_API": self._api.address, "_LOCAL_AWS_LIFELINE_FD": str(child_end)}
        try:
            return subprocess.Popen(
                [*command, env["_HANDLER"]],
                cwd=code,
                env={**env, **more},
                stdin=subprocess.DEVNULL,
                stdout=log_fd,
                stderr=log_fd,
                pass_fds=(child_end,),
                start_new_session=True,
            )
        finally:
            os.close(child_end)

    def init(self, timeout_s: float) -> Ended:
        """Wait for the end of the init phase, which began with the process."""
        return self._watch(self._started_s, timeout_s, {Said.READY, Said.INIT_ERROR})

    def run(self, event: Event, timeout_s: float) -> Ended:
        """Run one invocation to its end."""
        started_s = time.perf_counter()
        self._api.put(event)
        return self._watch(started_s, timeout_s, {Said.RESPONSE, Said.ERROR, Said.TOO_LARGE})

    def _watch(self, started_s: float, timeout_s: float, awaited: set[Said]) -> Ended:
        while True:
            left_s = started_s + timeout_s - time.perf_counter()
            heard = self._api.hear(max(0.0, min(_WATCH_S, left_s)))
            said, body = heard or (None, b"")
            exited = self._has_exited(said)
            elapsed_ms = (time.perf_counter() - started_s) * 1000
            self.peak_mb = max(self.peak_mb, peak_mb(self._process.pid))
            if self.peak_mb > self._memory_mb:
                return Ended(ending=Ending.OUT_OF_MEMORY, elapsed_ms=elapsed_ms)
            if said in awaited:
                return Ended(ending=_ENDINGS[said], elapsed_ms=elapsed_ms, payload=body)
            if exited and said in {None, Said.HUNG_UP}:  # not before everything it said was heard
                return Ended(ending=Ending.EXIT, elapsed_ms=elapsed_ms, exit_reason=self._exit_reason())
            if left_s <= 0:
                return Ended(ending=Ending.TIMEOUT, elapsed_ms=timeout_s * 1000)

    def _has_exited(self, said: Said | None) -> bool:
        if said is Said.HUNG_UP:  # most likely it is just exiting
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_WATCH_S)
        return self._process.poll() is not None

    @property
    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def _exit_reason(self) -> str:
        code = self._process.wait()
        if code == 0:
            return "Runtime exited without providing a reason"
        if code > 0:
            return f"Runtime exited with error: exit status {code}"
        return f"Runtime exited with error: signal: {(signal.strsignal(-code) or str(-code)).lower()}"

    def kill(self) -> None:
        """End the process and every process of its group, at once and for good; may be called twice."""
        if not self._killed:  # once, because the number of an ended group may come back as another's
            self._killed = True
            with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS denies a group of zombies
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def close(self) -> None:
        """Kill, and give back what the process held."""
        self.kill()
        self._release()

    def _release(self) -> None:
        self._api.close()
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1

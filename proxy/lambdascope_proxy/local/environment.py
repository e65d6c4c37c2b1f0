"""One execution environment of one function version: init, invocations one at a time, limits, and its log.

As on AWS, a failed init is tried once more inside the invocation. An environment whose process ended (timeout, exit,
out of memory) is thrown away; AWS would reset it and keep the log stream.
"""

import math
import os
import re
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lambdascope_proxy.local.failures import Failure, failure_of
from lambdascope_proxy.local.logs import InvocationRecord, Journal, LogPipe, LogStream
from lambdascope_proxy.local.model import LocalFunction
from lambdascope_proxy.local.process import BOOTSTRAP_COMMAND, Ended, Ending, RuntimeProcess
from lambdascope_proxy.local.reports import JsonLines, Lines, Report, TextLines
from lambdascope_proxy.local.runtime_api import Event

INIT_TIMEOUT_S = 10.0
_SAMPLED = re.compile(r"Root=(1-[0-9a-f]{8}-[0-9a-f]{24}).*\bSampled=1\b")


class EnvironmentClosedError(Exception):
    """The environment was closed before it could run the invocation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """What one attempt came to: the payload for the caller, how the function failed, and the tail of its log."""

    payload: bytes
    failure: Failure | None
    log_tail: bytes
    report: Report


class Environment:
    """An execution environment; `invoke` is serial, `close` may come from any thread."""

    def __init__(
        self,
        function: LocalFunction,
        version: str,
        journal: Journal,
        *,
        aws_env: Mapping[str, str],
        command: Sequence[str] = BOOTSTRAP_COMMAND,
        init_timeout_s: float = INIT_TIMEOUT_S,
    ) -> None:
        self.function = function
        self.version = version
        self._command = command
        self._init_timeout_s = init_timeout_s
        self._journal = journal
        self._region = aws_env["AWS_REGION"]
        self._stream = LogStream(journal, function.group, _stream_name(function, version))
        self._env = {**function.environment, **aws_env, **_runtime_env(function, version, self._stream)}
        self._lines: Lines = JsonLines() if function.log_format == "JSON" else TextLines()
        self._pipe = LogPipe(self._stream.write)
        self._process: RuntimeProcess | None = None
        self._busy = threading.Lock()
        self._state = threading.Lock()
        self._closed = False
        self._is_released = False

    @property
    def is_reusable(self) -> bool:
        """Whether another invocation may be sent here."""
        return not self._closed and self._process is not None and self._process.is_alive

    def invoke(self, event: Event, qualifier: str | None = None) -> Execution:
        """Run one invocation. Raises: EnvironmentClosedError, if `close` came first."""
        with self._busy:
            if self._closed:
                raise EnvironmentClosedError
            started_ms = time.time_ns() // 1_000_000
            init, init_ms, spent_ms = self._initialised()
            self._say(self._lines.start(event.request_id, event.arn, self.version))
            is_ready = init.ending is Ending.DONE
            ended = self._run(event, spent_ms) if is_ready else init
            self._pipe.drain()
            execution = self._conclude(event, ended, init_ms, in_init=not is_ready)
            self._journal.add_invocation(self._record(started_ms, qualifier, execution))
            return execution

    def _initialised(self) -> tuple[Ended, float | None, float]:
        """Make sure there is a process: how that ended, its Init Duration, and what it took of the function's time."""
        if self._process is not None:
            return Ended(ending=Ending.DONE, elapsed_ms=0.0), None, 0.0
        self._say(self._lines.init_start(self._region, self._stream.name))
        first = self._init("init", self._init_timeout_s)
        if first.ending is Ending.DONE:
            return first, first.elapsed_ms, 0.0
        second = self._init("invoke", self.function.timeout_s)
        return second, None, second.elapsed_ms

    def _init(self, phase: str, timeout_s: float) -> Ended:
        process = self._spawn()
        ended = process.init(timeout_s)
        failure = failure_of(ended, "", timeout_s, in_init=True)
        if failure:
            process.kill()
        # What it printed while it loaded comes before any line of the platform.
        self._pipe.drain()
        if failure:
            is_timeout = failure.status == "timeout"
            error_type = None if is_timeout else failure.error_type
            self._say(
                self._lines.init_failed(ended.elapsed_ms, phase, "timeout" if is_timeout else "error", error_type)
            )
        return ended

    def _spawn(self) -> RuntimeProcess:
        with self._state:
            if self._closed:
                raise EnvironmentClosedError
            if self._process is not None:
                self._process.close()
            self._process = RuntimeProcess(
                command=self._command,
                code=self.function.code_of(self.version),
                env=self._env,
                log_fd=self._pipe.write_fd,
                memory_mb=self.function.memory_mb,
            )
            return self._process

    def _run(self, event: Event, spent_ms: float) -> Ended:
        assert self._process is not None
        left_s = self.function.timeout_s - spent_ms / 1000
        deadline_ms = int((time.time() + left_s) * 1000)
        self._journal.count_execution(self.function.name)
        ended = self._process.run(replace(event, deadline_ms=deadline_ms), left_s)
        if ended.ending.is_fatal:
            self._process.kill()
        return replace(ended, elapsed_ms=ended.elapsed_ms + spent_ms)

    def _conclude(self, event: Event, ended: Ended, init_ms: float | None, *, in_init: bool) -> Execution:
        failure = failure_of(ended, event.request_id, self.function.timeout_s, in_init=in_init)
        if failure and failure.message:
            self._say(self._lines.died(event.request_id, failure.message, failure.error_type))
        self._say(self._lines.end(event.request_id))
        report = self._report(event, ended.elapsed_ms, init_ms, failure)
        self._say(self._lines.report(report))
        return Execution(
            payload=failure.payload if failure else ended.payload,
            failure=failure,
            log_tail=self._stream.take_tail(),
            report=report,
        )

    def _report(self, event: Event, elapsed_ms: float, init_ms: float | None, failure: Failure | None) -> Report:
        assert self._process is not None
        sampled = _SAMPLED.search(event.trace_id)
        return Report(
            request_id=event.request_id,
            duration_ms=round(elapsed_ms, 2),
            init_ms=None if init_ms is None else round(init_ms, 2),
            memory_mb=self.function.memory_mb,
            max_memory_mb=min(math.ceil(self._process.peak_mb), self.function.memory_mb),
            status=failure.status if failure else "success",
            error_type=failure.error_type if failure and failure.status == "failure" else None,
            trace_id=sampled[1] if sampled else None,
            segment_id=uuid.uuid4().hex[:16] if sampled else None,
        )

    def _record(self, started_ms: int, qualifier: str | None, execution: Execution) -> InvocationRecord:
        report = execution.report
        return InvocationRecord(
            started_ms=started_ms,
            function_name=self.function.name,
            qualifier=qualifier,
            version=self.version,
            request_id=report.request_id,
            outcome=report.status,
            error_type=execution.failure.error_type if execution.failure else None,
            duration_ms=report.duration_ms,
            billed_ms=report.billed_ms,
            init_ms=report.init_ms,
            memory_mb=report.memory_mb,
            max_memory_mb=report.max_memory_mb,
        )

    def _say(self, line: str | None) -> None:
        if line is not None:
            self._stream.write(line)

    def close(self) -> None:
        """Kill whatever runs and give everything back; an invocation under way ends with Runtime.ExitError.

        May be called twice: whoever closes the fleet and whoever ran the last invocation both do.
        """
        with self._state:
            self._closed = True
            if self._process is not None:
                self._process.kill()
        with self._busy:
            if self._is_released:
                return
            self._is_released = True
            if self._process is not None:
                self._process.close()
            self._pipe.close()


def _stream_name(function: LocalFunction, version: str) -> str:
    day = time.strftime("%Y/%m/%d", time.gmtime())
    owner = function.name if function.log_group else ""
    return f"{day}/{owner}[{version}]{uuid.uuid4().hex}"


def _runtime_env(function: LocalFunction, version: str, stream: LogStream) -> dict[str, str]:
    return {
        "_HANDLER": function.handler,
        "LAMBDA_TASK_ROOT": str(function.code_of(version).resolve()),
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_FORMAT": function.log_format,
        "AWS_LAMBDA_LOG_GROUP_NAME": stream.group,
        "AWS_LAMBDA_LOG_STREAM_NAME": stream.name,
        "LANG": "C.UTF-8",
        "PATH": os.environ.get("PATH", os.defpath),
        "TZ": ":UTC",
    }

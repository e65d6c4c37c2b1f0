"""The lines the platform adds to a function's log, as text or as platform.* records."""

import hashlib
import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

_RUNTIME_VERSION = f"python:{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}"
_RUNTIME_HASH = hashlib.sha256(sys.version.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the platform says about one execution; durations have two decimals, as they are printed."""

    request_id: str
    duration_ms: float
    memory_mb: int
    max_memory_mb: int
    init_ms: float | None = None
    status: str = "success"  # success | error | failure | timeout
    error_type: str | None = None
    trace_id: str | None = None  # of a sampled trace
    segment_id: str | None = None

    @property
    def billed_ms(self) -> int:
        """The duration with the init phase, rounded up once; in whole hundredths, which is exact."""
        hundredths = round(self.duration_ms * 100) + round((self.init_ms or 0.0) * 100)
        return -(-hundredths // 100)


class Lines(Protocol):
    """The log lines of one format."""

    def init_start(self, region: str, stream: str) -> str: ...
    def init_failed(self, elapsed_ms: float, phase: str, status: str, error_type: str | None) -> str: ...
    def start(self, request_id: str, arn: str, version: str) -> str: ...
    def died(self, request_id: str, message: str, error_type: str) -> str | None: ...
    def end(self, request_id: str) -> str | None: ...
    def report(self, report: Report) -> str: ...


class TextLines:
    """The classic format."""

    def init_start(self, region: str, stream: str) -> str:
        """The line at the start of an environment; the runtime is the interpreter that really runs."""
        arn = f"arn:aws:lambda:{region}::runtime:{_RUNTIME_HASH}"
        return f"INIT_START Runtime Version: {_RUNTIME_VERSION}\tRuntime Version ARN: {arn}"

    def init_failed(self, elapsed_ms: float, phase: str, status: str, error_type: str | None) -> str:
        """The line of a failed init phase."""
        fields = [f"Init Duration: {elapsed_ms:.2f} ms", f"Phase: {phase}", f"Status: {status}"]
        return "INIT_REPORT " + "\t".join([*fields, *([f"Error Type: {error_type}"] if error_type else [])])

    def start(self, request_id: str, arn: str, version: str) -> str:
        """The line before an execution."""
        return f"START RequestId: {request_id} Version: {version}"

    def died(self, request_id: str, message: str, error_type: str) -> str | None:
        """The line about an execution that the platform ended, or that ended its process."""
        if error_type == "Sandbox.Timedout":
            return f"{_now()} {request_id} {message}"
        return f"RequestId: {request_id} Error: {message}\n{error_type}"

    def end(self, request_id: str) -> str | None:
        """The line after an execution."""
        return f"END RequestId: {request_id}"

    def report(self, report: Report) -> str:
        """The REPORT line."""
        fields = [
            f"REPORT RequestId: {report.request_id}",
            f"Duration: {report.duration_ms:.2f} ms",
            f"Billed Duration: {report.billed_ms} ms",
            f"Memory Size: {report.memory_mb} MB",
            f"Max Memory Used: {report.max_memory_mb} MB",
        ]
        if report.init_ms is not None:
            fields.append(f"Init Duration: {report.init_ms:.2f} ms")
        if report.status in {"failure", "timeout"}:  # an exception that the runtime handed back leaves no mark here
            fields.append(f"Status: {report.status.replace('failure', 'error')}")
        if report.error_type:
            fields.append(f"Error Type: {report.error_type}")
        line = "\t".join(fields) + "\t"
        if report.trace_id:
            line += f"\nXRAY TraceId: {report.trace_id}\tSegmentId: {report.segment_id}\tSampled: true\t"
        return line


class JsonLines:
    """LogFormat=JSON, with the records that the default system log level lets through."""

    def init_start(self, region: str, stream: str) -> str:
        """The record at the start of an environment."""
        arn = f"arn:aws:lambda:{region}::runtime:{_RUNTIME_HASH}"
        version = {"runtimeVersion": _RUNTIME_VERSION, "runtimeVersionArn": arn, "instanceId": stream}
        return _record("platform.initStart", {"initializationType": "on-demand", "phase": "init", **version})

    def init_failed(self, elapsed_ms: float, phase: str, status: str, error_type: str | None) -> str:
        """The record of a failed init phase."""
        record: dict[str, Any] = {"initializationType": "on-demand", "phase": phase, "status": status}
        if error_type:
            record["errorType"] = error_type
        return _record("platform.initReport", {**record, "metrics": {"durationMs": round(elapsed_ms, 2)}})

    def start(self, request_id: str, arn: str, version: str) -> str:
        """The record before an execution."""
        return _record("platform.start", {"requestId": request_id, "functionArn": arn, "version": version})

    def died(self, request_id: str, message: str, error_type: str) -> str | None:
        """Only platform.report tells of it."""
        return None

    def end(self, request_id: str) -> str | None:
        """There is no such record."""
        return None

    def report(self, report: Report) -> str:
        """The platform.report record."""
        metrics: dict[str, Any] = {
            "durationMs": round(report.duration_ms, 2),
            "billedDurationMs": report.billed_ms,
            "memorySizeMB": report.memory_mb,
            "maxMemoryUsedMB": report.max_memory_mb,
        }
        if report.init_ms is not None:
            metrics["initDurationMs"] = round(report.init_ms, 2)
        record: dict[str, Any] = {"requestId": report.request_id, "metrics": metrics, "status": report.status}
        if report.error_type:
            record["errorType"] = report.error_type
        if report.trace_id:
            record["tracing"] = {"spanId": report.segment_id, "type": "X-Amzn-Trace-Id", "value": report.trace_id}
        return _record("platform.report", record)


def _record(kind: str, record: dict[str, Any]) -> str:
    return json.dumps({"time": _now(), "type": kind, "record": record}, separators=(",", ":"))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

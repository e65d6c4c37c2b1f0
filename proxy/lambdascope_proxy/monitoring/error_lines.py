"""What one log line says of a failure: uncaught and logged exceptions, timeouts and deaths, in text and JSON. Pure.

It knows what Lambda's Python and Node runtimes and the platform write; any other line says nothing.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any, Final, cast

from lambdascope_proxy.report import Report, parse_report

TIMED_OUT: Final = "Sandbox.Timedout"
LONGEST_LINE: Final = 65_536
LONGEST_STACK: Final = 100

# All repetitions are bounded or of one class: linear time.
_TIMEOUT: Final = re.compile(r"\S{1,40} ([0-9a-fA-F-]{36}) (Task timed out after [\d.]{1,12} seconds)")
_DIED: Final = re.compile(r"RequestId: (\S{1,64}) Error: ([^\n]{0,2000})(?:\n([A-Za-z.]{1,100}))?")
_LOGGED: Final = re.compile(r"\[(?:ERROR|CRITICAL)\]\t\S{1,40}\t(\S{0,64})\t")
_RAISED: Final = re.compile(r"\[ERROR\] ([\w.]{1,200})(?:: |\n|$)")
_NODE: Final = re.compile(
    r"\S{1,40}\t(\S{1,64})\tERROR\t(?:(Invoke Error|Uncaught Exception|Unhandled Promise)[^\t]*\t)?"
)
_CLASS: Final = re.compile(r"([A-Z][\w.]{0,199}|[a-z][\w.]{0,150}\.[A-Z]\w{0,99})(?:: |$)")
_LOGGED_TYPE: Final = "Logged"


class Evidence(IntEnum):
    """How much a line proves and tells of a failed execution; more is greater."""

    LOGGED = 0
    REPORTED = 1
    DIED = 2
    RAISED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorLine:
    """One failure as one line tells it; the request id is None where the line does not name one."""

    request_id: str | None
    error_type: str
    message: str
    stack: tuple[str, ...]
    evidence: Evidence


def read_error_line(text: str, *, is_text_log: bool = False) -> ErrorLine | None:
    """What a log event says of a failure; None when it tells of none.

    In a text log neither runtime nor platform write JSON: what is an error there, the function logged.
    """
    text = text[:LONGEST_LINE].strip("\r\n")
    if text.startswith("{"):
        found = _from_json(text)
        return replace(found, evidence=Evidence.LOGGED) if found and is_text_log else found
    if text.startswith("REPORT "):
        return _from_report(parse_report(text + "\n", None))
    for read in (_from_timeout, _from_death, _from_logged, _from_raised, _from_node):
        if found := read(text):
            return found
    return None


def _from_report(report: Report | None) -> ErrorLine | None:
    if report is None or report.status in (None, "success"):
        return None
    message, error_type = "", report.error_type or "Error"
    if report.timed_out:
        error_type, message = TIMED_OUT, f"Task timed out after {report.duration_ms / 1000:.2f} seconds"
    return ErrorLine(
        request_id=report.request_id, error_type=error_type, message=message, stack=(), evidence=Evidence.REPORTED
    )


def _from_timeout(text: str) -> ErrorLine | None:
    match = _TIMEOUT.match(text)
    if not match:
        return None
    return ErrorLine(request_id=match[1], error_type=TIMED_OUT, message=match[2], stack=(), evidence=Evidence.DIED)


def _from_death(text: str) -> ErrorLine | None:
    match = _DIED.match(text)
    if not match:
        return None
    error_type = match[3] or "Runtime.ExitError"
    return ErrorLine(request_id=match[1], error_type=error_type, message=match[2], stack=(), evidence=Evidence.DIED)


def _from_logged(text: str) -> ErrorLine | None:
    match = _LOGGED.match(text)
    if not match:
        return None
    said, _, trace = text[match.end() :].partition("\n")
    stack = _lines(trace)
    error_type, message = _exception_at_end(stack) or (_LOGGED_TYPE, said)
    return ErrorLine(
        request_id=match[1] or None,
        error_type=error_type,
        message=message or said,
        stack=tuple(stack),
        evidence=Evidence.LOGGED,
    )


def _from_raised(text: str) -> ErrorLine | None:
    match = _RAISED.match(text)
    if not match:
        return None
    heading, traceback, frames = text.partition("\nTraceback (most recent call last):\n")
    message = heading[match.end() :] if heading[match.end(1) :].startswith(":") else ""
    return ErrorLine(
        request_id=None,
        error_type=match[1],
        message=message if traceback else message.strip(),
        stack=tuple(_lines(frames)),
        evidence=Evidence.RAISED,
    )


def _from_node(text: str) -> ErrorLine | None:
    match = _NODE.match(text)
    if not match:
        return None
    rest = text[match.end() :]
    details = _object(rest) if match[2] else None
    if details:
        return _from_details(details, match[1], Evidence.RAISED)
    said, _, trace = rest.partition("\n")
    named = _CLASS.match(said)
    return ErrorLine(
        request_id=match[1],
        error_type=named[1] if named else _LOGGED_TYPE,
        message=said[named.end() :] if named else said,
        stack=tuple(_lines(trace)),
        evidence=Evidence.LOGGED,
    )


def _from_json(text: str) -> ErrorLine | None:
    entry = _object(text)
    if entry is None:
        return None
    kind = entry.get("type")
    if isinstance(kind, str) and kind.startswith("platform."):
        return _from_report(parse_report(text + "\n", None)) if kind == "platform.report" else None
    inner: object = entry.get("message")
    is_nested = isinstance(inner, dict) and "errorType" in inner
    details = cast("dict[str, Any]", inner) if is_nested else entry
    request_id: object = entry.get("requestId") or details.get("requestId")
    evidence = Evidence.RAISED if _is_of_runtime(entry, details) else Evidence.LOGGED
    return _from_details(details, request_id if isinstance(request_id, str) else None, evidence)


def _is_of_runtime(entry: Mapping[str, Any], details: Mapping[str, Any]) -> bool:
    """Whether the runtime wrote it of an uncaught exception, as far as its form tells.

    Python's logging names its logger, and the runtime none; a function's own line rarely has a stack and an id.
    """
    if "logger" in entry or entry.get("level", "ERROR") not in ("ERROR", "FATAL"):
        return False
    return "requestId" in entry and any(isinstance(details.get(key), list | str) for key in ("stackTrace", "stack"))


def _from_details(details: Mapping[str, Any], request_id: str | None, evidence: Evidence) -> ErrorLine | None:
    error_type: object = details.get("errorType")
    if not isinstance(error_type, str) or not error_type:
        return None
    message: object = details.get("errorMessage") or details.get("message") or ""
    stack: object = details.get("stackTrace") or details.get("stack") or details.get("trace") or []
    entries = cast("list[object]", stack) if isinstance(stack, list) else str(stack).split("\n")
    return ErrorLine(
        request_id=request_id or None,
        error_type=error_type[:200],
        message=message if isinstance(message, str) else json.dumps(message, ensure_ascii=False),
        stack=tuple(str(entry).rstrip() for entry in entries[:LONGEST_STACK] if str(entry).strip()),
        evidence=evidence,
    )


def _lines(trace: str) -> list[str]:
    """The lines of a stack; the Python runtime indents them with no-break spaces."""
    lines = (line.replace("\N{NO-BREAK SPACE}", " ").rstrip() for line in trace.split("\n"))
    return [line for line in lines if line][:LONGEST_STACK]


def _exception_at_end(stack: list[str]) -> tuple[str, str] | None:
    """The exception that a logged traceback ends with."""
    for line in reversed(stack):
        if not line.startswith(" ") and (named := _CLASS.match(line)):
            return named[1], line[named.end() :]
    return None


def _object(text: str) -> dict[str, Any] | None:
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None

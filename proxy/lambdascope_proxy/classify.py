"""Tells how an Invoke that AWS answered with 200 ended. Pure."""

import json
import re
from dataclasses import dataclass
from typing import Any, cast

from lambdascope_proxy.call import Failure, OutcomeKind
from lambdascope_proxy.report import Report, mentions_timeout

STACK_LINES = 12
MESSAGE_CHARS = 2000
TYPE_CHARS = 200
KILLED = re.compile(r"signal: killed|exit status 137")
SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The outcome of an execution, its failure if it failed, and its result if it is JSON."""

    kind: OutcomeKind
    failure: Failure | None = None
    result: Any = None


def judge(
    *, function_error: str | None, body: bytes, report: Report | None, tail: str, request_id: str | None
) -> Verdict:
    """The verdict on one execution, from the FunctionError header, the response body and the log tail."""
    if function_error:
        return _judge_error(function_error, body, report, tail, request_id)
    if not body:
        return Verdict(kind=OutcomeKind.OK)
    try:
        return Verdict(kind=OutcomeKind.OK, result=_read_json(body))
    except (ValueError, RecursionError):
        shown = body[:200].decode(errors="replace")
        failure = Failure(
            error_type="NonJsonResult",
            message=f"The function ran, but its response of {len(body)} bytes is not JSON. It begins: {shown}",
            hint="The effects of the call stand. The function must return JSON for its result to be read.",
            recorded=f"The function's response of {len(body)} bytes is not JSON.",
        )
        return Verdict(kind=OutcomeKind.TOOL_ERROR, failure=failure)


def _read_json(body: bytes) -> Any:
    """The value of a body. Half a surrogate pair becomes U+FFFD: JSON may hold it, but no answer in UTF-8 can."""
    value = json.loads(body)
    if not SURROGATE.search(body):
        return value
    text = json.dumps(value, ensure_ascii=False)
    return json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def _judge_error(function_error: str, body: bytes, report: Report | None, tail: str, request_id: str | None) -> Verdict:
    details = _details(body)
    error_type = str(details.get("errorType") or function_error)[:TYPE_CHARS]
    message = str(details.get("errorMessage") or "The function failed and said nothing more.")
    kind = _kind(error_type, message, report, mentions_timeout(tail, request_id))
    failure = Failure(
        error_type=error_type, message=message[:MESSAGE_CHARS], hint=_hint(kind, error_type), stack=_stack(details)
    )
    return Verdict(kind=kind, failure=failure)


def _kind(error_type: str, message: str, report: Report | None, says_timeout: bool) -> OutcomeKind:
    if error_type == "Sandbox.Timedout" or (report and report.timed_out) or says_timeout:
        return OutcomeKind.FUNCTION_TIMEOUT
    reported = report.error_type if report else None
    if "Runtime.OutOfMemory" in {error_type, reported}:
        return OutcomeKind.OUT_OF_MEMORY
    is_full = report is not None and (report.max_memory_mb or 0) >= (report.memory_mb or float("inf"))
    if error_type == "Runtime.ExitError" and KILLED.search(message) and is_full:
        return OutcomeKind.OUT_OF_MEMORY
    return OutcomeKind.FUNCTION_ERROR


def _hint(kind: OutcomeKind, error_type: str) -> str:
    if kind is OutcomeKind.FUNCTION_TIMEOUT:
        return "It hit its timeout: its effects may be partial. Ask for less work per call, or raise its timeout."
    if kind is OutcomeKind.OUT_OF_MEMORY:
        return "The function outgrew its memory. Ask for less work per call, or raise its memory size."
    if error_type == "Function.ResponseSizeTooLarge":
        return "The function ran, but its response was over 6 MB. Ask for less, for example a page or a filter."
    if error_type.startswith("Runtime."):
        return "The function did not start or died: its owner must look at its code and package."
    return "The function raised this: correct the payload if it is the cause, otherwise tell the function's owner."


def _details(body: bytes) -> dict[str, Any]:
    try:
        details = _read_json(body)
    except (ValueError, RecursionError):
        return {"errorMessage": body[:MESSAGE_CHARS].decode(errors="replace")}
    return cast("dict[str, Any]", details) if isinstance(details, dict) else {"errorMessage": str(details)}


def _stack(details: dict[str, Any]) -> tuple[str, ...]:
    """The innermost lines of `stackTrace` (Python, Java, .NET) or `trace` (Node), newest call last as they came."""
    lines = details.get("stackTrace") or details.get("trace") or ()
    if not isinstance(lines, list):
        return ()
    texts = [str(line).rstrip() for line in cast("list[object]", lines)]
    return tuple(texts[-STACK_LINES:] if "stackTrace" in details else texts[:STACK_LINES])

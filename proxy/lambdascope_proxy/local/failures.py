"""What a caller and the log are told of each way in which a function can fail: pure."""

import json
from dataclasses import dataclass

from lambdascope_proxy.local.process import Ended, Ending
from lambdascope_proxy.local.runtime_api import MAX_RESPONSE_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A failed init or execution; `message` is None when the function's own runtime said it all."""

    status: str  # error | failure | timeout, as in platform.report
    error_type: str
    payload: bytes
    message: str | None = None


def failure_of(ended: Ended, request_id: str, timeout_s: float, *, in_init: bool) -> Failure | None:
    """The failure an ending means, or None for a success; an exception in init counts as the process's."""
    if ended.ending is Ending.DONE:
        return None
    if ended.ending is Ending.ERROR:
        status = "failure" if in_init else "error"
        return Failure(status=status, error_type=_error_type(ended.payload), payload=ended.payload)
    if ended.ending is Ending.TOO_LARGE:
        message = f"Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} bytes)."
        return Failure(
            status="error",
            error_type="Function.ResponseSizeTooLarge",
            payload=_payload("Function.ResponseSizeTooLarge", message),
        )
    return _death(ended, request_id, timeout_s)


def _death(ended: Ended, request_id: str, timeout_s: float) -> Failure:
    status, error_type, message = {
        Ending.TIMEOUT: ("timeout", "Sandbox.Timedout", f"Task timed out after {timeout_s:.2f} seconds"),
        Ending.OUT_OF_MEMORY: ("failure", "Runtime.OutOfMemory", "Runtime exited with error: signal: killed"),
        Ending.EXIT: ("failure", "Runtime.ExitError", ended.exit_reason),
    }[ended.ending]
    payload = _payload(error_type, f"RequestId: {request_id} Error: {message}")
    return Failure(status=status, error_type=error_type, payload=payload, message=message)


def _payload(error_type: str, message: str) -> bytes:
    return json.dumps({"errorType": error_type, "errorMessage": message}).encode()


def _error_type(payload: bytes) -> str:
    try:
        return str(json.loads(payload)["errorType"])
    except (ValueError, KeyError, TypeError):
        return "Runtime.Unknown"

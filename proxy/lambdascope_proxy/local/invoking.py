"""Invoke and InvokeWithResponseStream: what a request may ask, how it is run, and how the result is told."""

import base64
import json
import re
import struct
import time
import uuid
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from lambdascope_proxy.local.account import Account, Target
from lambdascope_proxy.local.environment import Execution
from lambdascope_proxy.local.errors import AwsError, invalid_parameter
from lambdascope_proxy.local.events import EventQueue
from lambdascope_proxy.local.fleet import Fleet
from lambdascope_proxy.local.runtime_api import Event
from lambdascope_proxy.local.wire import MAX_BODY_BYTES, Answer, Request

MAX_EVENT_BYTES = 1_048_576
MAX_CLIENT_CONTEXT_BYTES = 3_583
_CHUNK = 65_536
_TRACE_ID = re.compile(r"[A-Za-z0-9=;:_.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """A checked request."""

    target: Target
    kind: str  # RequestResponse | Event | DryRun
    wants_tail: bool
    event: Event


class Invoking:
    """The two operations that run functions."""

    def __init__(self, account: Account, fleet: Fleet, queue: EventQueue) -> None:
        self._account = account
        self._fleet = fleet
        self._queue = queue

    def invoke(self, request: Request, reference: str) -> Answer:
        """Invoke."""
        invocation = self._checked(request, reference)
        if invocation.kind == "DryRun":
            return Answer(status=204)
        if invocation.kind == "Event":
            self._enqueue(invocation, reference)
            return Answer(status=202)
        execution = self._fleet.invoke(invocation.target, invocation.event)
        return Answer(body=execution.payload, headers=_headers(invocation, execution))

    def stream(self, request: Request, reference: str) -> Answer:
        """InvokeWithResponseStream: the handlers here return at once, so the frames come together at the end."""
        invocation = self._checked(request, reference)
        if invocation.kind == "Event":
            raise invalid_parameter("InvokeWithResponseStream knows RequestResponse and DryRun")
        if invocation.kind == "DryRun":
            return Answer(status=204)
        execution = self._fleet.invoke(invocation.target, invocation.event)
        headers = {
            "Content-Type": "application/vnd.amazon.eventstream",
            "X-Amz-Executed-Version": invocation.target.version,
            "X-Amzn-Trace-Id": invocation.event.trace_id,
        }
        return Answer(body=_frames(invocation, execution), headers=headers)

    def _enqueue(self, invocation: Invocation, reference: str) -> None:
        qualifier, event = invocation.target.qualifier, invocation.event

        def attempt() -> bool:
            target = self._account.resolve(reference, qualifier)  # a function may be replaced between two attempts
            return self._fleet.invoke(target, event).failure is None

        self._queue.put(attempt, invocation.target.deployment.function.name, qualifier)

    def _checked(self, request: Request, reference: str) -> Invocation:
        target = self._account.resolve(reference, request.query.get("Qualifier"))
        kind = _one_of(request, "x-amz-invocation-type", ("RequestResponse", "Event", "DryRun"))
        event = Event(
            request_id=request.request_id,
            payload=_payload(request.body, MAX_EVENT_BYTES if kind == "Event" else MAX_BODY_BYTES),
            arn=self._account.function_arn(target.deployment.function.name, target.qualifier),
            trace_id=_trace_id(request),
            client_context=_client_context(request) if kind != "Event" else None,
        )
        wants_tail = _one_of(request, "x-amz-log-type", ("None", "Tail")) == "Tail"
        return Invocation(target=target, kind=kind, wants_tail=wants_tail, event=event)


def _one_of(request: Request, header: str, values: tuple[str, ...]) -> str:
    value = request.headers.get(header, values[0])
    if value not in values:
        raise invalid_parameter(f"{header} is one of {', '.join(values)}, not {value!r}")
    return value


def _payload(body: bytes | None, limit: int) -> bytes:
    if body is None or len(body) > limit:
        message = f"Request must be smaller than {limit} bytes for the InvokeFunction operation"
        raise AwsError("RequestTooLargeException", message, 413)
    if not body:
        return b"{}"
    try:
        json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        message = f"Could not parse request body into json: Could not parse payload into json: {error}"
        raise AwsError("InvalidRequestContentException", message) from None
    return body


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _client_context(request: Request) -> str | None:
    given = request.headers.get("x-amz-client-context")
    if given is None:
        return None
    try:
        if len(given) > MAX_CLIENT_CONTEXT_BYTES:
            raise ValueError(f"more than {MAX_CLIENT_CONTEXT_BYTES} bytes")
        value = json.loads(base64.b64decode(given, validate=True))
        if not isinstance(value, dict):
            raise ValueError("not an object")
    except ValueError as error:
        raise AwsError("InvalidRequestContentException", f"Client context must be a JSON object: {error}") from None
    return json.dumps(value)  # ASCII, as a header must be


def _trace_id(request: Request) -> str:
    given = request.headers.get("x-amzn-trace-id", "")
    if _TRACE_ID.fullmatch(given):
        return given
    unique = uuid.uuid4().hex
    return f"Root=1-{int(time.time()):08x}-{unique[:24]};Parent={uuid.uuid4().hex[:16]};Sampled=0"


def _headers(invocation: Invocation, execution: Execution) -> Mapping[str, str]:
    headers = {
        "Content-Type": "application/json",
        "X-Amz-Executed-Version": invocation.target.version,
        "X-Amzn-Trace-Id": invocation.event.trace_id,
    }
    if execution.failure:
        headers["X-Amz-Function-Error"] = "Unhandled"
    if invocation.wants_tail:
        headers["X-Amz-Log-Result"] = base64.b64encode(execution.log_tail).decode()
    return headers


def _frames(invocation: Invocation, execution: Execution) -> bytes:
    complete: dict[str, str] = {}
    if execution.failure:
        complete = {
            "ErrorCode": execution.failure.error_type,
            "ErrorDetails": execution.payload.decode(errors="replace"),
        }
    if invocation.wants_tail:
        complete["LogResult"] = base64.b64encode(execution.log_tail).decode()
    payload = b"" if execution.failure else execution.payload
    frames = [
        _frame("PayloadChunk", "application/octet-stream", payload[start : start + _CHUNK])
        for start in range(0, len(payload), _CHUNK)
    ]
    return b"".join([*frames, _frame("InvokeComplete", "application/json", json.dumps(complete).encode())])


def _frame(event_type: str, content_type: str, payload: bytes) -> bytes:
    """One message of the event stream encoding: lengths, a checksum of them, headers, payload, a checksum of all."""
    named = {":message-type": "event", ":event-type": event_type, ":content-type": content_type}
    headers = b"".join(
        bytes([len(name)]) + name.encode() + b"\x07" + struct.pack(">H", len(value)) + value.encode()
        for name, value in named.items()
    )
    prelude = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    message = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers + payload
    return message + struct.pack(">I", zlib.crc32(message))

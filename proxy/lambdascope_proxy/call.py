"""What crosses the pipeline: a Call going in, an Outcome coming out, and the taxonomy of outcomes."""

import os
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from lambdascope_proxy.cloudwatch.bill import Bill
    from lambdascope_proxy.selection import Function
    from lambdascope_proxy.tool import Tool

InvocationType = Literal["RequestResponse", "Event", "DryRun"]
CostSource = Literal["measured", "logs", "estimated", "configured", "none"]


class OutcomeKind(StrEnum):
    """How a call ended: the one taxonomy of history, spans and metrics."""

    OK = "ok"
    ACCEPTED = "accepted"
    DRY_RUN = "dry_run"
    TOOL_ERROR = "tool_error"
    FUNCTION_ERROR = "function_error"
    FUNCTION_TIMEOUT = "function_timeout"
    OUT_OF_MEMORY = "out_of_memory"
    THROTTLED = "throttled"
    INVALID_ARGUMENTS = "invalid_arguments"
    REFUSED = "refused"
    NOT_FOUND = "not_found"
    ACCESS_DENIED = "access_denied"
    PAYLOAD_TOO_LARGE = "payload_too_large"
    AWS_ERROR = "aws_error"
    TRANSPORT_ERROR = "transport_error"
    CANCELLED = "cancelled"

    @property
    def is_failure(self) -> bool:
        """Whether the caller did not get what was asked for."""
        return self not in SUCCESSES


RANDOM_BYTES = 10
SUCCESSES = frozenset({OutcomeKind.OK, OutcomeKind.ACCEPTED, OutcomeKind.DRY_RUN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks, as far as the transport and the protocol say; `scopes` are those of the caller's access token."""

    transport: str
    protocol_version: str | None = None
    client_name: str | None = None
    client_version: str | None = None
    session_id: str | None = None
    principal: str | None = None
    scopes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What a tool call is aimed at, read leniently from its arguments before they are checked.

    `region` and `account_id` are those that were asked for, None where it was left to us. `upstream_tool` is the name
    that a tool of another MCP server has there.
    """

    target: str = "self"
    upstream_tool: str | None = None
    function_name: str | None = None
    region: str | None = None
    account_id: str | None = None
    qualifier: str | None = None
    invocation_type: InvocationType | None = None
    payload: Any = None
    wants_log: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceIds:
    """The span of what was sent, else of the request: W3C ids in hex; `span_id` is None when no span is recorded."""

    trace_id: str
    span_id: str | None
    traceparent: str
    tracestate: str = ""
    xray: str = ""


class Progress:
    """What a long call says of itself while it runs; a client that asked for progress hears the latest word.

    `bills` has what each question to CloudWatch has cost so far: AWS charges for it even if the call ends without an
    answer. `waited_ms` is how long a person was asked for their approval meanwhile. `was_asked` tells that the other
    server asked this call's client for something, so that the answer may be this client's alone.
    """

    def __init__(self) -> None:
        self.message = ""
        self.waited_ms = 0.0
        self.was_asked = False
        self.bills: dict[str, Bill] = {}

    @property
    def bill(self) -> "Bill | None":
        """What looking has cost by now; None if nothing was asked."""
        bills = [*self.bills.values()]
        return sum(bills[1:], bills[0]) if bills else None


class Client(Protocol):
    """The client's side of a tool call, for what goes back to it before the answer and comes with its request."""

    @property
    def meta(self) -> Mapping[str, Any]:
        """`_meta` of the request as it came."""
        ...

    @property
    def capabilities(self) -> Mapping[str, Any]:
        """What the client said it can do, as on the wire: `elicitation`, `sampling`, `roots`."""
        ...

    @property
    def input_responses(self) -> Mapping[str, Any] | None:
        """Answers to what an earlier `input_required` result asked for (revision 2026-07-28)."""
        ...

    @property
    def request_state(self) -> str | None:
        """The state that such a result gave, handed back."""
        ...

    async def report_progress(self, progress: float, total: float | None, message: str | None) -> None:
        """Tells the client, if it asked for progress; never raises."""
        ...

    async def ask(self, method: str, params: Mapping[str, Any]) -> dict[str, Any] | None:
        """Has the client answer `elicitation/create`, `sampling/createMessage` or `roots/list`.

        Returns its result, or None where its protocol revision has no way to be asked during a call: then an
        `input_required` result asks. Raises CallFailed when the client cannot do that or refused.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One tool call on its way in; steps hand on a changed copy. `client` is None on the command line."""

    call_id: str
    started_at: datetime
    arrived_ns: int
    tool: "Tool"
    arguments: Mapping[str, Any]
    caller: Caller
    aim: Aim
    trace: TraceIds | None = None
    function: "Function | None" = None
    payload: bytes = b""
    progress: Progress = field(default_factory=Progress)
    client: Client | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a call failed: for the model (message, hint, stack) and for counting (error_type).

    `recorded` stands in for the message in the history where the message quotes a payload or a result.
    """

    error_type: str
    message: str
    hint: str = ""
    stack: tuple[str, ...] = ()
    recorded: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RpcError:
    """An error of JSON-RPC as another MCP server sent it."""

    code: int
    message: str
    data: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """What one Invoke, or one call of another MCP server, measured; None is unknown, never zero.

    Times in ms, sizes in bytes or MB. Only an Invoke has a region.

    `throttles` is how many of the attempts Lambda refused for too many at once.
    `sent` and `received` are the payloads themselves, once a request has left; nothing prints them.
    """

    region: str | None = None
    account_id: str | None = None
    architecture: str | None = None
    runtime: str | None = None
    request_id: str | None = None
    executed_version: str | None = None
    attempts: int = 1
    throttles: int = 0
    invoke_ms: float | None = None
    duration_ms: float | None = None
    billed_ms: int | None = None
    init_ms: float | None = None
    restore_ms: float | None = None
    overhead_ms: float | None = None
    cold_start: bool | None = None
    memory_mb: int | None = None
    max_memory_mb: int | None = None
    request_bytes: int | None = None
    response_bytes: int | None = None
    xray_trace_id: str | None = None
    cost_usd: Decimal | None = None
    cost_source: CostSource = "none"
    rates_version: str | None = None
    sent: bytes = field(default=b"", repr=False)
    received: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a call ended and what goes back.

    `text` is what the model reads, `data` the structured part a tool adds (its result), `notes` what the reader
    should know besides (a truncated result, a payload that could not be checked). `bill` is what AWS charges for
    looking, of a tool that looked. `wire` is the result of another MCP server as it came, which goes out unchanged
    but for what `meta` adds to its `_meta`; `rpc_error` is the error it sent instead, which goes out as that.
    """

    kind: OutcomeKind
    text: str = ""
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])
    notes: tuple[str, ...] = ()
    failure: Failure | None = None
    invocation: Invocation | None = None
    log_tail: str | None = None
    trace: TraceIds | None = None
    bill: "Bill | None" = None
    wire: Mapping[str, Any] | None = None
    rpc_error: RpcError | None = None
    meta: Mapping[str, Any] = field(default_factory=dict[str, Any])


def cancelled_outcome(cancelled: BaseException, bill: "Bill | None" = None) -> Outcome:
    """The outcome of a call whose caller went away, with what the target knew of it and looking had cost by then."""
    invocation, trace = getattr(cancelled, "invocation", None), getattr(cancelled, "trace", None)
    return Outcome(kind=OutcomeKind.CANCELLED, invocation=invocation, trace=trace, bill=bill)


Next = Callable[[Call], Awaitable[Outcome]]
Step = Callable[[Call, Next], Awaitable[Outcome]]


class CallIds:
    """Makes UUIDv7 (RFC 9562, section 5.7): they sort by time and hold 74 bits that cannot be guessed."""

    def __init__(self) -> None:
        self._random = b""

    def next(self) -> str:
        """The next id. Randomness is drawn for many ids at once: a system call each would cost more than the rest."""
        if len(self._random) < RANDOM_BYTES:
            self._random = os.urandom(RANDOM_BYTES * 256)
        drawn, self._random = self._random[:RANDOM_BYTES], self._random[RANDOM_BYTES:]
        bits = int.from_bytes(drawn, "big")
        milliseconds = time.time_ns() // 1_000_000
        value = (
            (milliseconds << 80) | (0x7 << 76) | ((bits >> 62 & 0xFFF) << 64) | (0b10 << 62) | (bits & (1 << 62) - 1)
        )
        text = f"{value:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


call_ids = CallIds()


def begin_call(
    tool: "Tool", arguments: Mapping[str, Any], caller: Caller, arrived_ns: int, client: Client | None = None
) -> Call:
    """A call as it arrives; `arrived_ns` is `time.perf_counter_ns()` at that moment."""
    return Call(
        call_id=call_ids.next(),
        started_at=datetime.now(UTC),
        arrived_ns=arrived_ns,
        tool=tool,
        arguments=arguments,
        caller=caller,
        aim=tool.aim(arguments),
        client=client,
    )

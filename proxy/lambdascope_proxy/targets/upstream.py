"""Where a call of another server's tool goes: a request on the session that is open, its result given as it came."""

import asyncio
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

from opentelemetry.trace import get_current_span

from lambdascope_proxy import names
from lambdascope_proxy.call import Call, Client, Failure, Invocation, Outcome, OutcomeKind, RpcError
from lambdascope_proxy.errors import (
    CallFailed,
    ResultTooLarge,
    UpstreamError,
    UpstreamNonsense,
    UpstreamRefused,
)
from lambdascope_proxy.steps.arguments import encode
from lambdascope_proxy.upstreams.asking import INPUT_REQUIRED
from lambdascope_proxy.upstreams.connection import Connection
from lambdascope_proxy.upstreams.exchange import exchange, handed_on
from lambdascope_proxy.upstreams.spec import Upstream

if TYPE_CHECKING:
    from lambdascope_proxy.upstreams.wire.link import Answered, Link

INVALID_PARAMS: Final = -32602
MESSAGE_CHARS: Final = 2000
_ERROR_TYPE: Final = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


@dataclass(slots=True)
class _Attempt:
    """One call on its way, and what is measured of it at any moment."""

    sent: bytes
    cost_usd: Decimal | None
    began: float = field(default_factory=time.perf_counter)

    def asks_first(self) -> None:
        """It is a question, and free: the call that brings the client's answers is priced."""
        self.cost_usd = None if self.cost_usd is None else Decimal(0)

    def unanswered(self) -> Invocation:
        """What is known without an answer; whether it ran, and so cost something, is not."""
        took_ms = round((time.perf_counter() - self.began) * 1000, 3)
        return Invocation(invoke_ms=took_ms, request_bytes=len(self.sent), sent=self.sent)

    def answered(self, size: int | None = None, received: bytes = b"") -> Invocation:
        """What is known with an answer."""
        took_ms = round((time.perf_counter() - self.began) * 1000, 3)
        return Invocation(
            invoke_ms=took_ms,
            request_bytes=len(self.sent),
            response_bytes=size,
            cost_usd=self.cost_usd,
            cost_source="none" if self.cost_usd is None else "configured",
            sent=self.sent,
            received=received,
        )


class UpstreamTarget:
    """Calls the tools of one upstream. With `keeps_payloads` the result is also encoded for the history."""

    def __init__(self, connection: Connection, *, keeps_payloads: bool = False) -> None:
        self._connection = connection
        self._keeps_payloads = keeps_payloads
        self._place = _place(connection.spec)

    async def invoke(self, call: Call) -> Outcome:
        """One `tools/call`, sent again only where the upstream never saw it. Raises CallFailed without an answer."""
        spec = self._connection.spec
        attempt = _Attempt(encode(call.arguments), spec.cost_of(call.aim.upstream_tool or ""))
        try:
            async with asyncio.timeout(spec.timeout_s):
                answered = await self._sent(call)
        except asyncio.CancelledError as cancelled:
            cancelled.invocation = attempt.unanswered()  # pyright: ignore[reportAttributeAccessIssue] -- rides along
            raise
        except UpstreamRefused as refused:
            get_current_span().set_attribute(names.RPC_STATUS_CODE, str(refused.error.code))
            return _refused(refused.error, attempt.answered())
        except (UpstreamError, TimeoutError) as error:
            failed = self._failed(error)
            is_answer = isinstance(error, ResultTooLarge)
            failed.invocation = attempt.answered(error.size) if is_answer else attempt.unanswered()
            raise failed from error
        received = json.dumps(answered.result).encode() if self._keeps_payloads else b""
        if answered.result.get("resultType") == INPUT_REQUIRED:
            attempt.asks_first()
        return _outcome(answered.result, attempt.answered(answered.bytes, received))

    async def _sent(self, call: Call) -> "Answered":
        params = {
            "name": call.aim.upstream_tool,
            "arguments": dict(call.arguments),
            "_meta": handed_on(call.client, call.trace),
        }
        return await exchange(
            self._connection, "tools/call", {**params, **_came_back(call.client)}, call, on_link=self._describe
        )

    def _describe(self, link: "Link") -> None:
        """Adds to the span of what is sent where it goes and what is spoken there."""
        span = get_current_span()
        if span.is_recording():
            known = {**self._place, names.MCP_PROTOCOL_VERSION: link.protocol_version}
            span.set_attributes({**known, **({names.MCP_SESSION_ID: link.session_id} if link.session_id else {})})

    def _failed(self, error: Exception) -> CallFailed:
        name, timeout_s = self._connection.spec.name, self._connection.spec.timeout_s
        if isinstance(error, TimeoutError):
            hint = f"It may still be running. timeout_s under [upstreams.{name}] says how long to wait."
            return _transport("UpstreamTimeout", f"The upstream {name} did not answer within {timeout_s:g} s.", hint)
        if isinstance(error, ResultTooLarge):
            hint = "Ask it for less, or raise LAMBDASCOPE_MAX_UPSTREAM_BYTES."
            return CallFailed(OutcomeKind.PAYLOAD_TOO_LARGE, "ResultTooLarge", str(error), hint)
        if isinstance(error, UpstreamNonsense):
            hint = "Its own log may say why; `lambdascope doctor` tries it."
            return _transport(
                "UpstreamNonsense", f"The upstream {name} gave no answer that can be read: {error}.", hint
            )
        hint = "It may have done its work all the same. The next call opens the session again."
        return _transport("UpstreamGone", f"The upstream {name} went away before it answered: {error}.", hint)


def _place(spec: Upstream) -> dict[str, Any]:
    if not spec.url:
        return {names.NETWORK_TRANSPORT: "pipe"}
    where = urlsplit(spec.url)
    port = where.port or (443 if where.scheme == "https" else 80)
    return {names.NETWORK_TRANSPORT: "tcp", names.SERVER_ADDRESS: where.hostname or "", names.SERVER_PORT: port}


def _came_back(client: Client | None) -> dict[str, Any]:
    """What a newer client sends with a call that it makes again because it was asked something."""
    came = {
        "inputResponses": client.input_responses if client else None,
        "requestState": client.request_state if client else None,
    }
    return {name: value for name, value in came.items() if value is not None}


def _transport(error_type: str, message: str, hint: str) -> CallFailed:
    return CallFailed(OutcomeKind.TRANSPORT_ERROR, error_type, message, hint)


def _refused(error: RpcError, invocation: Invocation) -> Outcome:
    kind = OutcomeKind.INVALID_ARGUMENTS if error.code == INVALID_PARAMS else OutcomeKind.TOOL_ERROR
    failure = Failure(error_type=f"JsonRpc{error.code}", message=error.message[:MESSAGE_CHARS])
    return Outcome(kind=kind, failure=failure, invocation=invocation, rpc_error=error)


def _outcome(result: Mapping[str, Any], invocation: Invocation) -> Outcome:
    if result.get("isError") is not True:
        return Outcome(kind=OutcomeKind.OK, invocation=invocation, wire=result)
    failure = Failure(error_type=_error_type(result), message=_text(result)[:MESSAGE_CHARS])
    return Outcome(kind=OutcomeKind.TOOL_ERROR, failure=failure, invocation=invocation, wire=result)


def _error_type(result: Mapping[str, Any]) -> str:
    structured = result.get("structuredContent")
    told = cast("Mapping[str, Any]", structured).get("error_type") if isinstance(structured, Mapping) else None
    return told if isinstance(told, str) and _ERROR_TYPE.fullmatch(told) else "ToolError"


def _text(result: Mapping[str, Any]) -> str:
    content = result.get("content")
    blocks = cast("list[Any]", content) if isinstance(content, list) else []
    mappings = [cast("Mapping[str, Any]", block) for block in blocks if isinstance(block, Mapping)]
    texts = [text for block in mappings if isinstance(text := block.get("text"), str)]
    return "\n".join(texts) or "The tool failed without a word."

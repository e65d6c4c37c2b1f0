"""Where a Lambda call goes: one Invoke, retried only on throttles, measured and priced from its own log tail."""

import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import anyio

from lambdascope_analytics.pricing import load_rates
from lambdascope_proxy.aws import Clients
from lambdascope_proxy.aws_failures import failure_of, throttle_delay_s
from lambdascope_proxy.call import Call, Invocation, Outcome, OutcomeKind
from lambdascope_proxy.classify import judge
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.measure import with_price, with_report
from lambdascope_proxy.propagation import client_context, sending
from lambdascope_proxy.report import decode_tail, parse_report
from lambdascope_proxy.selection import Function
from lambdascope_proxy.threads import Threads

if TYPE_CHECKING:
    from mypy_boto3_lambda.type_defs import InvocationResponseTypeDef

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 5.0


@dataclass(slots=True)
class Attempts:
    """How often one call was sent, when first, and how long it has waited between."""

    count: int = 0
    began: float | None = None
    waited_s: float = 0.0

    def begin(self) -> None:
        """Notes that a request is about to leave."""
        self.count += 1
        self.began = self.began or time.perf_counter()

    def pause_s(self, asked_s: float) -> float:
        """Exponential backoff with jitter, at least as long as AWS asked for."""
        backoff = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (self.count - 1))
        return max(asked_s, random.uniform(backoff / 2, backoff))  # noqa: S311 -- jitter needs no secrecy

    def elapsed_ms(self) -> float | None:
        """Time since the first request left, in ms; None when none did."""
        return None if self.began is None else round((time.perf_counter() - self.began) * 1000, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What AWS answered to the last attempt, with the ms since the first."""

    response: "InvocationResponseTypeDef"
    body: bytes
    invoke_ms: float | None


class LambdaTarget:
    """Invokes functions through boto3 in threads; the event loop never waits for AWS."""

    def __init__(
        self,
        clients: Clients,
        threads: Threads,
        *,
        throttle_budget_s: float,
        propagation: str,
        uninstrumented: Callable[[], AbstractContextManager[Any]] = nullcontext,
    ) -> None:
        self._clients = clients
        self._threads = threads
        self._throttle_budget_s = throttle_budget_s
        self._sends_xray = propagation in {"xray", "both"}
        self._sends_w3c = propagation in {"w3c", "both"}
        self._uninstrumented = uninstrumented

    async def invoke(self, call: Call) -> Outcome:
        """Runs the call's function with its payload. Raises CallFailed for what AWS or the network refused."""
        assert call.function is not None, "the policy step resolves the function"
        attempts = Attempts()
        while True:
            try:
                answer = await self._threads.run(lambda: self._send(call, attempts))
                return _outcome(call, call.function, answer, attempts)
            except Exception as error:
                asked_s = throttle_delay_s(error)
                pause_s = 0.0 if asked_s is None else attempts.pause_s(asked_s)
                if asked_s is None or attempts.waited_s + pause_s > self._throttle_budget_s:
                    raise _failed(error, call, call.function, attempts) from error
            attempts.waited_s += pause_s
            await anyio.sleep(pause_s)

    def _send(self, call: Call, attempts: Attempts) -> Answer:
        assert call.function is not None
        client = self._clients.invoker(call.function.timeout_s)
        request = self._request(call, call.function)
        attempts.begin()
        with self._uninstrumented(), sending(call.trace.xray if call.trace and self._sends_xray else ""):
            response = client.invoke(**request)
            body = response["Payload"].read()
        return Answer(response=response, body=body, invoke_ms=attempts.elapsed_ms())

    def _request(self, call: Call, function: Function) -> Any:
        kind = call.aim.invocation_type or "RequestResponse"
        request: dict[str, Any] = {"FunctionName": function.name, "InvocationType": kind, "Payload": call.payload}
        if call.aim.qualifier:
            request["Qualifier"] = call.aim.qualifier
        if kind == "RequestResponse":
            request["LogType"] = "Tail"
            if self._sends_w3c and call.trace and (context := client_context(call.trace)):
                request["ClientContext"] = context
        return request


def _outcome(call: Call, function: Function, answer: Answer, attempts: Attempts) -> Outcome:
    response = answer.response
    invocation = replace(
        _begun(call, function, attempts),
        request_id=response["ResponseMetadata"].get("RequestId"),
        executed_version=response.get("ExecutedVersion"),
        invoke_ms=answer.invoke_ms,
    )
    if invocation.invocation_type == "Event":
        return Outcome(kind=OutcomeKind.ACCEPTED, text="Accepted: the function runs later.", invocation=invocation)
    if invocation.invocation_type == "DryRun":
        return Outcome(kind=OutcomeKind.DRY_RUN, text="This call would be allowed; nothing ran.", invocation=invocation)
    return _executed(function, answer, invocation)


def _executed(function: Function, answer: Answer, invocation: Invocation) -> Outcome:
    tail = decode_tail(answer.response.get("LogResult"))
    report = parse_report(tail, invocation.request_id)
    measured = with_price(with_report(invocation, report), function, load_rates())
    verdict = judge(
        function_error=answer.response.get("FunctionError"),
        body=answer.body,
        report=report,
        tail=tail,
        request_id=invocation.request_id,
    )
    return Outcome(
        kind=verdict.kind,
        text=answer.body.decode(errors="replace"),
        data={"result": verdict.result} if verdict.failure is None else {},
        failure=verdict.failure,
        invocation=replace(measured, response_bytes=len(answer.body)),
        log_tail=tail,
    )


def _begun(call: Call, function: Function, attempts: Attempts) -> Invocation:
    return Invocation(
        region=function.region,
        account_id=function.account_id,
        architecture=function.architecture,
        runtime=function.runtime,
        invocation_type=call.aim.invocation_type or "RequestResponse",
        memory_mb=function.memory_mb,
        request_bytes=len(call.payload),
        attempts=attempts.count,
    )


def _failed(error: Exception, call: Call, function: Function, attempts: Attempts) -> CallFailed:
    failed = failure_of(error, f"invoking {function.name}", function.region)
    failed.invocation = replace(_begun(call, function, attempts), invoke_ms=attempts.elapsed_ms())
    return failed

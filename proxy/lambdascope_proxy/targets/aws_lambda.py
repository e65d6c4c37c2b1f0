"""Where a Lambda call goes: one Invoke, retried only on throttles, measured and priced from its own log tail."""

import asyncio
import random
import time
from dataclasses import dataclass, replace

from opentelemetry.trace import get_current_span

from lambdascope_analytics.errors import PricingError
from lambdascope_analytics.pricing import load_rates
from lambdascope_proxy import names
from lambdascope_proxy.aws.failures import failure_of, throttle_delay_s
from lambdascope_proxy.call import Call, Invocation, Outcome, OutcomeKind
from lambdascope_proxy.classify import judge
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.measure import not_sent, with_price, with_report
from lambdascope_proxy.propagation import client_context
from lambdascope_proxy.report import decode_tail, parse_report
from lambdascope_proxy.selection import Function
from lambdascope_proxy.targets.invoke_http import InvokeHttp, InvokeRequest, InvokeResponse

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 5.0
# A failed init of up to 10 s may be repeated within the invocation, before the function's own time begins.
TIMEOUT_MARGIN_S = 30


@dataclass(slots=True)
class Attempts:
    """How often one call was sent and throttled, since when, and how long it has paused between."""

    began: float
    count: int = 0
    throttles: int = 0
    paused_s: float = 0.0

    def pause_s(self, asked_s: float) -> float:
        """Exponential backoff with jitter, at least as long as AWS asked for."""
        backoff = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (self.count - 1))
        return max(asked_s, random.uniform(backoff / 2, backoff))  # noqa: S311 -- jitter needs no secrecy

    def elapsed_ms(self) -> float:
        """Time since the first attempt, in ms."""
        return round((time.perf_counter() - self.began) * 1000, 3)


class LambdaTarget:
    """Invokes functions; throttles are retried with backoff while `throttle_budget_s` lasts, nothing else is."""

    def __init__(self, http: InvokeHttp, *, throttle_budget_s: float, propagation: str) -> None:
        self._http = http
        self._throttle_budget_s = throttle_budget_s
        self._sends_xray = propagation in {"xray", "both"}
        self._sends_w3c = propagation in {"w3c", "both"}

    async def invoke(self, call: Call) -> Outcome:
        """Runs the call's function with its payload. Raises CallFailed for what AWS or the network refused."""
        function = call.function
        assert function is not None, "the policy step resolves the function"
        attempts = Attempts(began=time.perf_counter())
        try:
            response = await self._send(self._request(call, function), attempts)
        except asyncio.CancelledError as cancelled:
            # Lambda runs on and bills: the steps outside record what is known of it.
            cancelled.invocation = _unanswered(call, function, attempts)  # pyright: ignore[reportAttributeAccessIssue] -- rides along
            raise
        except Exception as error:
            raise _failed(error, call, function, attempts) from error
        return _outcome(call, function, response, attempts)

    async def _send(self, request: InvokeRequest, attempts: Attempts) -> InvokeResponse:
        """The answer to a request; raises what the last attempt raised when there may be no other."""
        while True:
            attempts.count += 1
            try:
                return await self._http.invoke(request)
            except Exception as error:
                asked_s = throttle_delay_s(error)
                pause_s = 0.0 if asked_s is None else attempts.pause_s(asked_s)
                if asked_s is None or attempts.paused_s + pause_s > self._throttle_budget_s:
                    raise
            attempts.throttles += 1
            attempts.paused_s += pause_s
            told = {names.ATTEMPT: attempts.count, names.PAUSE_S: round(pause_s, 3)}
            get_current_span().add_event(names.RETRY_EVENT, told)
            await asyncio.sleep(pause_s)

    def _request(self, call: Call, function: Function) -> InvokeRequest:
        kind = call.aim.invocation_type or "RequestResponse"
        is_sync, trace = kind == "RequestResponse", call.trace
        return InvokeRequest(
            place=function.place,
            function_name=function.name,
            payload=call.payload,
            invocation_type=kind,
            qualifier=call.aim.qualifier or "",
            wants_tail=is_sync,
            client_context=client_context(trace) if trace and is_sync and self._sends_w3c else "",
            xray_header=trace.xray if trace and self._sends_xray else "",
            # A client that gave up before the function would start it again unseen, or lose its answer.
            read_timeout_s=function.timeout_s + TIMEOUT_MARGIN_S,
        )


def _outcome(call: Call, function: Function, response: InvokeResponse, attempts: Attempts) -> Outcome:
    invocation = replace(
        not_sent(function, len(call.payload)),
        attempts=attempts.count,
        throttles=attempts.throttles,
        sent=call.payload,
        request_id=response.request_id,
        executed_version=response.executed_version,
        invoke_ms=response.elapsed_ms if attempts.count == 1 else attempts.elapsed_ms(),
    )
    if call.aim.invocation_type == "Event":
        return Outcome(kind=OutcomeKind.ACCEPTED, text="Accepted: the function runs later.", invocation=invocation)
    if call.aim.invocation_type == "DryRun":
        return Outcome(kind=OutcomeKind.DRY_RUN, text="This call would be allowed; nothing ran.", invocation=invocation)
    return _executed(function, response, invocation)


def _executed(function: Function, response: InvokeResponse, invocation: Invocation) -> Outcome:
    tail = decode_tail(response.log_result)
    report = parse_report(tail, invocation.request_id)
    measured = _priced(with_report(invocation, report), function)
    verdict = judge(
        function_error=response.function_error,
        body=response.body,
        report=report,
        tail=tail,
        request_id=invocation.request_id,
    )
    return Outcome(
        kind=verdict.kind,
        text=response.body.decode(errors="replace"),
        data={"result": verdict.result} if verdict.failure is None else {},
        failure=verdict.failure,
        invocation=replace(measured, response_bytes=len(response.body), received=response.body),
        log_tail=tail,
    )


def _priced(invocation: Invocation, function: Function) -> Invocation:
    try:
        return with_price(invocation, function, load_rates())
    except PricingError:
        # The function has run: without a table its price is not known, and all else is.
        return invocation


def _failed(error: Exception, call: Call, function: Function, attempts: Attempts) -> CallFailed:
    failed = failure_of(error, f"invoking {function.name}", function.region, may_run_on=True)
    if failed.kind is OutcomeKind.THROTTLED:
        attempts.throttles += 1
    failed.invocation = _unanswered(call, function, attempts)
    return failed


def _unanswered(call: Call, function: Function, attempts: Attempts) -> Invocation:
    return replace(
        not_sent(function, len(call.payload)),
        attempts=attempts.count,
        throttles=attempts.throttles,
        sent=call.payload,
        invoke_ms=attempts.elapsed_ms(),
    )

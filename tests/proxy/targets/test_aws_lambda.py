"""One Lambda call as the wire brings it: answers of every form, throttles, defects, and functions that really run."""

import asyncio
import base64
import json
import threading
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import anyio
import pytest

from lambdascope_analytics.errors import RateTableError
from lambdascope_analytics.pricing import load_rates
from lambdascope_proxy.aws.clients import Clients
from lambdascope_proxy.aws.places import Place, Places
from lambdascope_proxy.call import Call, Invocation, Outcome, OutcomeKind, TraceIds, cancelled_outcome
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.selection import Function
from lambdascope_proxy.targets import aws_lambda
from lambdascope_proxy.targets.aws_lambda import LambdaTarget
from lambdascope_proxy.targets.invoke_http import InvokeHttp, InvokeRequest, InvokeResponse
from lambdascope_proxy.threads import Threads

pytestmark = pytest.mark.anyio
ID = "6f1a-request"
REPORT = (
    f"REPORT RequestId: {ID}\tDuration: 212.40 ms\tBilled Duration: 601 ms\tMemory Size: 256 MB\t"
    "Max Memory Used: 94 MB\tInit Duration: 388.15 ms\t\n"
)
TRACE = TraceIds(
    trace_id="0af7651916cd43dd8448eb211c80319c",
    span_id="00f067aa0ba902b7",
    traceparent="00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01",
    xray="Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=00f067aa0ba902b7;Sampled=1",
)
Sent = Callable[..., Any]


def at_home(clients: Clients) -> Places:
    """Where nothing but home is needed."""
    return Places(clients, lambda place: clients)


@pytest.fixture
async def http(settled_clients: Clients) -> AsyncGenerator[InvokeHttp]:
    made = InvokeHttp(at_home(settled_clients), Threads(2), 8)
    yield made
    await made.aclose()


@pytest.fixture
def send(http: InvokeHttp, call_of: Callable[..., Call], function_of: Callable[..., Function]) -> Sent:
    """Sends one call of a function of 256 MB; further words are arguments of invoke_function."""

    async def invoke(
        payload: bytes = b'{"id":1}', budget_s: float = 0, propagation: str = "none", **arguments: Any
    ) -> Outcome:
        target = LambdaTarget(http, throttle_budget_s=budget_s, propagation=propagation)
        function = function_of(memory_mb=256, runtime="python3.13")
        call = call_of({"function_name": "orders", **arguments}, function=function, payload=payload, trace=TRACE)
        return await target.invoke(call)

    return invoke


async def failing(sending: Any) -> CallFailed:
    with pytest.raises(CallFailed) as failed:
        await sending
    return failed.value


def tail(text: str) -> Mapping[str, str]:
    return {"X-Amz-Log-Result": base64.b64encode(text.encode()).decode(), "X-Amz-Executed-Version": "$LATEST"}


@pytest.mark.usefixtures("in_script")
class TestOverTheWire:
    """Against an AWS that answers by script."""

    async def test_a_call_is_measured_and_priced_from_its_own_log_tail(self, send: Sent, scripted: Any) -> None:
        scripted.will_answer(body=b'{"total":3}', headers=tail(f"START\nhello\nEND\n{REPORT}"))
        outcome = await send()
        assert (outcome.kind, outcome.text, outcome.data) == (OutcomeKind.OK, '{"total":3}', {"result": {"total": 3}})
        assert outcome.log_tail.endswith(REPORT)
        assert outcome.invocation.invoke_ms > 0
        assert replace(outcome.invocation, invoke_ms=None, overhead_ms=None) == Invocation(
            region="us-east-1",
            account_id="123456789012",
            architecture="x86_64",
            runtime="python3.13",
            request_id=ID,
            executed_version="$LATEST",
            attempts=1,
            duration_ms=212.4,
            billed_ms=601,
            init_ms=388.15,
            cold_start=True,
            memory_mb=256,
            max_memory_mb=94,
            request_bytes=8,
            response_bytes=11,
            cost_usd=Decimal("0.000002704172"),  # 0.25 GB x 0.601 s x 0.0000166667 + 0.0000002
            cost_source="measured",
            rates_version=load_rates().version,
            sent=b'{"id":1}',
            received=b'{"total":3}',
        )

    async def test_a_call_that_ran_is_answered_also_where_no_rate_table_can_be_read(
        self, send: Sent, scripted: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def unreadable() -> None:
            raise RateTableError("it is not JSON")

        monkeypatch.setattr("lambdascope_proxy.targets.aws_lambda.load_rates", unreadable)
        scripted.will_answer(body=b'{"total":3}', headers=tail(f"START\nhello\nEND\n{REPORT}"))
        outcome = await send()
        assert (outcome.kind, outcome.invocation.billed_ms) == (OutcomeKind.OK, 601)
        assert (outcome.invocation.cost_usd, outcome.invocation.cost_source) == (None, "none")

    async def test_a_synchronous_request_asks_for_the_tail_and_sends_the_bytes_as_they_are(
        self, send: Sent, scripted: Any
    ) -> None:
        scripted.will_answer()
        await send(payload=b'{ "a" :1}', qualifier="live/1 ü")
        (request,) = scripted.requests
        assert request.body == b'{ "a" :1}'
        assert request.path == "/2015-03-31/functions/orders/invocations?Qualifier=live%2F1%20%C3%BC"
        assert request.headers["x-amz-log-type"] == "Tail"
        assert request.headers["x-amz-invocation-type"] == "RequestResponse"

    @pytest.mark.parametrize(("kind", "outcome"), [("Event", "accepted"), ("DryRun", "dry_run")])
    async def test_a_call_that_runs_later_or_not_at_all_claims_no_run_and_no_price(
        self, send: Sent, scripted: Any, kind: str, outcome: str
    ) -> None:
        scripted.will_answer(status=202, body=b"")
        ended = await send(invocation_type=kind, propagation="both")
        assert (ended.kind.value, ended.data) == (outcome, {})
        invocation = ended.invocation
        assert (invocation.request_id, invocation.attempts) == (ID, 1)
        assert (invocation.billed_ms, invocation.cost_usd, invocation.cost_source) == (None, None, "none")
        headers = scripted.requests[0].headers
        assert "x-amz-log-type" not in headers
        assert "x-amz-client-context" not in headers  # Lambda takes it only with synchronous calls

    @pytest.mark.parametrize(
        ("propagation", "sends_context", "sends_header"),
        [("none", False, False), ("w3c", True, False), ("xray", False, True), ("both", True, True)],
    )
    async def test_the_trace_is_sent_as_the_setting_says(
        self, send: Sent, scripted: Any, propagation: str, sends_context: bool, sends_header: bool
    ) -> None:
        scripted.will_answer()
        await send(propagation=propagation)
        headers = scripted.requests[0].headers
        assert headers.get("x-amzn-trace-id") == (TRACE.xray if sends_header else None)
        context = headers.get("x-amz-client-context")
        assert (context is not None) is sends_context
        if context:
            assert json.loads(base64.b64decode(context))["w3c"] == {"traceparent": TRACE.traceparent}

    async def test_a_function_error_is_an_outcome_with_its_price(self, send: Sent, scripted: Any) -> None:
        body = json.dumps({"errorMessage": "no such order", "errorType": "KeyError", "stackTrace": ["  File app"]})
        scripted.will_answer(body=body.encode(), headers={**tail(REPORT), "X-Amz-Function-Error": "Unhandled"})
        outcome = await send()
        assert (outcome.kind, outcome.failure.error_type) == (OutcomeKind.FUNCTION_ERROR, "KeyError")
        assert outcome.failure.stack == ("  File app",)
        assert (outcome.data, outcome.invocation.cost_source) == ({}, "measured")

    @pytest.mark.parametrize("headers", [{}, tail("START\nhello\nEND\n"), {"X-Amz-Log-Result": "not base64!"}])
    async def test_without_a_report_the_price_is_estimated_and_nothing_is_said_to_be_measured(
        self, send: Sent, scripted: Any, headers: Mapping[str, str]
    ) -> None:
        scripted.will_answer(body=b"1", headers=headers)
        outcome = await send()
        assert outcome.kind is OutcomeKind.OK
        invocation = outcome.invocation
        assert (invocation.duration_ms, invocation.billed_ms, invocation.cold_start) == (None, None, None)
        assert invocation.cost_source == "estimated"
        assert invocation.cost_usd > Decimal("0.0000002")

    async def test_without_a_request_id_no_report_can_be_taken_for_ours(self, send: Sent, scripted: Any) -> None:
        scripted.will_answer(body=b"1", headers=tail(REPORT), request_id=None)
        outcome = await send()
        assert outcome.invocation.request_id is None
        assert outcome.kind is OutcomeKind.OK

    async def test_a_result_that_is_not_json_is_a_tool_error_and_shown_as_far_as_it_can_be(
        self, send: Sent, scripted: Any
    ) -> None:
        scripted.will_answer(body=b"\xffPNG", headers=tail(REPORT))
        outcome = await send()
        assert (outcome.kind, outcome.failure.error_type) == (OutcomeKind.TOOL_ERROR, "NonJsonResult")
        assert outcome.text == "�PNG"
        assert outcome.invocation.cost_source == "measured"  # it ran and is paid for

    @pytest.mark.parametrize(
        ("status", "code", "outcome"),
        [
            (404, "ResourceNotFoundException", "not_found"),
            (403, "AccessDeniedException", "access_denied"),
            (413, "RequestTooLargeException", "payload_too_large"),
            (400, "InvalidRequestContentException", "invalid_arguments"),
            (500, "ServiceException", "aws_error"),
            (502, "EC2ThrottledException", "aws_error"),
            (429, "TooManyRequestsException", "throttled"),
        ],
    )
    async def test_a_refusal_is_told_after_one_request_with_what_is_known(
        self, send: Sent, scripted: Any, status: int, code: str, outcome: str
    ) -> None:
        scripted.will_refuse(status, code)
        failed = await failing(send(budget_s=0))
        assert (failed.kind.value, failed.failure.error_type, len(scripted.requests)) == (outcome, code, 1)
        assert failed.invocation is not None
        assert failed.invocation.invoke_ms is not None
        assert (failed.invocation.attempts, failed.invocation.request_bytes) == (1, 8)
        assert (failed.invocation.cost_usd, failed.invocation.cost_source) == (None, "none")

    async def test_a_response_torn_in_the_middle_is_a_transport_error_and_never_sent_again(
        self, send: Sent, scripted: Any
    ) -> None:
        scripted.will_answer(body=b'{"total": 3}', is_torn=True)
        failed = await failing(send(budget_s=5))
        assert (failed.kind, len(scripted.requests)) == (OutcomeKind.TRANSPORT_ERROR, 1)

    async def test_a_function_that_outlives_our_patience_is_a_transport_error_and_never_sent_again(
        self, send: Sent, scripted: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(aws_lambda, "TIMEOUT_MARGIN_S", -2.9)  # of a function of 3 s
        ended = threading.Event()
        scripted.will_answer(waits_for=ended)
        try:
            failed = await failing(send(budget_s=5))
        finally:
            ended.set()
        assert (failed.kind, failed.failure.error_type) == (OutcomeKind.TRANSPORT_ERROR, "ReadTimeoutError")
        assert len(scripted.requests) == 1
        assert "may still be running" in failed.failure.hint

    async def test_a_caller_that_goes_away_leaves_what_was_known_of_the_call(self, send: Sent, scripted: Any) -> None:
        # The function runs on and is billed: its row says that a request had left.
        ended = threading.Event()
        scripted.will_answer(waits_for=ended)
        sending = asyncio.ensure_future(send())
        assert await Threads(1).run(lambda: scripted.wait_for_requests(1))
        sending.cancel()
        with pytest.raises(asyncio.CancelledError) as cancelled:
            await sending
        ended.set()
        outcome = cancelled_outcome(cancelled.value)
        assert outcome.kind is OutcomeKind.CANCELLED
        assert outcome.invocation is not None
        assert (outcome.invocation.attempts, outcome.invocation.request_bytes) == (1, 8)

    async def test_a_caller_that_goes_away_in_a_pause_leaves_that_all_its_attempts_were_throttled(
        self, send: Sent, scripted: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # The pause was outside of what knows the call: its row and its metrics lost the function and the throttles.
        pausing = asyncio.Event()

        async def pause(_: float) -> None:
            pausing.set()
            await asyncio.Future()

        clock = {"sleep": staticmethod(pause), "CancelledError": asyncio.CancelledError}
        monkeypatch.setattr(aws_lambda, "asyncio", type("Clock", (), clock))
        scripted.will_refuse(429, "TooManyRequestsException")
        sending = asyncio.ensure_future(send(budget_s=60))
        await asyncio.wait_for(pausing.wait(), 20)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError) as cancelled:
            await sending
        invocation = cancelled_outcome(cancelled.value).invocation
        assert invocation is not None
        assert (invocation.attempts, invocation.throttles, invocation.request_bytes) == (1, 1, 8)

    async def test_a_request_names_the_place_of_its_function(
        self, call_of: Callable[..., Call], function_of: Callable[..., Function]
    ) -> None:
        class Noting(InvokeHttp):
            def __init__(self) -> None:
                self.asked: list[InvokeRequest] = []

            async def invoke(self, request: InvokeRequest) -> InvokeResponse:
                self.asked.append(request)
                raise OSError("not sent")

        http, function = Noting(), function_of(region="eu-west-1", account_id="222222222222")
        await failing(LambdaTarget(http, throttle_budget_s=0, propagation="none").invoke(call_of(function=function)))
        assert [request.place for request in http.asked] == [Place(region="eu-west-1", account_id="222222222222")]

    async def test_no_network_is_a_transport_error(
        self, call_of: Callable[..., Call], function_of: Callable[..., Function], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        http = InvokeHttp(at_home(Clients(region="us-east-1", profile="")), Threads(1), 1)
        target = LambdaTarget(http, throttle_budget_s=5, propagation="none")
        failed = await failing(target.invoke(call_of(function=function_of())))
        await http.aclose()
        assert (failed.kind, failed.failure.error_type) == (OutcomeKind.TRANSPORT_ERROR, "EndpointConnectionError")


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses a call would have made; none is made."""
    made: list[float] = []

    async def pause(delay_s: float) -> None:
        made.append(delay_s)

    clock = {"sleep": staticmethod(pause), "CancelledError": asyncio.CancelledError}
    monkeypatch.setattr(aws_lambda, "asyncio", type("Clock", (), clock))
    return made


THROTTLED = (429, "TooManyRequestsException")


@pytest.mark.usefixtures("in_script")
class TestThrottles:
    """The only thing that is tried again."""

    async def test_a_throttle_is_tried_again_and_every_attempt_is_counted(
        self, send: Sent, scripted: Any, pauses: list[float]
    ) -> None:
        for _ in range(2):
            scripted.will_refuse(*THROTTLED)
        scripted.will_answer(body=b"1", headers=tail(REPORT))
        outcome = await send(budget_s=5)
        assert (outcome.kind, outcome.invocation.attempts, len(scripted.requests)) == (OutcomeKind.OK, 3, 3)
        assert outcome.invocation.throttles == 2
        assert [0.1 <= pauses[0] <= 0.2, 0.2 <= pauses[1] <= 0.4] == [True, True]  # doubling, with jitter

    async def test_each_pause_is_an_event_of_the_calls_span(
        self, send: Sent, scripted: Any, pauses: list[float], tracing: Any
    ) -> None:
        # A call that took five seconds of waiting looks like a slow function without it.
        scripted.will_refuse(*THROTTLED, headers={"Retry-After": "3"})
        scripted.will_answer(body=b"1", headers=tail(REPORT))
        with tracing.tracer.start_as_current_span("Lambda.Invoke"):
            await send(budget_s=5)
        assert pauses == [3.0]
        assert tracing.finished()[-1]["events"] == [
            ("lambdascope.lambda.throttled", {"lambdascope.lambda.attempt": 1, "lambdascope.lambda.pause_s": 3.0})
        ]

    async def test_aws_is_given_the_time_it_asks_for(self, send: Sent, scripted: Any, pauses: list[float]) -> None:
        scripted.will_refuse(*THROTTLED, headers={"Retry-After": "3"})
        scripted.will_answer(body=b"1")
        await send(budget_s=5)
        assert pauses == [3.0]

    async def test_a_wait_beyond_the_budget_is_not_begun(self, send: Sent, scripted: Any, pauses: list[float]) -> None:
        scripted.will_refuse(*THROTTLED, headers={"Retry-After": "30"})
        failed = await failing(send(budget_s=5))
        assert (failed.kind, pauses, len(scripted.requests)) == (OutcomeKind.THROTTLED, [], 1)

    async def test_the_pauses_of_a_call_stay_within_its_budget(
        self, send: Sent, scripted: Any, pauses: list[float]
    ) -> None:
        for _ in range(20):
            scripted.will_refuse(*THROTTLED)
        failed = await failing(send(budget_s=5))
        assert sum(pauses) <= 5
        assert failed.invocation is not None
        assert failed.invocation.attempts == len(scripted.requests) == len(pauses) + 1 > 3
        assert failed.invocation.throttles == failed.invocation.attempts

    async def test_another_failure_after_a_throttle_ends_the_call(
        self, send: Sent, scripted: Any, pauses: list[float]
    ) -> None:
        scripted.will_refuse(*THROTTLED)
        scripted.will_refuse(500, "ServiceException")
        failed = await failing(send(budget_s=5))
        assert (failed.kind, len(pauses)) == (OutcomeKind.AWS_ERROR, 1)
        assert failed.invocation is not None
        assert (failed.invocation.attempts, failed.invocation.throttles) == (2, 1)


@pytest.fixture
def run(http: InvokeHttp, call_of: Callable[..., Call], function_of: Callable[..., Function]) -> Sent:
    """Runs a function of the demo's account."""

    async def invoke(name: str, payload: Any, **more: Any) -> Outcome:
        target = LambdaTarget(http, throttle_budget_s=0, propagation="w3c")
        call = call_of(
            {"function_name": name, **more},
            function=function_of(name, memory_mb=512, timeout_s=5),
            payload=json.dumps(payload).encode(),
            trace=TRACE,
        )
        with anyio.fail_after(30):
            return await target.invoke(call)

    return invoke


@pytest.mark.usefixtures("in_shop")
class TestFunctionsThatRun:
    """Against the local AWS, whose functions are processes."""

    async def test_a_first_call_is_cold_and_the_next_is_warm(self, run: Sent) -> None:
        first, second = [await run("demo-recommend-products", {"basket": ["mug"]}, qualifier="2") for _ in range(2)]
        assert (first.kind, second.kind) == (OutcomeKind.OK, OutcomeKind.OK)
        assert (first.invocation.cold_start, second.invocation.cold_start) == (True, False)
        assert first.invocation.init_ms > 0
        assert second.invocation.init_ms is None
        assert first.invocation.executed_version == "2"
        assert first.invocation.overhead_ms >= 0
        assert {first.invocation.cost_source, second.invocation.cost_source} == {"measured"}

    async def test_an_alias_is_told_as_the_version_it_led_to(self, run: Sent) -> None:
        assert (await run("demo-recommend-products", {}, qualifier="live")).invocation.executed_version == "1"

    async def test_an_exception_of_the_function_comes_with_its_type_and_stack(self, run: Sent) -> None:
        outcome = await run("demo-shipping-quote", {"country": "AQ"})
        assert outcome.kind is OutcomeKind.FUNCTION_ERROR
        assert outcome.failure.stack
        assert outcome.invocation.billed_ms > 0

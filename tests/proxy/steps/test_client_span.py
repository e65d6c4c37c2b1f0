"""The span of an Invoke, whole, for every kind of end."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from lambdascope_proxy.call import Call, Failure, Invocation, Outcome, OutcomeKind, TraceIds, cancelled_outcome
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.results import Results
from lambdascope_proxy.steps.client_span import ClientSpanStep
from lambdascope_proxy.tools.read_result import ReadResult

pytestmark = pytest.mark.anyio

RAN = Invocation(
    region="us-east-1",
    account_id="123456789012",
    architecture="arm64",
    runtime="python3.13",
    request_id="6f1a",
    executed_version="1",
    invoke_ms=50.0,
    duration_ms=41.37,
    billed_ms=42,
    overhead_ms=8.63,
    cold_start=False,
    memory_mb=256,
    max_memory_mb=91,
    request_bytes=2,
    response_bytes=4,
    cost_usd=Decimal("0.000000866670"),
    cost_source="measured",
    rates_version="2026-09-19",
)
OF_THE_REQUEST = TraceIds(trace_id="a" * 32, span_id="b" * 16, traceparent=f"00-{'a' * 32}-{'b' * 16}-01")
OF_THE_CALL = {
    "faas.invoked_provider": "aws",
    "faas.invoked_name": "orders",
    "rpc.system.name": "aws-api",
    "rpc.method": "Lambda/Invoke",
    "lambdascope.call.id": "01935a2b-7c00-7000-8000-000000000001",
    "lambdascope.lambda.qualifier": "live",
    "lambdascope.lambda.invocation_type": "RequestResponse",
}
OF_THE_RUN = {
    "faas.invoked_region": "us-east-1",
    "cloud.region": "us-east-1",
    "cloud.account.id": "123456789012",
    "aws.request_id": "6f1a",
    "lambdascope.lambda.architecture": "arm64",
    "lambdascope.lambda.runtime": "python3.13",
    "lambdascope.lambda.executed_version": "1",
    "lambdascope.lambda.invoke_ms": 50.0,
    "lambdascope.lambda.duration_ms": 41.37,
    "lambdascope.lambda.billed_ms": 42,
    "lambdascope.lambda.overhead_ms": 8.63,
    "lambdascope.lambda.cold_start": False,
    "lambdascope.lambda.memory_mb": 256,
    "lambdascope.lambda.max_memory_mb": 91,
    "lambdascope.lambda.request_bytes": 2,
    "lambdascope.lambda.response_bytes": 4,
    "lambdascope.lambda.attempts": 1,
    "lambdascope.cost_usd": 8.6667e-07,
    "lambdascope.cost_source": "measured",
    "lambdascope.rates_version": "2026-09-19",
}


def span(*, status: str, attributes: dict[str, Any], parent: int | None = None, span_id: int = 1) -> dict[str, Any]:
    return {
        "name": "Lambda.Invoke",
        "kind": "CLIENT",
        "trace_id": 0x1000,
        "span_id": span_id,
        "parent": parent,
        "links": [],
        "attributes": {**OF_THE_CALL, **attributes},
        "status": status,
        "description": None,  # a message could hold an ARN or a payload
        "events": [],
    }


@pytest.fixture
def call(call_of: Callable[..., Call]) -> Call:
    return call_of({"function_name": "orders", "qualifier": "live"})


def ending(outcome: Outcome) -> Callable[[Call], Any]:
    async def call_next(call: Call) -> Outcome:
        return outcome

    return call_next


async def test_a_good_call_has_a_client_span_with_all_its_facts(tracing: Any, call: Call) -> None:
    await ClientSpanStep(tracing.tracer, str)(call, ending(Outcome(kind=OutcomeKind.OK, invocation=RAN)))
    attributes = {**OF_THE_RUN, "lambdascope.outcome": "ok"}
    assert tracing.finished() == [span(status="UNSET", attributes=attributes)]


async def test_a_function_error_is_red_under_its_own_type(tracing: Any, call: Call) -> None:
    # AWS answered 200: the usual instrumentation would leave it green.
    failure = Failure(error_type="KeyError", message="no order of ada@example.com", hint="x", stack=("File app",))
    outcome = Outcome(kind=OutcomeKind.FUNCTION_ERROR, failure=failure, invocation=RAN)
    await ClientSpanStep(tracing.tracer, str)(call, ending(outcome))
    attributes = {**OF_THE_RUN, "lambdascope.outcome": "function_error", "error.type": "KeyError"}
    assert tracing.finished() == [span(status="ERROR", attributes=attributes)]


async def test_a_cancelled_call_ends_its_span_and_its_ids_reach_the_steps_outside(tracing: Any, call: Call) -> None:
    async def call_next(call: Call) -> Outcome:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError) as cancelled:
        await ClientSpanStep(tracing.tracer, str)(call, call_next)
    trace = cancelled_outcome(cancelled.value).trace  # what the row of the history and the metrics are made of
    assert (trace and trace.span_id) == "0000000000000001"
    attributes = {"lambdascope.outcome": "cancelled", "error.type": "cancelled", "lambdascope.cost_source": "none"}
    assert tracing.finished() == [span(status="ERROR", attributes=attributes)]


@pytest.mark.parametrize("kind", OutcomeKind)
async def test_a_span_is_red_exactly_when_the_caller_did_not_get_what_it_asked_for(
    tracing: Any, call: Call, kind: OutcomeKind
) -> None:
    await ClientSpanStep(tracing.tracer, str)(call, ending(Outcome(kind=kind)))
    (finished,) = tracing.finished()
    assert (finished["status"] == "ERROR") is kind.is_failure
    assert ("error.type" in finished["attributes"]) is kind.is_failure


async def test_the_span_is_a_child_of_the_requests_own(tracing: Any, call: Call) -> None:
    with tracing.tracer.start_as_current_span("tools/call invoke_function"):
        await ClientSpanStep(tracing.tracer, str)(call, ending(Outcome(kind=OutcomeKind.OK, invocation=RAN)))
    client, server = tracing.finished()
    assert (server["span_id"], client["parent"], client["trace_id"]) == (1, 1, server["trace_id"])


async def test_inside_and_outside_know_the_ids_of_the_span(tracing: Any, call: Call) -> None:
    inside: list[TraceIds | None] = []

    async def call_next(call: Call) -> Outcome:
        inside.append(call.trace)
        return Outcome(kind=OutcomeKind.OK)

    outcome = await ClientSpanStep(tracing.tracer, str)(call, call_next)
    trace_id = f"{0x1000:032x}"
    assert outcome.trace == TraceIds(
        trace_id=trace_id,
        span_id="0000000000000001",
        traceparent=f"00-{trace_id}-0000000000000001-01",
        tracestate="",
        xray=f"Root=1-{trace_id[:8]}-{trace_id[8:]};Parent=0000000000000001;Sampled=1",
    )
    assert inside == [outcome.trace]


async def test_a_call_that_stays_here_has_no_span_and_keeps_the_ids_it_has(
    tracing: Any, call_of: Callable[..., Call]
) -> None:
    async def call_next(call: Call) -> Outcome:
        assert call.trace is OF_THE_REQUEST
        return done

    done = Outcome(kind=OutcomeKind.OK)
    own = call_of({"call_id": "x"}, tool=ReadResult(Results(0), 10), trace=OF_THE_REQUEST)
    assert await ClientSpanStep(tracing.tracer, str)(own, call_next) is done
    assert tracing.finished() == []


async def test_what_the_target_refused_is_settled_with_the_ids_of_the_span(tracing: Any, call: Call) -> None:
    """Raised on, it would reach the history and the answer under the ids of the request alone."""

    async def call_next(call: Call) -> Outcome:
        failed = CallFailed(OutcomeKind.THROTTLED, "TooManyRequestsException", "Too many.", "Wait.")
        failed.invocation = RAN
        raise failed

    outcome = await ClientSpanStep(tracing.tracer, str)(replace(call, trace=OF_THE_REQUEST), call_next)
    assert (outcome.kind, outcome.invocation) == (OutcomeKind.THROTTLED, RAN)
    assert (outcome.trace and outcome.trace.span_id) == "0000000000000001"
    attributes = {**OF_THE_RUN, "lambdascope.outcome": "throttled", "error.type": "TooManyRequestsException"}
    assert tracing.finished() == [span(status="ERROR", attributes=attributes)]


@pytest.mark.usefixtures("caplog")
async def test_a_defect_of_ours_is_red_under_its_type_and_has_the_ids_of_the_span(tracing: Any, call: Call) -> None:
    async def call_next(call: Call) -> Outcome:
        raise KeyError("hunter2")

    outcome = await ClientSpanStep(tracing.tracer, str)(call, call_next)
    assert (outcome.kind, outcome.trace and outcome.trace.span_id) == (OutcomeKind.TOOL_ERROR, "0000000000000001")
    (ended,) = tracing.finished()
    assert (ended["status"], ended["attributes"]["error.type"]) == ("ERROR", "KeyError")
    assert "hunter2" not in str(ended)


async def test_what_others_worded_is_scrubbed_on_the_span(tracing: Any, call_of: Callable[..., Call]) -> None:
    """A qualifier may be anything an agent has at hand, and an error type anything a function says."""
    asked = call_of({"function_name": "orders", "qualifier": "hunter2"})
    failure = Failure(error_type="Err hunter2", message="hunter2")
    failed = Outcome(kind=OutcomeKind.NOT_FOUND, failure=failure, invocation=RAN)
    await ClientSpanStep(tracing.tracer, lambda text: text.replace("hunter2", "[masked]"))(asked, ending(failed))
    (ended,) = tracing.finished()
    assert "hunter2" not in str(ended)
    assert ended["attributes"]["lambdascope.lambda.qualifier"] == "[masked]"
    assert ended["attributes"]["error.type"] == "Err [masked]"

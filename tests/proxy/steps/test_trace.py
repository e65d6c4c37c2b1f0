"""The ids of every call, and what the span of its request tells of it."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry.trace import INVALID_SPAN, SpanKind

from lambdascope_proxy.call import Call, Failure, Outcome, OutcomeKind, TraceIds, cancelled_outcome
from lambdascope_proxy.steps.client_span import ClientSpanStep
from lambdascope_proxy.steps.trace import TraceStep, stand_in, trace_ids
from lambdascope_proxy.telemetry.id_tracer import IdTracer

pytestmark = pytest.mark.anyio

CALL_ID = "01935a2b-7c00-7000-8000-000000000001"
OK = Outcome(kind=OutcomeKind.OK)
REFUSED = Outcome(kind=OutcomeKind.REFUSED, failure=Failure(error_type="NotAllowed", message="no orders for you"))


@pytest.fixture
def call(call_of: Callable[..., Call]) -> Call:
    return call_of({"function_name": "orders"})


def ending(outcome: Outcome) -> Callable[[Call], Any]:
    async def call_next(call: Call) -> Outcome:
        return outcome

    return call_next


def told(outcome: str) -> dict[str, str]:
    return {"lambdascope.call.id": CALL_ID, "lambdascope.outcome": outcome, "lambdascope.target": "lambda"}


@pytest.mark.parametrize("outcome", [OK, REFUSED])
async def test_the_requests_span_tells_how_the_call_ended_and_leaves_its_status_to_the_observer(
    tracing: Any, call: Call, outcome: Outcome
) -> None:
    """Two that decide on one status would fight: which faults are the caller's, MCP's conventions say."""
    with tracing.tracer.start_as_current_span("tools/call invoke_function", kind=SpanKind.SERVER):
        await TraceStep(tracing.tracer, str)(call, ending(outcome))
    (server,) = tracing.finished()  # nothing was sent, so there is no span of an Invoke
    assert (server["attributes"], server["status"]) == (told(outcome.kind.value), "UNSET")


async def test_a_cancelled_call_is_told_on_the_requests_span(tracing: Any, call: Call) -> None:
    async def call_next(call: Call) -> Outcome:
        raise asyncio.CancelledError

    with (
        pytest.raises(asyncio.CancelledError),
        tracing.tracer.start_as_current_span(
            "tools/call invoke_function", record_exception=False, set_status_on_exception=False
        ),
    ):
        await TraceStep(tracing.tracer, str)(call, call_next)
    (server,) = tracing.finished()
    assert (server["attributes"], server["status"]) == (told("cancelled"), "UNSET")


async def test_inside_and_outside_know_the_ids_of_the_requests_span(tracing: Any, call: Call) -> None:
    inside: list[TraceIds | None] = []

    async def call_next(call: Call) -> Outcome:
        inside.append(call.trace)
        return OK

    with tracing.tracer.start_as_current_span("tools/call invoke_function"):
        outcome = await TraceStep(tracing.tracer, str)(call, call_next)
    trace_id = f"{0x1000:032x}"
    assert outcome.trace == TraceIds(
        trace_id=trace_id,
        span_id="0000000000000001",
        traceparent=f"00-{trace_id}-0000000000000001-01",
        tracestate="",
        xray=f"Root=1-{trace_id[:8]}-{trace_id[8:]};Parent=0000000000000001;Sampled=1",
    )
    assert inside == [outcome.trace]


async def test_the_ids_of_what_was_sent_go_before_those_of_the_request(tracing: Any, call: Call) -> None:
    async def send(call: Call) -> Outcome:
        return await ClientSpanStep(tracing.tracer, str)(call, ending(OK))

    with tracing.tracer.start_as_current_span("tools/call invoke_function"):
        outcome = await TraceStep(tracing.tracer, str)(call, send)
    client, server = tracing.finished()
    assert (client["name"], client["parent"]) == ("Lambda.Invoke", server["span_id"])
    assert (outcome.trace and outcome.trace.span_id) == f"{client['span_id']:016x}"


async def test_also_of_a_call_that_was_cancelled_the_ids_of_what_was_sent_go_first(tracing: Any, call: Call) -> None:
    async def target(call: Call) -> Outcome:
        raise asyncio.CancelledError

    async def send(call: Call) -> Outcome:
        return await ClientSpanStep(tracing.tracer, str)(call, target)

    with pytest.raises(asyncio.CancelledError) as cancelled:
        await TraceStep(tracing.tracer, str)(call, send)
    client, request = tracing.finished()
    trace = cancelled_outcome(cancelled.value).trace
    assert (trace and trace.span_id) == f"{client['span_id']:016x}"
    assert request["attributes"]["lambdascope.outcome"] == "cancelled"


async def test_a_command_without_a_request_has_a_span_of_its_own_that_is_red_when_it_failed(
    tracing: Any, call: Call
) -> None:
    for outcome in (OK, REFUSED):
        ended = await TraceStep(tracing.tracer, str)(call, ending(outcome))
        assert ended.trace is not None
        assert ended.trace.span_id is not None
    good, failed = tracing.finished()
    assert (good["name"], good["kind"], good["parent"]) == ("tools/call invoke_function", "INTERNAL", None)
    tool = {"gen_ai.tool.name": "invoke_function"}
    assert (good["attributes"], good["status"]) == ({**tool, **told("ok")}, "UNSET")
    assert failed["attributes"] == {**tool, **told("refused"), "error.type": "NotAllowed"}
    assert (failed["status"], failed["description"]) == ("ERROR", None)


@pytest.mark.parametrize("kind", OutcomeKind)
async def test_the_span_of_a_command_is_red_exactly_when_the_caller_did_not_get_what_it_asked_for(
    tracing: Any, call: Call, kind: OutcomeKind
) -> None:
    await TraceStep(tracing.tracer, str)(call, ending(Outcome(kind=kind)))
    (finished,) = tracing.finished()
    assert (finished["status"] == "ERROR") is kind.is_failure
    assert ("error.type" in finished["attributes"]) is kind.is_failure


async def test_what_others_worded_is_scrubbed_on_the_span_of_a_command(tracing: Any, call: Call) -> None:
    failed = Outcome(kind=OutcomeKind.FUNCTION_ERROR, failure=Failure(error_type="Err hunter2", message="hunter2"))
    await TraceStep(tracing.tracer, lambda text: text.replace("hunter2", "[masked]"))(call, ending(failed))
    (ended,) = tracing.finished()
    assert ended["attributes"]["error.type"] == "Err [masked]"
    assert "hunter2" not in str(ended)


async def test_without_telemetry_a_call_has_a_trace_id_and_no_span_id_and_sends_the_same(call: Call) -> None:
    sent: list[TraceIds | None] = []

    async def send(call: Call) -> Outcome:
        async def target(call: Call) -> Outcome:
            sent.append(call.trace)
            return OK

        return await ClientSpanStep(IdTracer(), str)(call, target)

    outcome = await TraceStep(IdTracer(), str)(call, send)
    assert outcome.trace is not None
    assert int(outcome.trace.trace_id, 16) > 0
    assert outcome.trace.span_id is None
    assert outcome.trace.traceparent.endswith("-00")  # not sampled: nobody records it
    assert outcome.trace.xray.endswith("Sampled=0")  # so X-Ray does not bill for it either
    assert sent == [outcome.trace]


def test_the_ids_of_no_span_are_zero() -> None:
    assert trace_ids(INVALID_SPAN).trace_id == "0" * 32


def test_a_stand_in_has_the_ids_and_the_flags_of_the_span_that_ended(tracing: Any) -> None:
    """An exemplar is kept only of a span that was sampled."""
    span = tracing.tracer.start_span("Lambda.Invoke")
    span.end()
    found, context = stand_in(trace_ids(span)).get_span_context(), span.get_span_context()
    assert (found.trace_id, found.span_id) == (context.trace_id, context.span_id)
    assert found.trace_flags == context.trace_flags
    assert found.trace_flags.sampled

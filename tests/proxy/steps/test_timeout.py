"""A call without an answer: how it ends, and that what is known of it is kept."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from lambdascope_proxy.call import Call, Invocation, Outcome, OutcomeKind
from lambdascope_proxy.steps.client_span import ClientSpanStep
from lambdascope_proxy.steps.timeout import TimeoutStep

pytestmark = pytest.mark.anyio


async def never(call: Call) -> Outcome:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError as cancelled:
        cancelled.invocation = Invocation(region="us-east-1", invoke_ms=10.0, memory_mb=128)  # type: ignore[attr-defined]
        raise
    raise AssertionError


async def test_what_takes_too_long_ends_with_what_is_known_of_it(call_of: Callable[..., Call], tracing: Any) -> None:
    # An Invoke goes on and is billed: the row must say that it was sent, and lead to its span.
    async def in_span(call: Call) -> Outcome:
        return await ClientSpanStep(tracing.tracer, str)(call, never)

    outcome = await TimeoutStep(0.01)(call_of(), in_span)
    assert outcome.kind is OutcomeKind.TRANSPORT_ERROR
    assert outcome.failure is not None
    assert (outcome.failure.error_type, outcome.failure.message) == ("CallTimeout", "No answer came in 0.01 s.")
    assert "AWS bills it" in outcome.failure.hint
    assert "LAMBDASCOPE_CALL_TIMEOUT_S" in outcome.failure.hint
    assert outcome.invocation == Invocation(region="us-east-1", invoke_ms=10.0, memory_mb=128)
    assert outcome.trace is not None
    assert outcome.trace.span_id == "0000000000000001"


async def test_what_is_in_time_goes_through_unchanged(call_of: Callable[..., Call]) -> None:
    answer = Outcome(kind=OutcomeKind.OK)

    async def at_once(call: Call) -> Outcome:
        return answer

    assert await TimeoutStep(5)(call_of(), at_once) is answer


async def test_a_caller_who_goes_away_is_no_timeout(call_of: Callable[..., Call]) -> None:
    task = asyncio.ensure_future(TimeoutStep(30)(call_of(), never))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_timeout_of_the_inside_is_not_taken_for_ours(call_of: Callable[..., Call]) -> None:
    async def gives_up(call: Call) -> Outcome:
        raise TimeoutError("the other one")

    with pytest.raises(TimeoutError, match="the other one"):
        await TimeoutStep(30)(call_of(), gives_up)

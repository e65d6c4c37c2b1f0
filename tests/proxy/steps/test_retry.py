"""Further attempts: at what, of which tools, how often, and what the row then holds."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from lambdascope_proxy.call import Call, Failure, Invocation, Outcome, OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.steps.client_span import ClientSpanStep
from lambdascope_proxy.steps.retry import RetryStep, jittered

pytestmark = pytest.mark.anyio


class Clock:
    """Goes on only when somebody pauses."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses = list[float]()

    def __call__(self) -> float:
        return self.now

    async def sleep(self, pause_s: float) -> None:
        self.pauses.append(pause_s)
        self.now += pause_s


def step_of(clock: Clock, **given: Any) -> RetryStep:
    known: dict[str, Any] = {"attempts": 2, "budget_s": 30.0, "functions": ["orders*"], "jitter": lambda pause: pause}
    return RetryStep(**{**known, **given}, clock=clock, sleep=clock.sleep)


def failed(kind: OutcomeKind = OutcomeKind.TRANSPORT_ERROR, error_type: str = "CallTimeout", **known: Any) -> Outcome:
    failure = Failure(error_type=error_type, message="no")
    return Outcome(kind=kind, failure=failure, invocation=Invocation(**known) if known else None)


class Target:
    """Ends as told, one call after the other."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes = [*outcomes]
        self.calls = 0

    async def __call__(self, call: Call) -> Outcome:
        self.calls += 1
        return self.outcomes.pop(0)


OK = Outcome(kind=OutcomeKind.OK, text="1", invocation=Invocation(attempts=1, invoke_ms=5.0))


@pytest.fixture
def call(call_of: Callable[..., Call], function_of: Callable[..., Any]) -> Call:
    return call_of(function=function_of())


async def test_what_got_no_answer_is_tried_again_with_growing_pauses(call: Call) -> None:
    clock, target = Clock(), Target(*[failed()] * 9)
    outcome = await step_of(clock, attempts=7, budget_s=600)(call, target)
    assert (outcome.kind, target.calls) == (OutcomeKind.TRANSPORT_ERROR, 8)
    assert clock.pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]


@pytest.mark.parametrize("kind", OutcomeKind)
async def test_only_calls_that_found_nobody_or_were_throttled_are_repeated(call: Call, kind: OutcomeKind) -> None:
    # A function's own error or timeout would come again, and be billed again.
    target = Target(failed(kind), OK)
    outcome = await step_of(Clock())(call, target)
    repeated = kind in {OutcomeKind.TRANSPORT_ERROR, OutcomeKind.THROTTLED}
    assert (target.calls, outcome.kind) == ((2, OutcomeKind.OK) if repeated else (1, kind))


async def test_nobody_is_asked_twice_by_a_retry(call: Call) -> None:
    call.progress.was_asked = True
    target = Target(failed(), OK)
    assert (await step_of(Clock())(call, target)).kind is OutcomeKind.TRANSPORT_ERROR
    assert target.calls == 1


async def test_no_attempt_begins_after_the_budget(call: Call) -> None:
    clock, target = Clock(), Target(*[failed()] * 9)
    await step_of(clock, attempts=10, budget_s=1.0)(call, target)
    assert clock.pauses == [0.2, 0.4]
    assert target.calls == 3


@pytest.mark.parametrize(
    ("functions", "calls"), [((), 1), (("invoices", "Orders"), 1), (("orders",), 2), (("ord*",), 2)]
)
async def test_a_function_is_repeated_only_if_a_setting_names_it(
    call: Call, functions: Sequence[str], calls: int
) -> None:
    target = Target(failed(), OK)
    await step_of(Clock(), functions=functions)(call, target)
    assert target.calls == calls


@pytest.mark.parametrize(
    ("hints", "calls"), [({}, 1), ({"idempotent": True}, 2), ({"read_only": True}, 2), ({"destructive": True}, 1)]
)
async def test_another_servers_tool_is_repeated_only_if_it_may_run_twice(
    call: Call, hints: dict[str, bool], calls: int
) -> None:
    class Elsewhere:
        spec = replace(call.tool.spec, **{"destructive": False, **hints})

    away = replace(call, tool=Elsewhere(), function=None, aim=replace(call.aim, target="upstream:shop"))
    target = Target(failed(), OK)
    await step_of(Clock())(away, target)
    assert target.calls == calls


async def test_attempts_time_and_known_costs_of_all_are_in_the_outcome(call: Call) -> None:
    clock = Clock()
    last = Invocation(
        attempts=1,
        invoke_ms=60.0,
        duration_ms=40.0,
        init_ms=5.0,
        overhead_ms=15.0,
        cost_usd=Decimal("0.2"),
        cost_source="measured",
        rates_version="2026-10",
    )
    target = Target(
        failed(OutcomeKind.THROTTLED, "TooManyRequestsException", attempts=3, throttles=3),
        failed(attempts=1, cost_usd=Decimal("0.1"), cost_source="estimated"),
        replace(OK, invocation=last),
    )
    outcome = await step_of(clock)(call, target)
    assert outcome.invocation == replace(
        last, attempts=5, throttles=3, invoke_ms=600.0, overhead_ms=555.0, cost_usd=Decimal("0.3")
    )
    assert outcome.notes == (
        "An earlier attempt failed (CallTimeout) and may have run: at what cost is not known here.",
    )


async def test_an_attempt_that_was_throttled_cost_nothing_and_is_no_note(call: Call) -> None:
    target = Target(failed(OutcomeKind.THROTTLED, attempts=1, throttles=1), OK)
    outcome = await step_of(Clock())(call, target)
    assert outcome.notes == ()
    assert outcome.invocation is not None
    assert (outcome.invocation.attempts, outcome.invocation.throttles) == (2, 1)


async def test_a_single_attempt_is_handed_on_as_it_is(call: Call) -> None:
    assert await step_of(Clock())(call, Target(OK)) is OK


async def test_a_failure_that_is_raised_is_repeated_too(call: Call) -> None:
    ends = [CallFailed(OutcomeKind.TRANSPORT_ERROR, "UpstreamGone", "no")]

    async def run(call: Call) -> Outcome:
        if ends:
            raise ends.pop()
        return OK

    outcome = await step_of(Clock())(call, run)
    assert outcome.kind is OutcomeKind.OK


async def test_a_caller_who_goes_away_in_a_pause_leaves_what_was_done_by_then(call: Call) -> None:
    async def gone(pause_s: float) -> None:
        raise asyncio.CancelledError

    step = RetryStep(attempts=2, budget_s=30, functions=["*"], sleep=gone)
    with pytest.raises(asyncio.CancelledError) as cancelled:
        await step(call, Target(failed(attempts=2, memory_mb=128)))
    known = cancelled.value.invocation  # type: ignore[attr-defined]
    assert (known.attempts, known.memory_mb) == (2, 128)


async def test_a_caller_who_goes_away_in_a_later_attempt_leaves_all_of_them(call: Call) -> None:
    async def run(call: Call) -> Outcome:
        if not run_before:
            run_before.append(1)
            return failed(attempts=1)
        error = asyncio.CancelledError()
        error.invocation = Invocation(attempts=1, request_bytes=7)  # type: ignore[attr-defined]
        raise error

    run_before = list[int]()
    with pytest.raises(asyncio.CancelledError) as cancelled:
        await step_of(Clock())(call, run)
    known = cancelled.value.invocation  # type: ignore[attr-defined]
    assert (known.attempts, known.request_bytes) == (2, 7)


async def test_each_attempt_has_its_span_and_each_retry_an_event_and_a_count(
    call: Call, tracing: Any, metered: Any
) -> None:
    target = Target(failed(attempts=1), OK)

    async def in_span(call: Call) -> Outcome:
        return await ClientSpanStep(tracing.tracer, str)(call, target)

    with tracing.tracer.start_as_current_span("request"):
        await step_of(Clock(), meters=metered.meters)(call, in_span)
    first, second, request = tracing.finished()
    assert [(span["name"], span["kind"], span["status"]) for span in (first, second)] == [
        ("Lambda.Invoke", "CLIENT", "ERROR"),
        ("Lambda.Invoke", "CLIENT", "UNSET"),
    ]
    told = {"error.type": "CallTimeout", "lambdascope.retry.attempt": 1, "lambdascope.retry.pause_s": 0.2}
    assert request["events"] == [("lambdascope.retry", told)]
    labels = (
        ("error.type", "CallTimeout"),
        ("gen_ai.tool.name", "invoke_function"),
        ("lambdascope.target", "lambda"),
    )
    assert metered.read()["lambdascope.retries"] == {labels: 1}


def test_jitter_shortens_a_pause_by_up_to_half() -> None:
    assert all(0.5 <= jittered(1.0) <= 1.0 for _ in range(100))
    assert len({jittered(1.0) for _ in range(10)}) > 1

"""The breaker around calls: what counts as a failure, what the refusal says, and what people see of it."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from lambdascope_proxy.call import Call, Failure, Outcome, OutcomeKind, Progress
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.steps.breaker import BreakerStep

pytestmark = pytest.mark.anyio


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def ending(kind: OutcomeKind) -> Any:
    async def run(call: Call) -> Outcome:
        failure = Failure(error_type="EndpointConnectionError", message="no") if kind.is_failure else None
        return Outcome(kind=kind, failure=failure)

    return run


ok, gone = ending(OutcomeKind.OK), ending(OutcomeKind.TRANSPORT_ERROR)


@pytest.fixture
def call(call_of: Callable[..., Call], function_of: Callable[..., Any]) -> Call:
    return call_of(function=function_of())


async def test_after_failures_in_a_row_calls_are_refused_and_told_until_when(call: Call) -> None:
    clock = Clock()
    step = BreakerStep(2, 30, clock)
    for _ in range(2):
        await step(call, gone)
    clock.now += 12.5
    with pytest.raises(CallFailed) as refused:
        await step(call, ok)
    assert (refused.value.kind, refused.value.failure.error_type) == (OutcomeKind.REFUSED, "BreakerOpen")
    assert "Calls of function orders in us-east-1 failed 2 times in a row" in str(refused.value)
    assert refused.value.failure.hint.startswith("Try again in 18 s.")
    assert "LAMBDASCOPE_BREAKER_OPEN_S" in refused.value.failure.hint
    clock.now += 18
    assert (await step(call, ok)).kind is OutcomeKind.OK
    assert (await step(call, ok)).kind is OutcomeKind.OK


@pytest.mark.parametrize("kind", OutcomeKind)
async def test_only_what_shows_that_the_other_side_is_down_opens_it(call: Call, kind: OutcomeKind) -> None:
    step = BreakerStep(2, 30, Clock())
    for _ in range(2):
        await step(call, ending(kind))
    opens = kind in {"throttled", "transport_error", "aws_error", "function_timeout"}
    if opens:
        with pytest.raises(CallFailed):
            await step(call, ok)
    else:
        assert (await step(call, ok)).kind is OutcomeKind.OK


@pytest.mark.parametrize(
    ("kind", "resets"),
    [(OutcomeKind.TOOL_ERROR, True), (OutcomeKind.FUNCTION_ERROR, True), (OutcomeKind.INVALID_ARGUMENTS, False)],
)
async def test_a_tools_own_error_shows_that_it_works_a_refusal_shows_nothing(
    call: Call, kind: OutcomeKind, resets: bool
) -> None:
    step = BreakerStep(2, 30, Clock())
    for end in (gone, ending(kind), gone):
        await step(call, end)
    if resets:
        assert (await step(call, ok)).kind is OutcomeKind.OK
    else:
        with pytest.raises(CallFailed):
            await step(call, ok)


@pytest.mark.parametrize("error_type", ["CallTimeout", "UpstreamTimeout", "UpstreamGone"])
async def test_a_person_who_was_asked_and_took_too_long_is_no_broken_server(call: Call, error_type: str) -> None:
    async def late(call: Call) -> Outcome:
        failure = Failure(error_type=error_type, message="no")
        return Outcome(kind=OutcomeKind.TRANSPORT_ERROR, failure=failure)

    step, asked = BreakerStep(1, 30, Clock()), replace(call, progress=Progress())
    asked.progress.was_asked = True
    await step(asked, late)
    if error_type == "UpstreamGone":
        with pytest.raises(CallFailed):
            await step(call, ok)
    else:
        assert (await step(call, ok)).kind is OutcomeKind.OK


async def test_each_function_in_each_place_and_each_upstream_has_its_own(
    call: Call, function_of: Callable[..., Any]
) -> None:
    step = BreakerStep(1, 30, Clock())
    await step(call, gone)
    elsewhere = [
        replace(call, function=function_of("invoices")),
        replace(call, function=function_of(region="eu-west-1")),
        replace(call, function=function_of(account_id="210987654321")),
        replace(call, function=None, aim=replace(call.aim, target="upstream:shop")),
    ]
    for other in elsewhere:
        assert (await step(other, gone)).kind is OutcomeKind.TRANSPORT_ERROR
    with pytest.raises(CallFailed, match="Calls of the upstream shop"):
        await step(elsewhere[-1], ok)


async def test_a_failure_that_is_raised_counts_too(call: Call) -> None:
    async def refused_by_aws(call: Call) -> Outcome:
        raise CallFailed(OutcomeKind.AWS_ERROR, "ServiceException", "no")

    step = BreakerStep(1, 30, Clock())
    assert (await step(call, refused_by_aws)).kind is OutcomeKind.AWS_ERROR
    with pytest.raises(CallFailed, match="failed once or more"):
        await step(call, ok)


async def test_a_cancelled_trial_makes_room_for_another(call: Call) -> None:
    clock = Clock()
    step = BreakerStep(1, 30, clock)
    await step(call, gone)
    clock.now += 30

    async def never(call: Call) -> Outcome:
        await asyncio.Event().wait()
        raise AssertionError

    trial = asyncio.ensure_future(step(call, never))
    await asyncio.sleep(0)
    with pytest.raises(CallFailed) as refused:
        await step(call, ok)
    assert refused.value.failure.hint.startswith("A trial call is on its way")
    trial.cancel()
    with pytest.raises(asyncio.CancelledError):
        await trial
    assert (await step(call, ok)).kind is OutcomeKind.OK


async def test_changes_are_logged_once_and_metered(call: Call, metered: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "lambdascope_proxy.steps.breaker")
    clock = Clock()
    step = BreakerStep(1, 30, clock)
    step.watch(metered.meters)
    await step(call, ok)
    # Thousands of functions that never failed are no series.
    assert "lambdascope.breaker.state" not in metered.read()
    series = (
        ("faas.invoked_name", "orders"),
        ("faas.invoked_region", "us-east-1"),
        ("lambdascope.target", "lambda"),
    )
    await step(call, gone)
    assert metered.read()["lambdascope.breaker.state"] == {series: 2}
    clock.now += 30
    await step(call, ok)
    assert metered.read()["lambdascope.breaker.state"] == {series: 0}
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", "breaker of function orders in us-east-1: open, was closed after EndpointConnectionError"),
        ("INFO", "breaker of function orders in us-east-1: half open, was open"),
        ("INFO", "breaker of function orders in us-east-1: closed, was half open"),
    ]

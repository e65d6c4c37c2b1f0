"""What the inside raises, as one kind of end."""

import asyncio
from collections.abc import Callable

import pytest

from lambdascope_proxy.call import Call, Invocation, Outcome, OutcomeKind
from lambdascope_proxy.cloudwatch.bill import Bill
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.steps.settle import settle

pytestmark = pytest.mark.anyio


async def test_an_outcome_passes_unchanged(call_of: Callable[..., Call]) -> None:
    done = Outcome(kind=OutcomeKind.OK)

    async def call_next(call: Call) -> Outcome:
        return done

    assert await settle(call_of(), call_next) is done


async def test_a_failed_call_becomes_its_outcome_with_what_was_measured(call_of: Callable[..., Call]) -> None:
    failed = CallFailed(OutcomeKind.THROTTLED, "TooManyRequestsException", "Too many.", "Wait.")
    failed.invocation = Invocation(region="us-east-1", attempts=3)

    async def call_next(call: Call) -> Outcome:
        raise failed

    assert await settle(call_of(), call_next) == Outcome(
        kind=OutcomeKind.THROTTLED, failure=failed.failure, invocation=failed.invocation
    )


async def test_a_defect_of_ours_is_logged_whole_and_told_without_its_details(
    call_of: Callable[..., Call], caplog: pytest.LogCaptureFixture
) -> None:
    async def call_next(call: Call) -> Outcome:
        raise KeyError("arn:aws:lambda:us-east-1:123456789012:function:secret-project")

    outcome = await settle(call_of(), call_next)
    assert outcome.kind is OutcomeKind.TOOL_ERROR
    assert outcome.failure is not None
    assert outcome.failure.error_type == "KeyError"
    told = outcome.failure.message + outcome.failure.hint
    assert "secret-project" not in told
    assert call_of().call_id in told  # under which the log has it
    assert "secret-project" in caplog.text


async def test_a_failure_is_billed_once_however_many_calls_share_it(call_of: Callable[..., Call]) -> None:
    # Calls that ask the same at once get the same exception; AWS charges once.
    failed = CallFailed(OutcomeKind.AWS_ERROR, "LogQueryFailed", "It failed.")
    failed.bill = Bill(region="us-east-1", queries=1, scanned_bytes=700)

    async def call_next(call: Call) -> Outcome:
        raise failed

    bills = [(await settle(call_of(), call_next)).bill for _ in range(2)]
    assert bills == [Bill(region="us-east-1", queries=1, scanned_bytes=700), None]


@pytest.mark.parametrize("error", [CallFailed(OutcomeKind.TOOL_ERROR, "Unreadable", "It is."), KeyError("n")])
async def test_what_looking_cost_before_its_answer_was_refused_is_billed(
    call_of: Callable[..., Call], error: Exception
) -> None:
    bill = Bill(region="us-east-1", queries=1, scanned_bytes=700)

    async def call_next(call: Call) -> Outcome:
        call.progress.bills["a query"] = bill
        raise error

    assert (await settle(call_of(), call_next)).bill == bill


async def test_a_cancelled_call_is_not_settled(call_of: Callable[..., Call]) -> None:
    async def call_next(call: Call) -> Outcome:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await settle(call_of(), call_next)

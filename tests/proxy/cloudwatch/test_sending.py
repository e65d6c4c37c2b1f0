"""Requests to CloudWatch: throttles are waited for within a budget, and failures say what to do."""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import pytest

from lambdascope_proxy.aws.places import Place
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.cloudwatch.asked import Asked
from lambdascope_proxy.cloudwatch.sending import BUDGET_S, Sender
from lambdascope_proxy.errors import CallFailed

pytestmark = pytest.mark.anyio
STARTED = {"queryId": "q-1"}
ASKED = {"logGroupNames": ["g"], "startTime": 1, "endTime": 2, "queryString": "fields @message"}


@pytest.fixture
def logs(script_of: Callable[[str], Any]) -> Any:
    return script_of("logs")


def sender(script: Any) -> Sender:
    return Sender(script.places, script.threads, Place(region="us-east-1"), sleep=script.sleep)


async def start(asked: Sender) -> str:
    answer = await asked.send("logs:StartQuery", "starting a query", lambda client: client.start_query(**ASKED))
    return answer["queryId"]


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ThrottlingException", 400),
        ("Throttling", 400),
        ("LimitExceededException", 400),
        ("TooManyRequestsException", 429),
        ("SomethingNew", 429),
    ],
)
async def test_a_throttle_is_waited_for_and_the_request_sent_again(logs: Any, code: str, status: int) -> None:
    logs.refuses("start_query", code, status=status)
    logs.refuses("start_query", code, status=status)
    logs.answers("start_query", STARTED, ASKED)
    assert await start(sender(logs)) == "q-1"
    first, second = logs.pauses
    assert 0 <= first <= 0.2
    assert 0 <= second <= 0.4
    assert logs.is_over()


async def test_throttled_for_ever_it_gives_up_within_its_budget_and_says_when_to_come_back(logs: Any) -> None:
    for _ in range(500):
        logs.refuses("start_query", "ThrottlingException", "Rate exceeded")
    with pytest.raises(CallFailed, match="Rate exceeded") as failed:
        await start(sender(logs))
    assert failed.value.kind is OutcomeKind.THROTTLED
    assert "logs:StartQuery" in failed.value.failure.hint
    assert "in a minute" in failed.value.failure.hint
    assert BUDGET_S - 5 <= sum(logs.pauses) <= BUDGET_S


async def test_the_requests_of_one_question_share_one_budget(logs: Any) -> None:
    # Catches a poll that starts with new patience each time: the question would never end.
    asked = sender(logs)
    for _ in range(500):
        logs.refuses("start_query", "ThrottlingException")
    with pytest.raises(CallFailed):
        await start(asked)
    made = len(logs.pauses)
    with pytest.raises(CallFailed):
        await start(asked)
    assert sum(logs.pauses) <= BUDGET_S
    assert made > 0


async def test_a_missing_permission_is_named(logs: Any) -> None:
    logs.refuses("start_query", "AccessDeniedException", "User x is not authorized", 400)
    with pytest.raises(CallFailed, match=r"logs:StartQuery is not allowed.*User x is not authorized") as failed:
        await start(sender(logs))
    assert failed.value.kind is OutcomeKind.ACCESS_DENIED
    assert failed.value.failure.hint.startswith("Allow logs:StartQuery")
    assert logs.pauses == []


async def test_bad_credentials_are_not_taken_for_a_missing_permission(logs: Any) -> None:
    logs.refuses("start_query", "ExpiredTokenException", status=400)
    with pytest.raises(CallFailed) as failed:
        await start(sender(logs))
    assert failed.value.kind is OutcomeKind.ACCESS_DENIED
    assert "credentials" in failed.value.failure.hint
    assert "StartQuery" not in failed.value.failure.hint


async def test_arguments_aws_refuses_do_not_send_the_reader_to_a_functions_schema(logs: Any) -> None:
    logs.refuses("start_query", "ValidationException", "Period must be a multiple of 60")
    with pytest.raises(CallFailed, match="multiple of 60") as failed:
        await start(sender(logs))
    assert failed.value.kind is OutcomeKind.INVALID_ARGUMENTS
    assert failed.value.failure.hint == "Correct what was asked and ask again."


async def test_other_failures_are_told_as_they_are_and_once(logs: Any) -> None:
    logs.refuses("start_query", "ServiceUnavailableException", status=503)
    with pytest.raises(CallFailed, match="ServiceUnavailableException while starting a query") as failed:
        await start(sender(logs))
    assert failed.value.kind is OutcomeKind.AWS_ERROR
    assert logs.pauses == []


async def test_a_failure_of_ours_and_a_defect_pass_unchanged(logs: Any) -> None:
    ours = CallFailed(OutcomeKind.AWS_ERROR, "NoRegion", "No AWS region is configured.")

    def fail(error: Exception) -> Callable[[Any], str]:
        def request(client: Any) -> str:
            raise error

        return request

    with pytest.raises(CallFailed) as failed:
        await sender(logs).send("logs:StartQuery", "starting a query", fail(ours))
    assert failed.value is ours
    with pytest.raises(KeyError):
        await sender(logs).send("logs:StartQuery", "starting a query", fail(KeyError("defect")))


async def test_a_request_is_sent_in_the_context_of_its_asker(logs: Any) -> None:
    # Spans of AWS requests belong under the span of the call they are made for, also through a shared question.
    span: ContextVar[str] = ContextVar("span")

    async def ask() -> str:
        return await sender(logs).send("logs:StartQuery", "starting a query", lambda client: span.get())

    span.set("of the call")
    assert await Asked().get("key", 30, ask) == ("of the call", False)

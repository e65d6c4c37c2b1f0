"""One query at AWS: what AWS refuses is told whole, and it is stopped even if its asker left before it had an id."""

import logging
import threading
from collections.abc import Callable
from typing import Any

import anyio
import pytest

from lambdascope_proxy.aws.places import Place, Places
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.cloudwatch import started_query as started_query_module
from lambdascope_proxy.cloudwatch.sending import Sender
from lambdascope_proxy.cloudwatch.started_query import StartedQuery
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.threads import Threads

pytestmark = pytest.mark.anyio
HERE = Place(region="us-east-1")
TEXT = "fields @message | frobnicate @x"


@pytest.fixture
def logs(script_of: Callable[[str], Any]) -> Any:
    return script_of("logs")


def started_by(script: Any, **changes: Any) -> StartedQuery:
    asked = {"logGroupNames": ["/aws/lambda/orders"], "startTime": 1, "endTime": 2, "queryString": TEXT, **changes}
    return StartedQuery(Sender(script.places, script.threads, HERE, sleep=script.sleep), asked)


async def test_a_malformed_query_is_told_in_awss_words_with_the_place_and_recorded_without_its_text(logs: Any) -> None:
    problem = {
        "message": "unexpected symbol found frobnicate",
        "location": {"startCharOffset": 18, "endCharOffset": 28},
    }
    logs.refuses("start_query", "MalformedQueryException", "words around", queryCompileError=problem)
    with pytest.raises(CallFailed) as failed:
        await started_by(logs).start()
    assert str(failed.value) == (
        "Logs Insights refused the query: unexpected symbol found frobnicate. "
        "It means characters 18 to 28: 'frobnicate'."
    )
    assert failed.value.kind is OutcomeKind.INVALID_ARGUMENTS
    assert failed.value.failure.error_type == "MalformedQueryException"
    assert "frobnicate" not in failed.value.failure.recorded
    assert failed.value.failure.recorded


@pytest.mark.parametrize(
    ("known", "message"),
    [
        ({}, "Logs Insights refused the query: end date is before the log group was made."),
        (
            {"queryCompileError": {"message": "no", "location": {"startCharOffset": 16}}},
            "Logs Insights refused the query: no. It means characters 16 to 31: '| frobnicate @x'.",
        ),
        (
            {"queryCompileError": {"message": "no", "location": {"startCharOffset": 99, "endCharOffset": 99}}},
            "Logs Insights refused the query: no. It means characters 99 to 99: ''.",
        ),
    ],
)
async def test_a_malformed_query_without_a_place_or_with_an_odd_one_is_told_as_far_as_known(
    logs: Any, known: dict[str, Any], message: str
) -> None:
    logs.refuses("start_query", "MalformedQueryException", "end date is before the log group was made.", **known)
    with pytest.raises(CallFailed) as failed:
        await started_by(logs).start()
    assert str(failed.value) == message


async def test_a_log_group_that_is_not_there_yet_is_told_with_the_likely_reason(logs: Any) -> None:
    logs.refuses("start_query", "ResourceNotFoundException", "Log group '/aws/lambda/orders' does not exist")
    with pytest.raises(CallFailed) as failed:
        await started_by(logs).start()
    assert str(failed.value) == "Log group /aws/lambda/orders does not exist."
    assert failed.value.kind is OutcomeKind.NOT_FOUND
    assert "may never have run" in failed.value.failure.hint


async def test_of_several_log_groups_aws_says_which_is_missing(logs: Any) -> None:
    logs.refuses("start_query", "ResourceNotFoundException", "Log group 'b' does not exist")
    with pytest.raises(CallFailed, match="A log group does not exist: Log group 'b' does not exist"):
        await started_by(logs, logGroupNames=["a", "b"]).start()


async def test_a_query_is_started_again_after_a_throttle_and_stopped_once(logs: Any) -> None:
    logs.refuses("start_query", "LimitExceededException", "Account maximum query concurrency limit of [100] reached.")
    logs.answers("start_query", {"queryId": "q-1"})
    logs.answers("stop_query", {"success": True}, {"queryId": "q-1"})
    started = started_by(logs)
    await started.start()
    await started.stop()
    assert started.query_id == "q-1"
    assert logs.is_over()


async def test_stopping_what_never_started_asks_nothing(logs: Any) -> None:
    logs.refuses("start_query", "MalformedQueryException")
    started = started_by(logs)
    with pytest.raises(CallFailed):
        await started.start()
    await started.stop()
    assert logs.is_over()


class SlowLogs:
    """Takes its time for one operation, as a real AWS does; it runs in the thread that asked."""

    def __init__(self, slow: str) -> None:
        self._slow = slow
        self.reached, self.may_go_on = threading.Event(), threading.Event()
        self.done: list[str] = []
        self.stopped = threading.Event()
        self.exceptions: Any = self
        self.MalformedQueryException = self.ResourceNotFoundException = KeyError

    def start_query(self, **_: Any) -> dict[str, str]:
        self._take_time("start")
        return {"queryId": "q-1"}

    def stop_query(self, **_: Any) -> dict[str, bool]:
        self._take_time("stop")
        self.stopped.set()
        return {"success": True}

    def _take_time(self, operation: str) -> None:
        if operation == self._slow:
            self.reached.set()
            assert self.may_go_on.wait(20)
        self.done.append(operation)


class OneClient:
    region = "us-east-1"

    def __init__(self, client: Any) -> None:
        self._client = client

    def reader(self, service: str) -> Any:
        return self._client


def slowly(logs: SlowLogs) -> StartedQuery:
    clients: Any = OneClient(logs)
    return StartedQuery(Sender(Places(clients, lambda place: clients), Threads(2), HERE), {"queryString": TEXT})


async def test_an_asker_who_leaves_while_it_is_being_started_has_it_stopped_as_soon_as_it_has_an_id() -> None:
    # The thread cannot be called back: without this the query would run on with nobody who knows its id.
    logs = SlowLogs("start")
    started = slowly(logs)
    with anyio.CancelScope() as scope:
        async with anyio.create_task_group() as tasks:

            async def leave() -> None:
                assert await anyio.to_thread.run_sync(logs.reached.wait, 20)
                scope.cancel()

            tasks.start_soon(leave)
            try:
                await started.start()
            finally:
                await started.stop()
    assert logs.done == []
    logs.may_go_on.set()
    assert await anyio.to_thread.run_sync(logs.stopped.wait, 20)
    assert logs.done == ["start", "stop"]


async def test_stopping_happens_in_spite_of_cancellation() -> None:
    logs = SlowLogs("")
    started = slowly(logs)
    await started.start()
    with anyio.CancelScope() as scope:
        scope.cancel()
        await started.stop()
    assert logs.done == ["start", "stop"]


async def test_a_stop_that_aws_does_not_confirm_is_not_waited_for_and_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(started_query_module, "STOP_WITHIN_S", 0.01)
    logs = SlowLogs("stop")
    started = slowly(logs)
    await started.start()
    with caplog.at_level(logging.WARNING), anyio.fail_after(10):
        await started.stop()
    logs.may_go_on.set()
    assert [record.getMessage() for record in caplog.records] == [
        "Logs Insights query q-1 may run on: AWS did not confirm its end in time"
    ]

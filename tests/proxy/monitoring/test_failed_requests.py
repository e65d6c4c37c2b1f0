"""Request ids of errors that name none, found by what follows them in the log."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.cloudwatch.log_events import LogEvent
from lambdascope_proxy.cloudwatch.window import Window
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.monitoring.execution_question import Question, question_of
from lambdascope_proxy.monitoring.failed_requests import TOP, FailedRequests
from lambdascope_proxy.monitoring.top_errors import ErrorKind
from lambdascope_proxy.selection import Function

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Log:
    """A log whose streams end one request each; one of them may not be read."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    async def filter(self, place: Any, group: str, **asked: Any) -> tuple[list[LogEvent], bool]:
        self.asked.append({"place": place, "group": group, **asked})
        (stream,) = asked["streams"]
        if stream == "secret":
            raise CallFailed(OutcomeKind.ACCESS_DENIED, "AccessDenied", "no")
        if stream == "still running":
            return [], False
        return [LogEvent(time=NOON, stream=stream, message=f"END RequestId: of-{stream}\n")], False


def kind_of(stream: str, request_id: str | None = None) -> ErrorKind:
    return ErrorKind(
        fingerprint=stream,
        error_type="KeyError",
        message="m",
        stack=(),
        count=1,
        first_at=NOON,
        last_at=NOON,
        request_id=request_id,
        stream=stream,
        is_logged_only=False,
    )


@pytest.fixture
def question(function_of: Callable[..., Function]) -> Question:
    return question_of(function_of(), Window(start=NOON - timedelta(hours=1), end=NOON), NOON)


async def named(log: Log, question: Question, kinds: Sequence[ErrorKind]) -> list[str | None]:
    events: Any = log
    return [kind.request_id for kind in await FailedRequests(events).named(question, kinds)]


async def test_each_error_gets_the_id_of_the_execution_that_ends_after_it(question: Question) -> None:
    log = Log()
    assert await named(log, question, [kind_of("s1"), kind_of("s2")]) == ["of-s1", "of-s2"]
    assert log.asked[0] == {
        "place": question.function.place,
        "group": "/aws/lambda/orders",
        "window": Window(start=NOON, end=NOON + timedelta(seconds=30)),
        "pattern": '"END RequestId"',
        "streams": ("s1",),
        "limit": 1,
    }


async def test_what_has_an_id_or_no_stream_is_not_looked_for(question: Question) -> None:
    log = Log()
    assert await named(log, question, [kind_of("s1", "r1"), kind_of("")]) == ["r1", None]
    assert log.asked == []


async def test_one_that_is_not_found_or_may_not_be_read_stays_unknown(question: Question) -> None:
    kinds = [kind_of("secret"), kind_of("s2"), kind_of("still running")]
    assert await named(Log(), question, kinds) == [None, "of-s2", None]


async def test_only_the_most_frequent_are_looked_for(question: Question) -> None:
    log = Log()
    found = await named(log, question, [kind_of(f"s{number}") for number in range(TOP + 3)])
    assert found == [*(f"of-s{number}" for number in range(TOP)), None, None, None]
    assert len(log.asked) == TOP

"""Errors whose lines name no request get their ids from the END that follows them in the stream."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.cloudwatch.log_events import LogEvent
from lambdascope_proxy.cloudwatch.window import Window
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.monitoring.log_question import LogQuestion, log_question
from lambdascope_proxy.monitoring.request_naming import MOST_NAMED, name_requests
from lambdascope_proxy.selection import Function

pytestmark = pytest.mark.anyio
TEN = datetime(2026, 11, 22, 10, tzinfo=UTC)
AT = str(round(TEN.timestamp() * 1000))


class Ends:
    """Knows the END lines of streams, and notes where it was asked."""

    def __init__(self, **ends: str) -> None:
        self.asked: list[tuple[str, Sequence[str], Window]] = []
        self._ends = ends

    async def filter(self, place: Any, group: str, *, window: Window, streams: Any, **_: Any) -> Any:
        self.asked.append((group, streams, window))
        if streams == ("forbidden",):
            raise CallFailed(OutcomeKind.ACCESS_DENIED, "AccessDeniedException", "no")
        message = self._ends.get(streams[0])
        return ([LogEvent(time=TEN, stream=streams[0], message=message)] if message else []), False


@pytest.fixture
def question(function_of: Callable[..., Function]) -> LogQuestion:
    functions = [function_of("orders"), function_of("billing", log_group="/shop")]
    return log_question(functions, Window(start=TEN, end=TEN + timedelta(hours=1)), {"preset": "errors"})


def row(stream: str, function: str = "123456789012:/aws/lambda/orders", **more: str) -> dict[str, str]:
    return {"function_name": function, "log_stream": stream, "last_seen": AT, **more}


async def test_the_end_that_follows_names_the_request(question: LogQuestion) -> None:
    ends: Any = Ends(a="END RequestId: r-1\n", b="END RequestId: r-2\n")
    rows = [row("a"), row("b", "billing"), row("c", request_id="known")]
    named = await name_requests(ends, question, rows)
    assert [each.get("request_id") for each in named] == ["r-1", "r-2", "known"]
    assert "request_id" not in rows[0]
    span = Window(start=TEN, end=TEN + timedelta(seconds=30))
    assert ends.asked == [("/aws/lambda/orders", ("a",), span), ("/shop", ("b",), span)]


async def test_what_is_not_found_or_may_not_be_read_stays_unknown(question: LogQuestion) -> None:
    ends: Any = Ends(odd="an END of another kind\n")
    rows = [row("nowhere"), row("forbidden"), row("odd"), {"said": "no stream"}]
    assert await name_requests(ends, question, rows) == rows


async def test_only_the_newest_are_looked_into(question: LogQuestion) -> None:
    ends: Any = Ends()
    await name_requests(ends, question, [row(str(number)) for number in range(MOST_NAMED + 5)])
    assert [streams[0] for _, streams, _ in ends.asked] == [str(number) for number in range(MOST_NAMED)]

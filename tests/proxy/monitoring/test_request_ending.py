"""The request that ended next in a stream, as far as a line says so."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lambdascope_proxy.cloudwatch.log_events import LogEvent
from lambdascope_proxy.cloudwatch.window import Window
from lambdascope_proxy.monitoring.request_ending import request_ended_after
from lambdascope_proxy.selection import Place

pytestmark = pytest.mark.anyio
TEN = datetime(2026, 11, 22, 10, tzinfo=UTC)
HERE = Place(region="us-east-1")


class Ends:
    """Answers with one line, or none, and notes what it was asked."""

    def __init__(self, *messages: str) -> None:
        self.asked: list[dict[str, Any]] = []
        self._found = [LogEvent(time=TEN, stream="s", message=message) for message in messages]

    async def filter(self, place: Place, group: str, **asked: Any) -> tuple[list[LogEvent], bool]:
        self.asked.append({"place": place, "group": group, **asked})
        return self._found, False


@pytest.mark.parametrize(
    ("messages", "request_id"),
    [(["END RequestId: r-1\n"], "r-1"), ([], None), (["I print END RequestId: r-2\n"], None)],
)
async def test_the_next_end_names_the_request(messages: list[str], request_id: str | None) -> None:
    ends: Any = Ends(*messages)
    assert await request_ended_after(ends, HERE, "/shop", "s", TEN) == request_id
    assert ends.asked == [
        {
            "place": HERE,
            "group": "/shop",
            "window": Window(start=TEN, end=TEN + timedelta(seconds=30)),
            "pattern": '"END RequestId"',
            "streams": ("s",),
            "limit": 1,
        }
    ]

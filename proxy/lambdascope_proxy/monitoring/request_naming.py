"""Names the requests in rows of the errors preset whose log lines do not."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from lambdascope_proxy.cloudwatch.log_events import LogEvents
from lambdascope_proxy.cloudwatch.log_scope import group_of
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.monitoring.log_question import LogQuestion
from lambdascope_proxy.monitoring.request_ending import request_ended_after

# One request of FilterLogEvents each: the newest are those that are looked into.
MOST_NAMED: Final = 10
AT_ONCE: Final = 3


async def name_requests(
    events: LogEvents, question: LogQuestion, rows: Sequence[dict[str, str]]
) -> list[dict[str, str]]:
    """The rows of the errors preset with the request ids that could be found; what is not found stays unknown."""
    nameless = [index for index, row in enumerate(rows) if _lacks_id(row)][:MOST_NAMED]
    turns = asyncio.Semaphore(AT_ONCE)

    async def find(row: Mapping[str, str]) -> str | None:
        async with turns:
            return await _find(events, question, row)

    found = await asyncio.gather(*(find(rows[index]) for index in nameless))
    named = list(rows)
    for index, request_id in zip(nameless, found, strict=True):
        if request_id:
            named[index] = {**rows[index], "request_id": request_id}
    return named


def _lacks_id(row: Mapping[str, str]) -> bool:
    return "request_id" not in row and {"log_stream", "last_seen", "function_name"} <= row.keys()


async def _find(events: LogEvents, question: LogQuestion, row: Mapping[str, str]) -> str | None:
    moment, group = datetime.fromtimestamp(float(row["last_seen"]) / 1000, UTC), _group(question, row["function_name"])
    try:
        return await request_ended_after(events, question.place, group, row["log_stream"], moment)
    except CallFailed:
        # The rows stand without it: reading events is a permission of its own, and has limits of its own.
        return None


def _group(question: LogQuestion, logged_by: str) -> str:
    """The group that a row's `function_name` means: a function's name, or "account:group"."""
    by_name = {function.name: group_of(function) for function in question.functions}
    return by_name.get(logged_by) or logged_by.partition(":")[2]

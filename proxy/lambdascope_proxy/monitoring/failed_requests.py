"""Finds the request id of an error whose log lines name none: the END line that follows it in its stream does."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from lambdascope_proxy.cloudwatch.log_events import LogEvents
from lambdascope_proxy.cloudwatch.window import Window
from lambdascope_proxy.monitoring.attempts import Attempt, run_together
from lambdascope_proxy.monitoring.execution_question import Question
from lambdascope_proxy.monitoring.top_errors import ErrorKind

TOP: Final = 5
# Python writes an uncaught exception right before the execution ends.
_UNTIL_END: Final = timedelta(seconds=30)
_END: Final = re.compile(r"END RequestId: (\S+)")


class FailedRequests:
    """Looks with logs:FilterLogEvents, which costs nothing; one that is not found stays unknown."""

    def __init__(self, events: LogEvents) -> None:
        self._events = events

    async def named(self, question: Question, kinds: Sequence[ErrorKind]) -> tuple[ErrorKind, ...]:
        """The kinds with a request id each, as far as the most frequent ones can be found."""
        attempts = [
            Attempt("request id", lambda kind=kind: self._find(question, kind)) for kind in kinds[:TOP] if _lacks(kind)
        ]
        await run_together(attempts)
        found = iter(attempt.value for attempt in attempts)
        named = [replace(kind, request_id=next(found)) if _lacks(kind) else kind for kind in kinds[:TOP]]
        return (*named, *kinds[TOP:])

    async def _find(self, question: Question, kind: ErrorKind) -> str | None:
        window = Window(start=kind.last_at, end=kind.last_at + _UNTIL_END)
        events, _ = await self._events.filter(
            question.function.place,
            question.log_group,
            window=window,
            pattern='"END RequestId"',
            streams=(kind.stream,),
            limit=1,
        )
        ended = _END.match(events[0].message) if events else None
        return ended[1] if ended else None


def _lacks(kind: ErrorKind) -> bool:
    return kind.request_id is None and bool(kind.stream)

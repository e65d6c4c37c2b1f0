"""Names the requests of the most frequent errors whose log lines do not."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from lambdascope_proxy.cloudwatch.log_events import LogEvents
from lambdascope_proxy.monitoring.attempts import Attempt, run_together
from lambdascope_proxy.monitoring.execution_question import Question
from lambdascope_proxy.monitoring.request_ending import request_ended_after
from lambdascope_proxy.monitoring.top_errors import ErrorKind

TOP: Final = 5


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
        place = question.function.place
        return await request_ended_after(self._events, place, question.log_group, kind.stream, kind.last_at)


def _lacks(kind: ErrorKind) -> bool:
    return kind.request_id is None and bool(kind.stream)

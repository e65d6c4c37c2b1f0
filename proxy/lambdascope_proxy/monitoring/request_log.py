"""Finds in log events the attempts of one request: their lines from START to REPORT, and what those say. Pure."""

import itertools
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.classify import Verdict, judge
from lambdascope_proxy.cloudwatch.log_events import LogEvent
from lambdascope_proxy.monitoring.error_lines import ErrorLine, Evidence, read_error_line
from lambdascope_proxy.monitoring.log_marks import Mark, mark_of, marks_of
from lambdascope_proxy.report import Report, parse_report

_VERSION: Final = re.compile(r"\[(\$LATEST|\d+)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestAttempt:
    """One execution of a request as its log stream holds it, with the lines of the init phase it waited for.

    An asynchronous request that fails is executed again under the same id.
    """

    request_id: str
    stream: str
    version: str | None
    events: tuple[LogEvent, ...]
    report: Report | None

    @property
    def began_at(self) -> datetime:
        """The time of its first line."""
        return self.events[0].time

    @property
    def tail(self) -> str:
        """Its lines as Lambda would hand them out."""
        return "".join(f"{event.message.rstrip()}\n" for event in self.events)

    @property
    def verdict(self) -> Verdict | None:
        """How it ended; None when no line says so."""
        told = _telling(self.events)
        if told is None or (self.report and self.report.status == "success"):
            return Verdict(kind=OutcomeKind.OK) if self.report else None
        body = json.dumps({"errorType": told.error_type, "errorMessage": told.message, "stackTrace": told.stack})
        return judge(
            function_error=told.error_type,
            body=body.encode(errors="replace"),
            report=self.report,
            tail=self.tail,
            request_id=self.request_id,
        )


def attempts_of(events: Iterable[LogEvent], request_id: str) -> tuple[RequestAttempt, ...]:
    """The attempts of a request among events of any streams, each stream's in the order they were written."""
    streams: dict[str, list[LogEvent]] = {}
    for event in events:
        streams.setdefault(event.stream, []).append(event)
    found = [
        RequestAttempt(
            request_id=request_id,
            stream=stream,
            version=_version(part, stream),
            events=tuple(part),
            report=parse_report("".join(f"{event.message.rstrip()}\n" for event in part), request_id),
        )
        for stream, of_stream in streams.items()
        for part in _parts(of_stream, request_id)
    ]
    return tuple(sorted(found, key=lambda attempt: attempt.began_at))


def _parts(events: Sequence[LogEvent], request_id: str) -> Iterator[Sequence[LogEvent]]:
    """An environment executes one request at a time: what lies between START and REPORT is the request's."""
    marks = marks_of([event.message for event in events])
    ours = [index for index, mark in enumerate(marks) if _is(mark, "START", request_id)]
    if not ours:
        yield from _without_start(events, marks, request_id)
    for start, following in itertools.pairwise([*ours, len(events)]):
        yield events[_lead(marks, start) : _last(marks, range(start + 1, following), request_id) + 1]


def _last(marks: Sequence[Mark | None], span: range, request_id: str) -> int:
    """Where an execution ends: at the REPORT after its END, whatever its handler printed before.

    JSON logs have no END. What has no REPORT ends before whatever the environment started next.
    """
    ends = [index for index in span if _is(marks[index], "END", request_id)]
    reports = [index for index in span if _is(marks[index], "REPORT", request_id)]
    if ends:
        return next((index for index in reports if index > ends[-1]), ends[-1])
    next_start = next((index for index in span if (mark := marks[index]) and mark.kind == "START"), span.stop)
    before_next = _lead(marks, next_start) if next_start < len(marks) else next_start
    return max((index for index in reports if index < next_start), default=before_next - 1)


def _without_start(
    events: Sequence[LogEvent], marks: Sequence[Mark | None], request_id: str
) -> Iterator[Sequence[LogEvent]]:
    """Its beginning is out of reach, or the system log level keeps START out: then only lines that name it are its."""
    named = [index for index, event in enumerate(events) if request_id in event.message]
    if not named:
        return
    has_report = any(_is(mark, "REPORT", request_id) for mark in marks)
    yield events[named[0] : named[-1] + 1] if has_report else [events[index] for index in named]


def _lead(marks: Sequence[Mark | None], start: int) -> int:
    """Where the init phase before a START begins; the START itself when there was none."""
    earlier = [index for index in range(start) if (mark := marks[index]) and mark.kind != "INIT"]
    inits = [index for index in range(earlier[-1] + 1 if earlier else 0, start) if marks[index]]
    return inits[0] if inits else start


def _is(mark: Mark | None, kind: str, request_id: str) -> bool:
    return mark is not None and (mark.kind, mark.request_id) == (kind, request_id)


def _version(part: Sequence[LogEvent], stream: str) -> str | None:
    for event in part:
        mark = mark_of(event.message)
        if mark and mark.version:
            return mark.version
    named = _VERSION.search(stream)
    return named[1] if named else None


def _telling(events: Sequence[LogEvent]) -> ErrorLine | None:
    """The line that tells most of a failure; errors that were only logged are none."""
    is_text = any(mark and not mark.is_json for mark in (mark_of(event.message) for event in events))
    told = [line for event in events if (line := read_error_line(event.message, is_text_log=is_text))]
    failures = [line for line in told if line.evidence is not Evidence.LOGGED]
    return max(failures, key=lambda line: line.evidence, default=None)

"""The attempts to run requests, put together from rows of Logs Insights: reports, starts and error lines. Pure.

A report names its request; the line of an uncaught exception often does not, and then belongs to the execution that
ran in its stream at that time.
"""

import itertools
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from lambdascope_proxy.monitoring.error_lines import TIMED_OUT, ErrorLine, Evidence, read_error_line
from lambdascope_proxy.monitoring.log_marks import Mark, mark_of, marks_of
from lambdascope_proxy.report import Report, parse_report

_VERSION: Final = re.compile(r"\[(\$LATEST|[0-9]{1,20})\]")
# An init that fails writes its error before the execution begins; Lambda gives it so long, twice.
_INIT: Final = timedelta(seconds=20)
# Times of log events are cut to milliseconds, and the platform and the function take them one after the other.
_SKEW: Final = timedelta(milliseconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One log event."""

    at: datetime
    stream: str
    text: str


Marked = tuple[Line, Mark]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One execution as the logs tell of it: its report, when and where that was written, and how it failed, if so."""

    report: Report
    billed_ms: int
    at: datetime
    stream: str
    error: ErrorLine | None

    @property
    def has_failed(self) -> bool:
        """Whether the logs show that it failed."""
        return self.error is not None

    @property
    def executed_version(self) -> str | None:
        """The version of the function that ran, which the stream is named after."""
        found = _VERSION.search(self.stream)
        return found[1] if found else None

    @property
    def began_at(self) -> datetime:
        """When it began, its init or restore included: the report is written at its end."""
        spent_ms = self.report.duration_ms + (self.report.init_ms or 0.0) + (self.report.restore_ms or 0.0)
        return self.at - timedelta(milliseconds=spent_ms)


def lines_of(rows: Iterable[Mapping[str, str]]) -> list[Line]:
    """The events in rows of @timestamp, @logStream and @message, oldest first."""
    found = [
        Line(at=_time(row["@timestamp"]), stream=row.get("@logStream", ""), text=row.get("@message", ""))
        for row in rows
        if "@timestamp" in row
    ]
    return sorted(found, key=lambda line: line.at)


def attempts_in(lines: Sequence[Line]) -> dict[str, list[Attempt]]:
    """The attempts at each request, oldest first. A report without a billed duration is none: nothing can be priced."""
    marked = _marked(lines)
    starts = _starts(marked)
    reports = _reports(marked)
    named, unnamed = _errors(lines, reports)
    found: dict[str, dict[tuple[datetime, str], Attempt]] = defaultdict(dict)
    for line, report in reports:
        if report.billed_ms is None:
            continue
        began = starts.get((line.stream, report.request_id), [])
        execution = _Execution(line=line, report=report, began=[at for at in began if at <= line.at])
        error = execution.error([*named.get(report.request_id, ()), *unnamed.get((line.stream, line.at), ())])
        attempt = Attempt(report=report, billed_ms=report.billed_ms, at=line.at, stream=line.stream, error=error)
        found[report.request_id][line.at, line.stream] = attempt
    return {request_id: list(attempts.values()) for request_id, attempts in found.items()}


def unfinished(lines: Sequence[Line]) -> list[Line]:
    """The lines after the last report of their stream: what follows them in the log says whose they are."""
    ends = {line.stream: line.at for line, _ in _reports(_marked(lines))}
    return [line for line in lines if line.stream not in ends or line.at > ends[line.stream]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Execution:
    """A report on its way to become an attempt; `began` are the starts of its request in its stream before it."""

    line: Line
    report: Report
    began: Sequence[datetime]

    @property
    def started(self) -> datetime:
        spent_ms = self.report.duration_ms + (self.report.init_ms or 0.0)
        return max(self.began, default=self.line.at - timedelta(milliseconds=spent_ms) - _SKEW)

    def error(self, candidates: Iterable[tuple[Line, ErrorLine]]) -> ErrorLine | None:
        """How it failed, by the line that tells most of it; None if nothing shows that it failed."""
        if self.report.status == "success":
            return None
        wanted = TIMED_OUT if self.report.timed_out else self.report.error_type
        mine = [error for line, error in candidates if self._has(line, is_wanted=error.error_type == wanted)]
        same = [error for error in mine if error.error_type == wanted]
        return max(same or mine, key=lambda error: error.evidence, default=read_error_line(self.line.text))

    def _has(self, line: Line, *, is_wanted: bool) -> bool:
        earliest = self.started - _INIT if is_wanted else self.started
        return line.stream == self.line.stream and earliest <= line.at <= self.line.at


def _reports(marked: Sequence[Marked]) -> list[tuple[Line, Report]]:
    found = (
        (line, parse_report(line.text.rstrip("\n") + "\n", mark.request_id))
        for line, mark in marked
        if mark.kind == "REPORT"
    )
    return [(line, report) for line, report in found if report is not None]


def _starts(marked: Sequence[Marked]) -> dict[tuple[str, str], list[datetime]]:
    found: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for line, mark in marked:
        if mark.kind == "START":
            found[line.stream, mark.request_id].append(line.at)
    return found


def _marked(lines: Sequence[Line]) -> list[Marked]:
    """The system lines, stream by stream, without the reports that handlers printed."""
    streams: dict[str, list[Line]] = defaultdict(list)
    # An event may be delivered twice.
    for line in dict.fromkeys(lines):
        streams[line.stream].append(line)
    found: list[Marked] = []
    for of_stream in streams.values():
        ordered = _in_order(of_stream)
        marks = marks_of([line.text for line in ordered])
        found += [(line, mark) for line, mark in zip(ordered, marks, strict=True) if mark]
    return sorted(found, key=lambda each: each[0].at)


def _in_order(lines: Sequence[Line]) -> list[Line]:
    """The lines of a stream as they were written: Insights sorts by milliseconds, and executions may be shorter."""
    ordered: list[Line] = []
    running = ""
    for _, group in itertools.groupby(lines, key=lambda line: line.at):
        those = [(line, mark_of(line.text)) for line in group]
        ranks = {id(line): _rank(mark, running) for line, mark in those}
        ordered += sorted((line for line, _ in those), key=lambda line: ranks[id(line)])
        running = next((mark.request_id for _, mark in reversed(those) if mark and mark.kind == "START"), running)
    return ordered


def _rank(mark: Mark | None, running: str) -> tuple[bool, str, int]:
    """Of one millisecond first what ends the execution that is running, then each other from START to REPORT."""
    if mark is None:
        return (False, "", 1)
    return (mark.request_id != running, mark.request_id, ("START", "INIT", "END", "REPORT").index(mark.kind))


Told = tuple[Line, ErrorLine]


def _errors(
    lines: Sequence[Line], reports: Sequence[tuple[Line, Report]]
) -> tuple[dict[str, list[Told]], dict[tuple[str, datetime], list[Told]]]:
    """Error lines by the request they name, and the others by the place of the first report that follows them.

    A stream is one execution after the other, so what names no request belongs to the next one that ends.
    """
    ends: dict[str, list[datetime]] = defaultdict(list)
    for line, _ in reports:
        ends[line.stream].append(line.at)
    in_text = {line.stream for line, _ in reports if line.text.startswith("REPORT ")}
    named: dict[str, list[Told]] = defaultdict(list)
    unnamed: dict[tuple[str, datetime], list[Told]] = defaultdict(list)
    for line in lines:
        error = read_error_line(line.text, is_text_log=line.stream in in_text)
        # What a function merely logs as an error shows nothing of how it ended; reports are looked at by themselves.
        if error is None or error.evidence not in (Evidence.RAISED, Evidence.DIED):
            continue
        if error.request_id:
            named[error.request_id].append((line, error))
            continue
        place = bisect_left(ends[line.stream], line.at)
        if place < len(ends[line.stream]):
            unnamed[line.stream, ends[line.stream][place]].append((line, error))
    return named, unnamed


def _time(text: str) -> datetime:
    """Read a time as Logs Insights writes it, which is UTC without saying so."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)

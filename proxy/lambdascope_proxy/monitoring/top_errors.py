"""Puts error lines together: lines to executions, executions to kinds of error, the most frequent first. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from lambdascope_analytics.fingerprint import fingerprint
from lambdascope_proxy.classify import MESSAGE_CHARS
from lambdascope_proxy.monitoring.error_lines import ErrorLine, Evidence, read_error_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """An error line where it stands in the log."""

    at: datetime
    stream: str
    line: ErrorLine


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorKind:
    """One kind of error: how many executions had it, when, and an example with what it said.

    `request_id` is None where no line of it names one; `stream` and `last_at` then say where to look for it.
    `is_logged_only` tells that it was logged, and nothing shows that the execution failed of it.
    """

    fingerprint: str
    error_type: str
    message: str
    stack: tuple[str, ...]
    count: int
    first_at: datetime
    last_at: datetime
    request_id: str | None
    stream: str
    is_logged_only: bool


def sightings_of(rows: Iterable[Mapping[str, str]], *, is_text_log: bool = False) -> list[Sighting]:
    """The failures that rows of @timestamp, @logStream and @message (and @requestId) tell of, oldest first."""
    found: list[Sighting] = []
    for row in rows:
        line = read_error_line(row.get("@message", ""), is_text_log=is_text_log)
        at = read_time(row.get("@timestamp", ""))
        if line is None or at is None:
            continue
        if line.request_id is None and row.get("@requestId"):
            line = replace(line, request_id=row["@requestId"])
        found.append(Sighting(at=at, stream=row.get("@logStream", ""), line=line))
    return sorted(found, key=lambda sighting: sighting.at)


def read_time(text: str) -> datetime | None:
    """A time as Logs Insights writes it, which is UTC without saying so."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None


def top_errors(sightings: Sequence[Sighting]) -> list[ErrorKind]:
    """The kinds of error, each counted once per execution, the most frequent first and of those the latest."""
    kinds: dict[str, list[tuple[Sighting, list[Sighting]]]] = defaultdict(list)
    for lines in _executions(sightings):
        telling = max(lines, key=lambda sighting: (sighting.line.evidence, sighting.at))
        kinds[_fingerprint(telling.line)].append((telling, lines))
    found = [_kind(mark, occurrences) for mark, occurrences in kinds.items()]
    return sorted(found, key=lambda kind: (kind.count, kind.last_at), reverse=True)


def _executions(sightings: Sequence[Sighting]) -> list[list[Sighting]]:
    """The lines of each execution. One without request id is taken for an execution of its own."""
    by_request: dict[str, list[Sighting]] = defaultdict(list)
    alone: list[list[Sighting]] = []
    for sighting in _with_owners(sightings):
        if sighting.line.request_id is None:
            alone.append([sighting])
        else:
            by_request[sighting.line.request_id].append(sighting)
    return [*by_request.values(), *alone]


def _with_owners(sightings: Sequence[Sighting]) -> list[Sighting]:
    """Gives a line without request id that of the report after it, in its stream, of the same error type.

    An init that fails is such a case: it is tried twice, writes its error twice, and only the report says for whom.
    """
    owned: list[Sighting] = []
    reports: dict[tuple[str, str], Sighting] = {}
    for sighting in reversed(sightings):
        line, place = sighting.line, (sighting.stream, sighting.line.error_type)
        if line.evidence is Evidence.REPORTED:
            reports[place] = sighting
        elif line.request_id is None and (report := reports.get(place)):
            sighting = replace(sighting, line=replace(line, request_id=report.line.request_id))
        owned.append(sighting)
    return owned[::-1]


def _fingerprint(line: ErrorLine) -> str:
    """The fingerprint the history has for it: a caller is told of deaths in other words than the log."""
    is_told_by_platform = line.evidence in (Evidence.DIED, Evidence.REPORTED) and line.message
    message = f"RequestId: {line.request_id} Error: {line.message}" if is_told_by_platform else line.message
    return fingerprint(line.error_type, message[:MESSAGE_CHARS], line.stack)


def _kind(mark: str, occurrences: Sequence[tuple[Sighting, list[Sighting]]]) -> ErrorKind:
    times = [sighting.at for _, lines in occurrences for sighting in lines]
    example = max((telling for telling, _ in occurrences), key=lambda telling: telling.at)
    return ErrorKind(
        fingerprint=mark,
        error_type=example.line.error_type,
        message=example.line.message,
        stack=example.line.stack,
        count=len(occurrences),
        first_at=min(times),
        last_at=max(times),
        request_id=example.line.request_id,
        stream=example.stream,
        is_logged_only=all(telling.line.evidence is Evidence.LOGGED for telling, _ in occurrences),
    )

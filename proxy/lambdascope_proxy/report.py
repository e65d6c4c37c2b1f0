"""What a log tail says of one invocation: its REPORT line or platform.report record, as numbers.

Text goes in and numbers come out. The numbers are what AWS bills from, so a report that is torn, malformed or printed
by the handler itself is no report: the answer is then None, never a guess.
"""

import base64
import itertools
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, cast

# System lines with a request id; INIT_REPORT has none, and only ends what stands before it in the same line.
# All repetitions are bounded or of one class: linear time.
_MARKER: Final = re.compile(r"(START|END|REPORT) RequestId: (\S+)|INIT_REPORT (?=Init Duration: )")
# Any label, known or not, so that the end of an unknown one ("Snapshot Duration") is not taken for a known one.
_FIELD: Final = re.compile(r"(?<!\S)([A-Z][A-Za-z]{0,19}(?: [A-Z][A-Za-z]{0,19}){0,3}): (\S+)(?: (ms|MB)(?!\S))?")
_DECIMAL: Final = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,9})?")
_XRAY_TRACE_ID: Final = re.compile(r"(?<![\w-])1-[0-9a-f]{8}-[0-9a-f]{24}(?![\w-])")
_TOO_LARGE: Final = 1e15
_TIMED_OUT: Final = re.compile(r" Task timed out after [0-9]")

# The numbers of a report: the name of each in JSON, and in text its label and unit.
_NUMBERS: Final = (
    ("durationMs", "Duration", "ms"),
    ("billedDurationMs", "Billed Duration", "ms"),
    ("memorySizeMB", "Memory Size", "MB"),
    ("maxMemoryUsedMB", "Max Memory Used", "MB"),
    ("initDurationMs", "Init Duration", "ms"),
    ("restoreDurationMs", "Restore Duration", "ms"),
    ("billedRestoreDurationMs", "Billed Restore Duration", "ms"),
)
_UNITS: Final = {label: unit for _, label, unit in _NUMBERS}
_IN_EVERY_LINE: Final = frozenset({"Duration", "Billed Duration", "Memory Size", "Max Memory Used"})
_LABEL_OF_WORD: Final = {"status": "Status", "errorType": "Error Type"}
_STATUSES: Final = frozenset({"success", "error", "failure", "timeout", None})


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One invocation as the platform reported it; what the report does not say is None.

    `status` is the platform's word ("timeout", "error", "failure", "success"); a text line of a success has none.
    """

    request_id: str
    duration_ms: float
    billed_ms: int | None
    memory_mb: int | None
    max_memory_mb: int | None
    init_ms: float | None
    restore_ms: float | None
    billed_restore_ms: int | None
    status: str | None
    error_type: str | None
    xray_trace_id: str | None

    @property
    def is_cold(self) -> bool:
        """Whether the execution environment was new: initialised, or restored from a snapshot."""
        return self.init_ms is not None or self.restore_ms is not None

    @property
    def timed_out(self) -> bool:
        """Whether the report itself says so; older platforms said it in another line, see `mentions_timeout`."""
        return self.status == "timeout"


class _MalformedError(Exception):
    """What begins like a report and is not a whole one."""


class _Event(NamedTuple):
    """A system line or record: START, END or REPORT, and what it says, still unchecked."""

    kind: str
    request_id: str
    source: Mapping[str, Any] | str
    is_ended: bool = True  # something follows, so nothing was cut off


class _Fields(dict[str, Any]):
    """Label -> value, as a text line labels them: numbers are floats, everything else is a string."""

    def required(self, label: str) -> Any:
        if label not in self:
            raise _MalformedError(label)
        return self[label]

    def whole(self, label: str) -> int | None:
        value: float | None = self.get(label)
        if value is not None and not value.is_integer():
            raise _MalformedError(label)
        return None if value is None else int(value)


def decode_tail(log_result: str | None) -> str:
    """Give the text of an `X-Amz-Log-Result`: "" if there is none or it is not base64.

    The tail is cut at a byte, so a character torn at its beginning becomes U+FFFD.
    """
    try:
        return base64.b64decode(log_result or "", validate=True).decode("utf-8", errors="replace")
    except ValueError:
        return ""


def parse_report(tail: str, request_id: str | None) -> Report | None:
    """Read the report of `request_id` (None: of whichever comes last) from a log tail, in text or JSON form.

    The last one counts, and what stands between START and END of the request was printed by the handler. A line that
    ends the tail without a newline may have lost its end: it counts only if its parts explain what it bills, and then
    all it can lack is its status and what follows that.
    """
    event = _last_report(tail, request_id)
    if event is None:
        return None
    try:
        report = _report_from(event.request_id, _fields_of(event))
    except _MalformedError:
        return None
    return report if event.is_ended or _could_be_whole(report) else None


def mentions_timeout(tail: str, request_id: str | None) -> bool:
    """Tell whether the tail says that the request timed out, in its report or in a "Task timed out after" line."""
    report = parse_report(tail, request_id)
    if report is not None and report.timed_out:
        return True
    for match in _TIMED_OUT.finditer(tail):
        words = tail[max(0, match.start() - 100) : match.start()].removesuffix(" Error:").split()
        if words and request_id in (None, words[-1]):
            return True
    return False


def _last_report(tail: str, request_id: str | None) -> _Event | None:
    found: _Event | None = None
    running: set[str] = set()
    for event in _events(tail):
        if request_id not in (None, event.request_id):
            continue
        if event.kind == "START":
            running.add(event.request_id)
        elif event.kind == "END":
            running.discard(event.request_id)
            found = None if found and found.request_id == event.request_id else found
        elif event.request_id not in running or not isinstance(event.source, str):
            found = event
    return found


def _events(tail: str) -> Iterator[_Event]:
    # An X-Ray line belongs to the report above it. Not splitlines(): it splits at characters a handler may print.
    lines = tail.replace("\nXRAY TraceId: ", "\tXRAY TraceId: ").split("\n")
    for index, line in enumerate(lines):
        parsed = _json_object(line) if line.lstrip().startswith("{") else None
        if parsed is None:
            yield from _text_events(line, is_ended=index < len(lines) - 1)
            continue
        record = _object_at(parsed, "record")
        if parsed.get("type") == "platform.report" and isinstance(record.get("requestId"), str):
            yield _Event("REPORT", record["requestId"], record)


def _text_events(line: str, *, is_ended: bool) -> Iterator[_Event]:
    """Give the system lines in one line of text; log shippers put several into one."""
    for marker, following in itertools.pairwise([*_MARKER.finditer(line), None]):
        assert marker is not None  # only the last of the list is None
        if marker[1]:
            source = line[marker.end() : following.start() if following else None]
            yield _Event(marker[1], marker[2], source, is_ended or following is not None)


def _fields_of(event: _Event) -> _Fields:
    if not isinstance(event.source, str):
        return _fields_of_record(event.source)
    fields, end = _Fields(), 0
    for match in _FIELD.finditer(event.source):
        label, value, unit = match.groups()
        if label in fields:
            raise _MalformedError(label)
        fields[label] = _decimal(value) if unit and unit == _UNITS.get(label) else value
        end = match.end()
    is_torn = not event.is_ended and event.source[end:].strip()
    lacks_one = not fields.keys() >= _IN_EVERY_LINE
    if is_torn or lacks_one or any(isinstance(fields.get(label), str) for label in _UNITS):
        raise _MalformedError
    return fields


def _fields_of_record(record: Mapping[str, Any]) -> _Fields:
    metrics, fields = _object_at(record, "metrics"), _Fields()
    for name, label, _ in _NUMBERS:
        if metrics.get(name) is not None:
            fields[label] = _number(metrics[name])
    for name, label in _LABEL_OF_WORD.items():
        if isinstance(record.get(name), str):
            fields[label] = record[name]
    fields["XRAY TraceId"] = str(_object_at(record, "tracing").get("value"))
    return fields


def _report_from(request_id: str, fields: _Fields) -> Report:
    trace = _XRAY_TRACE_ID.search(fields.get("XRAY TraceId", ""))
    return Report(
        request_id=request_id,
        duration_ms=fields.required("Duration"),
        billed_ms=fields.whole("Billed Duration"),
        memory_mb=fields.whole("Memory Size"),
        max_memory_mb=fields.whole("Max Memory Used"),
        init_ms=fields.get("Init Duration"),
        restore_ms=fields.get("Restore Duration"),
        billed_restore_ms=fields.whole("Billed Restore Duration"),
        status=fields.get("Status"),
        error_type=fields.get("Error Type"),
        xray_trace_id=trace[0] if trace else None,
    )


def _could_be_whole(report: Report) -> bool:
    """Tell whether the parts explain what was billed; if they do not, a part (init, restore) was cut off."""
    explained_ms = math.ceil(report.duration_ms + (report.init_ms or 0)) + (report.billed_restore_ms or 0)
    return (report.billed_ms or 0) <= explained_ms and report.status in _STATUSES


def _decimal(text: str) -> float:
    if not _DECIMAL.fullmatch(text):
        raise _MalformedError(text)
    return float(text)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _TOO_LARGE:
        raise _MalformedError(value)
    return float(value)


def _json_object(text: str) -> dict[str, Any] | None:
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def _object_at(parent: Mapping[str, Any], key: str) -> dict[str, Any]:
    value: object = parent.get(key)
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}

"""The system lines of a log stream, START, END, REPORT and INIT, told from what a handler prints like them. Pure."""

import json
import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple, cast

_TEXT_MARK: Final = re.compile(r"(START|END|REPORT) RequestId: (\S+)(?: Version: (\S+))?")
_INIT: Final = re.compile(r"INIT_(?:START|REPORT) ")
_JSON_MARKS: Final = {"platform.start": "START", "platform.report": "REPORT"}
_LONGEST_MARK: Final = 65_536


class Mark(NamedTuple):
    """A system line: START, END or REPORT of a request, or INIT."""

    kind: str
    request_id: str = ""
    version: str | None = None
    is_json: bool = False


def marks_of(messages: Sequence[str]) -> list[Mark | None]:
    """What each line of one stream marks, in the order they were written; reports that a handler printed are none.

    A text log has the report of an execution right after its END, whatever stands before that. JSON logs have no END:
    of several records of one execution the last is the platform's.
    """
    marks = [mark_of(message) for message in messages]
    true = _true_reports(marks)
    return [None if mark and mark.kind == "REPORT" and at not in true else mark for at, mark in enumerate(marks)]


def _true_reports(marks: Sequence[Mark | None]) -> set[int]:
    starts = [at for at, mark in enumerate(marks) if mark and mark.kind == "START"]
    if any((mark := marks[at]) and mark.is_json for at in starts):
        return _last_records(marks)
    found: set[int] = set()
    for begin, end in zip([0, *starts], [*starts, len(marks)], strict=True):
        found |= _of_execution(marks, range(begin, end), is_begun=begin in starts)
    return found


def _of_execution(marks: Sequence[Mark | None], span: range, *, is_begun: bool) -> set[int]:
    """The report in what lies between two STARTs; before the first START whatever may be one."""
    kinds = {at: mark for at in span if (mark := marks[at])}
    ends = [at for at, mark in kinds.items() if mark.kind == "END"]
    if not ends:
        return set() if is_begun else {at for at, mark in kinds.items() if mark.kind == "REPORT"}
    last = ends[-1]
    after = (at for at in span if at > last and at in kinds and kinds[at].kind == "REPORT" and not kinds[at].is_json)
    found = next((at for at in after if kinds[at].request_id == kinds[last].request_id), None)
    return set() if found is None else {found}


def _last_records(marks: Sequence[Mark | None]) -> set[int]:
    """By request, for an environment may be at several at once: each the last before its request starts again."""
    last: dict[str, int] = {}
    found: set[int] = set()
    for at, mark in enumerate(marks):
        if mark and mark.is_json and mark.kind == "REPORT":
            last[mark.request_id] = at
        elif mark and mark.is_json and mark.kind == "START":
            found |= {last.pop(mark.request_id, -1)}
    return found | set(last.values())


def mark_of(message: str) -> Mark | None:
    """What a line marks, as text or as a platform.* record; None for a line of the function's own."""
    if found := _TEXT_MARK.match(message):
        return Mark(found[1], found[2], found[3])
    if _INIT.match(message):
        return Mark("INIT")
    if not message.startswith("{") or '"platform.' not in message[:_LONGEST_MARK]:
        return None
    try:
        entry: object = json.loads(message)
    except (ValueError, RecursionError):
        return None
    return _json_mark(cast("dict[str, Any]", entry)) if isinstance(entry, dict) else None


def _json_mark(entry: dict[str, Any]) -> Mark | None:
    kind, inner = entry.get("type"), entry.get("record")
    record = cast("dict[str, Any]", inner) if isinstance(inner, dict) else {}
    if isinstance(kind, str) and kind.startswith("platform.init"):
        return Mark("INIT", is_json=True)
    if not isinstance(kind, str) or kind not in _JSON_MARKS:
        return None
    version = record.get("version")
    return Mark(_JSON_MARKS[kind], str(record.get("requestId")), version if isinstance(version, str) else None, True)

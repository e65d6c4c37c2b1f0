"""Writes what is known of one execution: text within a model's budget, and data for programs. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from lambdascope_analytics.adhoc.cells import plain
from lambdascope_proxy.cloudwatch.log_events import LogEvent
from lambdascope_proxy.monitoring.clocks import longest
from lambdascope_proxy.monitoring.inspection import Inspection
from lambdascope_proxy.monitoring.log_table import KEPT_CHARS, SCRUBBED_CHARS

LOG_BYTES: Final = 3_000
LINE_CHARS: Final = 500
MESSAGE_CHARS: Final = 400

# The history's name of the memory used is easily taken for a limit.
_NAMES: Final = {"max_memory_mb": "memory_used_mb"}


def log_lines(inspection: Inspection, scrub: Callable[[str], str], most_bytes: int) -> tuple[list[str], int]:
    """The lines of all attempts, oldest first and scrubbed; of too many the newest, and how many were left out."""
    events = [event for each in inspection.attempts for event in each.attempt.events]
    kept: list[str] = []
    for event in reversed(events):
        line = _line(event, scrub)
        most_bytes -= len(line.encode(errors="replace")) + 1
        if most_bytes < 0:
            break
        kept.append(line)
    return kept[::-1], len(events) - len(kept)


def data_of(inspection: Inspection, lines: Sequence[str], left_out: int) -> dict[str, Any]:
    """The answer as structured content."""
    bill = inspection.bill
    return {
        "source": "logs" if inspection.row is None else "history",
        "execution": inspection.facts,
        "clocks": [{"name": each.name, "ms": each.ms, "share": each.share} for each in inspection.clocks],
        "attempts": [each.as_data() for each in inspection.attempts],
        "log_lines": list(lines),
        "log_lines_left_out": left_out,
        "links": inspection.links,
        "session": [
            {name: plain(value) for name, value in row.items() if value is not None} for row in inspection.neighbours
        ],
        "bill": bill.as_data() if bill else None,
        "next_step": inspection.next_step,
    }


def text_of(inspection: Inspection, lines: Sequence[str], left_out: int) -> str:
    """What happened, where the time and the money went, the newest log lines, the session, links, and a next step."""
    facts = inspection.facts
    sections = [
        _what(facts),
        _when(facts),
        _times(inspection),
        _figures(facts),
        *_attempts(inspection),
        *_log(lines, left_out),
        *_session(inspection.neighbours),
        *(f"{name}: {link}" for name, link in inspection.links.items()),
        f"Next: {inspection.next_step}",
    ]
    return "\n".join(section for section in sections if section)


def notes_of(inspection: Inspection) -> tuple[str, ...]:
    """What a reader must know besides."""
    notes = list(inspection.shortfalls)
    if inspection.is_pending:
        notes.append(
            "It was called asynchronously and is not reconciled yet: the history does not know how it ended, only the "
            "log does. Each attempt is billed."
        )
    if inspection.log and inspection.log.has_gap:
        notes.append("It wrote more lines than are read here: there is a gap before the newest.")
    if inspection.has_no_session:
        notes.append(
            "It has no session, as its client speaks a newer protocol over HTTP: no calls around it are known."
        )
    return tuple(notes)


def _what(facts: Mapping[str, Any]) -> str:
    names = [
        facts.get("function_name") or facts.get("tool_name") or "",
        f"version {facts['executed_version']}" if "executed_version" in facts else "",
        f"request {facts['request_id']}" if "request_id" in facts else "",
        f"call {facts['call_id']}" if "call_id" in facts else "",
    ]
    end = ": ".join(
        text for text in (facts.get("outcome"), facts.get("error_type"), facts.get("error_message")) if text
    )
    return f"{', '.join(name for name in names if name)}\n{end[:MESSAGE_CHARS] or 'no line says how it ended'}"


def _when(facts: Mapping[str, Any]) -> str:
    began = facts.get("started_at") or facts.get("began_at")
    parts = [
        f"began {began}" if began else "",
        facts.get("region", ""),
        f"through {facts['tool_name']}" if "tool_name" in facts else "not through this proxy",
        f"client {facts['client_name']}" if "client_name" in facts else "",
        "asynchronous" if facts.get("invocation_type") == "Event" else "",
    ]
    return ", ".join(part for part in parts if part)


def _times(inspection: Inspection) -> str:
    clocks, slowest = inspection.clocks, longest(inspection.clocks)
    if slowest is None:
        return ""
    parts = " + ".join(f"{each.name} {each.ms:.1f} ms ({each.share:.0%})" for each in clocks)
    return f"Time: {inspection.facts['total_ms']:.1f} ms = {parts}. Most of it: {slowest.name}."


def _figures(facts: Mapping[str, Any]) -> str:
    parts: list[str] = []
    if "duration_ms" in facts:
        parts.append(f"handler {facts['duration_ms']} ms")
    if "billed_ms" in facts:
        parts.append(f"billed {facts['billed_ms']} ms")
    if "init_ms" in facts or "restore_ms" in facts:
        parts.append(f"cold start {facts.get('init_ms', facts.get('restore_ms'))} ms")
    if "max_memory_mb" in facts:
        parts.append(f"memory {facts['max_memory_mb']} of {facts.get('memory_mb')} MB")
    if "cost_usd" in facts:
        parts.append(f"cost ${facts['cost_usd']} ({facts.get('cost_source')}, rates of {facts.get('rates_version')})")
    if facts.get("attempts", 0) > 1:
        # Not executions: what was sent until one request was taken.
        parts.append(f"invoke requests {facts['attempts']}")
    return ", ".join(parts)


def _attempts(inspection: Inspection) -> Iterator[str]:
    if len(inspection.attempts) < 2 and not inspection.is_pending:
        return
    for number, each in enumerate(inspection.attempts, 1):
        told = each.as_data()
        shown = (
            "began_at",
            "outcome",
            "error_type",
            "duration_ms",
            "billed_ms",
            "init_ms",
            "max_memory_mb",
            "cost_usd",
        )
        yield f"Attempt {number}: " + ", ".join(
            f"{_NAMES.get(name, name)} {told[name]}" for name in shown if name in told
        )


def _log(lines: Sequence[str], left_out: int) -> Iterator[str]:
    if not lines:
        return
    shown: list[str] = []
    size = 0
    for line in reversed(lines):
        short = line if len(line) <= LINE_CHARS else f"{line[:LINE_CHARS]}..."
        size += len(short.encode(errors="replace")) + 1
        if size > LOG_BYTES:
            break
        shown.append(short)
    hidden = left_out + len(lines) - len(shown)
    yield f"Log, the newest {len(shown)} of {len(shown) + hidden} lines:" if hidden else f"Log, {len(shown)} lines:"
    yield from reversed(shown)


def _session(neighbours: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if not neighbours:
        return
    yield "Calls around it in its session:"
    for row in neighbours:
        told = {name: plain(value) for name, value in row.items() if value is not None}
        place = told["place"]
        what = " ".join(str(told[name]) for name in ("tool_name", "function_name", "outcome") if name in told)
        took = f", {told['total_ms']:.0f} ms" if "total_ms" in told else ""
        yield f"{place:+d} {told.get('started_at', '')} {what}{took}, call {told.get('call_id')}"


def _line(event: LogEvent, scrub: Callable[[str], str]) -> str:
    text = scrub(event.message[:SCRUBBED_CHARS].rstrip().replace("\N{NO-BREAK SPACE}", " "))
    return f"{event.time:%H:%M:%S}.{event.time.microsecond // 1000:03d} {text[:KEPT_CHARS]}"

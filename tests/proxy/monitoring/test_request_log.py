"""The lines of one request among those of its streams, and what they say of how it ended."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.cloudwatch.log_events import LogEvent
from lambdascope_proxy.monitoring.log_marks import mark_of
from lambdascope_proxy.monitoring.request_log import RequestAttempt, attempts_of

TEN = datetime(2026, 11, 22, 10, tzinfo=UTC)
OURS, OTHER = "5b1f0c52-7f0e-4c6a-9a3e-2d1f4e6a7b80", "77777777-7f0e-4c6a-9a3e-2d1f4e6a7b80"
STREAM = "2026/11/22/[7]0123456789abcdef0123456789abcdef"
FIGURES = "Duration: 12.50 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\tMax Memory Used: {} MB\t"
INIT = "INIT_START Runtime Version: python:3.13.v41\tRuntime Version ARN: arn\n"


def start(request_id: str = OURS, version: str = "7") -> str:
    return f"START RequestId: {request_id} Version: {version}\n"


def end(request_id: str = OURS) -> str:
    return f"END RequestId: {request_id}\n"


def report(request_id: str = OURS, tail: str = "", used: int = 40) -> str:
    return f"REPORT RequestId: {request_id}\t{FIGURES.format(used)}{tail}\n"


def platform(kind: str, request_id: str = OURS, **more: Any) -> str:
    record = {"requestId": request_id, **more}
    return json.dumps({"time": "2026-11-22T10:00:00Z", "type": f"platform.{kind}", "record": record}) + "\n"


METRICS = {"durationMs": 12.5, "billedDurationMs": 13, "memorySizeMB": 128, "maxMemoryUsedMB": 40}


def events_of(*messages: str, stream: str = STREAM, after_s: float = 0) -> list[LogEvent]:
    times = (TEN + timedelta(seconds=after_s, milliseconds=number) for number in range(len(messages)))
    return [LogEvent(time=time, stream=stream, message=message) for time, message in zip(times, messages, strict=True)]


def only(*messages: str) -> RequestAttempt:
    (attempt,) = attempts_of(events_of(*messages), OURS)
    return attempt


def test_an_attempt_is_what_lies_between_its_start_and_its_report() -> None:
    attempt = only(start(OTHER), "a\n", end(OTHER), report(OTHER), start(), "b\n", end(), report(), start(OTHER), "c\n")
    assert [event.message for event in attempt.events] == [start(), "b\n", end(), report()]
    assert (attempt.version, attempt.stream, attempt.began_at) == ("7", STREAM, TEN + timedelta(milliseconds=4))
    assert attempt.report is not None
    assert (attempt.report.duration_ms, attempt.report.billed_ms) == (12.5, 13)


def test_the_init_phase_it_waited_for_is_its_own_and_that_of_another_is_not() -> None:
    cold = only(INIT, "importing\n", start(), end(), report())
    assert [event.message for event in cold.events][:3] == [INIT, "importing\n", start()]
    warm = only(INIT, start(OTHER), end(OTHER), report(OTHER), "late\n", start(), end(), report())
    assert warm.events[0].message == start()


def test_json_logs_are_read_alike() -> None:
    init = json.dumps({"type": "platform.initStart", "record": {"phase": "init"}})
    attempt = only(
        init,
        platform("start", version="9"),
        json.dumps({"level": "INFO", "message": "hello", "requestId": OURS}),
        platform("report", metrics=METRICS, status="success"),
        platform("start", OTHER, version="9"),
    )
    assert (len(attempt.events), attempt.version) == (4, "9")
    assert attempt.report is not None
    assert attempt.report.billed_ms == 13
    assert attempt.verdict is not None
    assert attempt.verdict.kind is OutcomeKind.OK


def test_attempts_of_a_request_are_kept_apart_and_in_order_within_a_stream_and_across() -> None:
    later = "2026/11/22/[7]ffffffffffffffffffffffffffffffff"
    events = [
        *events_of(start(), "third\n", end(), report(), stream=later, after_s=120),
        *events_of(start(), "first\n", end(), report(), start(OTHER), report(OTHER), start(), "second\n", report()),
    ]
    attempts = attempts_of(events, OURS)
    assert [each.events[1].message for each in attempts] == ["first\n", "second\n", "third\n"]
    assert [each.stream for each in attempts] == [STREAM, STREAM, later]


def test_reports_that_the_handler_prints_deceive_nobody() -> None:
    fake = report().replace("12.50", "899999.00").replace("13 ms", "899999 ms")
    attempt = only(start(), fake, start(OTHER), "more\n", end(), report())
    assert attempt.events[-1].message == report()
    assert attempt.report is not None
    assert attempt.report.billed_ms == 13


def test_an_attempt_without_a_report_ends_where_the_next_begins() -> None:
    attempt = only(start(), "a\n", start(OTHER), "b\n")
    assert [event.message for event in attempt.events] == [start(), "a\n"]
    assert (attempt.report, attempt.verdict) == (None, None)


def test_without_a_start_only_the_lines_that_name_it_are_its_own() -> None:
    named = f"2026-11-22T10:00:00Z\t{OURS}\tINFO\thello\n"
    assert [event.message for event in only("a\n", named, "b\n", named).events] == [named, named]
    assert len(only("a\n", named, "b\n", report()).events) == 3
    assert attempts_of(events_of("a\n", start(OTHER)), OURS) == ()


def test_the_version_is_that_of_the_stream_where_no_line_names_it() -> None:
    assert only(f"{OURS} hello\n").version == "7"


@pytest.mark.parametrize(
    ("lines", "kind", "error_type"),
    [
        ([end(), report()], OutcomeKind.OK, None),
        (
            ["[ERROR] KeyError: 'a'\nTraceback (most recent call last):\n  x\n", end(), report()],
            "function_error",
            "KeyError",
        ),
        ([f"2026-11-22T10:00:00Z {OURS} Task timed out after 3.00 seconds\n"], "function_timeout", "Sandbox.Timedout"),
        ([end(), report(tail="Status: timeout\t")], "function_timeout", "Sandbox.Timedout"),
        (
            [
                f"RequestId: {OURS} Error: Runtime exited with error: signal: killed\nRuntime.OutOfMemory\n",
                end(),
                report(tail="Status: error\tError Type: Runtime.OutOfMemory\t", used=128),
            ],
            "out_of_memory",
            "Runtime.OutOfMemory",
        ),
        (
            [
                f"RequestId: {OURS} Error: Runtime exited with error: signal: killed\nRuntime.ExitError\n",
                end(),
                report(used=128),
            ],
            "out_of_memory",
            "Runtime.ExitError",
        ),
        ([platform("report", metrics=METRICS, status="timeout")], "function_timeout", "Sandbox.Timedout"),
        ([f"[ERROR]\t2026-11-22T10:00:00Z\t{OURS}\tonly logged\n", end(), report()], OutcomeKind.OK, None),
    ],
)
def test_how_it_ended_is_read_from_its_lines(lines: list[str], kind: str, error_type: str | None) -> None:
    begun = platform("start") if lines[0].startswith("{") else start()
    verdict = only(begun, *lines).verdict
    assert verdict is not None
    assert verdict.kind == kind
    assert (verdict.failure.error_type if verdict.failure else None) == error_type


@given(st.text() | st.text().map(lambda text: f'{{"type": "platform.start", "record": {json.dumps(text)}}}'))
def test_any_line_marks_something_or_nothing(text: str) -> None:
    mark = mark_of(text)
    assert mark is None or mark.kind in {"START", "END", "REPORT", "INIT"}


LINES = st.sampled_from([start(), end(), report(), start(OTHER), end(OTHER), report(OTHER), INIT, "a\n", f"{OURS}\n"])


@given(st.lists(LINES, max_size=12))
def test_no_line_is_lost_order_or_told_twice(lines: list[str]) -> None:
    events = events_of(*lines)
    found = [event for attempt in attempts_of(events, OURS) for event in attempt.events]
    times = [event.time for event in found]
    assert times == sorted(set(times))
    assert bool(found) == any(OURS in line for line in lines)

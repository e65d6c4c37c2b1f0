"""Attempts put together from log lines: which report is whose, and which error belongs to which execution."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.monitoring.error_lines import TIMED_OUT
from lambdascope_proxy.reconcile.attempts import Attempt, Line, lines_of
from lambdascope_proxy.reconcile.attempts import attempts_in as attempts_in_whole

At = Callable[..., Line]
ReportLine = Callable[..., str]
START = "START RequestId: {} Version: $LATEST"
RAISED = (
    "[ERROR] KeyError: 'order'\nTraceback (most recent call last):\n\N{NO-BREAK SPACE}File \"app.py\", line 6, in h"
)


def attempts_in(lines: list[Line]) -> dict[str, list[Attempt]]:
    """The attempts in lines to which the END before each report is added."""
    whole: list[Line] = []
    for line in lines:
        if line.text.startswith("REPORT RequestId: "):
            whole.append(replace(line, text=f"END RequestId: {line.text.split()[2]}\n"))
        whole.append(line)
    return attempts_in_whole(whole)


def test_rows_of_insights_become_lines_in_the_order_of_their_times() -> None:
    rows = [
        {"@timestamp": "2026-11-22 12:00:00.250", "@logStream": "b", "@message": "second"},
        {"@timestamp": "2026-11-22 12:00:00.000", "@logStream": "a", "@message": "first"},
        {"@message": "without a time"},
    ]
    first = Line(at=datetime(2026, 11, 22, 12, tzinfo=UTC), stream="a", text="first")
    second = Line(at=first.at + timedelta(milliseconds=250), stream="b", text="second")
    assert lines_of(rows) == [first, second]


def test_a_report_is_an_attempt_with_its_figures_version_and_beginning(
    at: At, report: ReportLine, noon: datetime
) -> None:
    cold = report("r1", "212.40", 601, "Init Duration: 388.15 ms")
    (attempt,) = attempts_in([at(1000, cold, "2026/11/22/orders[42]0123")])["r1"]
    assert (attempt.report.duration_ms, attempt.billed_ms, attempt.report.init_ms) == (212.4, 601, 388.15)
    assert (attempt.executed_version, attempt.has_failed) == ("42", False)
    assert attempt.began_at == noon + timedelta(milliseconds=1000 - 212.4 - 388.15)


def test_the_attempts_at_one_request_come_in_their_order_and_each_once(at: At, report: ReportLine) -> None:
    lines = [at(0, report("r1", billed=1)), at(0, report("r1", billed=1)), at(60_000, report("r1", billed=2), "other")]
    assert [attempt.billed_ms for attempt in attempts_in(lines)["r1"]] == [1, 2]


def test_an_error_that_names_no_request_is_that_of_the_execution_which_ran_then(at: At, report: ReportLine) -> None:
    """Executions of one environment follow each other within milliseconds; only one of these failed."""
    lines = [
        at(0, START.format("r1")),
        at(3, report("r1", "3.00", 3)),
        at(3, START.format("r2")),
        at(5, RAISED),
        at(6, report("r2", "3.00", 3)),
        at(6, START.format("r3")),
        at(9, report("r3", "3.00", 3)),
    ]
    found = attempts_in(lines)
    assert {request_id: attempt.has_failed for request_id, (attempt,) in found.items()} == {
        "r1": False,
        "r2": True,
        "r3": False,
    }
    error = found["r2"][0].error
    assert error is not None
    assert (error.error_type, error.message) == ("KeyError", "'order'")


def test_an_error_of_an_execution_whose_report_was_not_asked_for_is_nobodys(at: At, report: ReportLine) -> None:
    lines = [at(0, RAISED), at(500, START.format("r1")), at(510, report("r1", "10.00", 10))]
    assert not attempts_in(lines)["r1"][0].has_failed
    assert not attempts_in([line for line in lines if "START" not in line.text])["r1"][0].has_failed


def test_an_event_that_is_delivered_twice_may_fail_once(at: At, report: ReportLine) -> None:
    """Both run at the same time in environments of their own; Node's error names the request, which both have."""
    failed = '2026-11-22T12:00:00.001Z\tr1\tERROR\tInvoke Error \t{"errorType":"Error","errorMessage":"no","stack":[]}'
    lines = [
        *(at(0, START.format("r1"), "a"), at(0, START.format("r1"), "b")),
        *(at(1, failed, "a"), at(2, report("r1", "2.00", 2), "a"), at(3, report("r1", "3.00", 3), "b")),
    ]
    assert [(attempt.stream, attempt.has_failed) for attempt in attempts_in(lines)["r1"]] == [("a", True), ("b", False)]


def test_an_error_in_another_stream_is_not_taken_for_this_ones(at: At, report: ReportLine) -> None:
    lines = [at(0, START.format("r1")), at(1, RAISED, "another"), at(2, report("r1", "2.00", 2))]
    assert not attempts_in(lines)["r1"][0].has_failed


def test_without_start_lines_the_duration_tells_when_an_execution_began(at: At, report: ReportLine) -> None:
    assert attempts_in([at(990, RAISED), at(1000, report("r1", "12.00", 12))])["r1"][0].has_failed


@pytest.mark.parametrize(
    ("error", "status", "error_type"),
    [
        ("2026-11-22T12:00:01.000Z r1 Task timed out after 1.00 seconds", "Status: timeout", TIMED_OUT),
        ("RequestId: r1 Error: Runtime exited with error: exit status 3\nRuntime.ExitError", "Status: error",
         "Runtime.ExitError"),
        ("", "Status: timeout", TIMED_OUT),
    ],
)  # fmt: skip
def test_the_platform_tells_of_timeouts_and_deaths_even_without_a_line_of_their_own(
    at: At, report: ReportLine, error: str, status: str, error_type: str
) -> None:
    kind = [] if "timeout" in status else [f"Error Type: {error_type}"]
    lines = [at(0, START.format("r1")), at(999, error), at(1000, report("r1", "1000.00", 1000, status, *kind))]
    told = attempts_in(lines)["r1"][0].error
    assert told is not None
    assert told.error_type == error_type


def test_the_error_of_an_init_that_failed_stands_before_the_start_and_is_told_by_its_type(
    at: At, report: ReportLine
) -> None:
    said = "[ERROR] Runtime.ImportModuleError: Unable to import module 'app': No module named 'x'\nTraceback (most"
    kind = "Error Type: Runtime.ImportModuleError"
    lines = [
        at(0, said),
        at(400, START.format("r1")),
        at(401, report("r1", "1.00", 1, "Status: error", kind)),
    ]
    told = attempts_in(lines)["r1"][0].error
    assert told is not None
    assert "No module named 'x'" in told.message


def json_report(status: str, **more: object) -> str:
    metrics = {"durationMs": 3.0, "billedDurationMs": 3, "memorySizeMB": 256, "maxMemoryUsedMB": 91}
    record = {"requestId": "r1", "metrics": metrics, "status": status, **more}
    return json.dumps({"time": "2026-11-22T12:00:00.003Z", "type": "platform.report", "record": record})


def test_json_logs_say_by_themselves_how_each_attempt_ended(at: At) -> None:
    start = '{"time":"2026-11-22T12:00:00.000Z","type":"platform.start","record":{"requestId":"r1","version":"7"}}'
    error = json.dumps(
        {"timestamp": "2026-11-22T12:00:00Z", "level": "ERROR", "errorType": "KeyError", "errorMessage": "'order'",
         "requestId": "r1", "stackTrace": []}
    )  # fmt: skip
    lines = [
        *(at(0, start), at(2, error), at(3, json_report("error", errorType="KeyError"))),
        *(at(100, start), at(103, json_report("success"))),
    ]
    first, second = attempts_in(lines)["r1"]
    assert first.error is not None
    assert (first.error.error_type, first.error.message) == ("KeyError", "'order'")
    assert not second.has_failed


def test_an_error_that_was_only_logged_is_no_failure(at: At, report: ReportLine) -> None:
    logged = "[ERROR]\t2026-11-22T12:00:00.001Z\tr1\tpayment provider is slow"
    assert not attempts_in([at(0, START.format("r1")), at(1, logged), at(2, report())])["r1"][0].has_failed
    shouted = json.dumps({"errorType": "Odd", "errorMessage": "printed", "requestId": "r1"})
    assert not attempts_in([at(1, shouted), at(2, json_report("success"))])["r1"][0].has_failed


@pytest.mark.parametrize("is_ended", [True, False])
def test_a_report_that_a_handler_printed_is_no_attempt(at: At, report: ReportLine, is_ended: bool) -> None:
    """It was billed: 900,010 ms of an execution that took ten."""
    printed = [at(5, report("r1", "900000.00", 900_000)), at(6, report("r2", "7.00", 7))]
    lines = [at(0, START.format("r1")), *printed]
    if is_ended:
        lines += [at(10, "END RequestId: r1"), at(10, report("r1", "10.00", 10))]
    found = {name: [each.billed_ms for each in those] for name, those in attempts_in_whole(lines).items()}
    assert found == ({"r1": [10]} if is_ended else {}), "while it runs it has no report"


def test_lines_of_one_millisecond_are_put_in_the_order_of_an_execution(at: At, report: ReportLine) -> None:
    lines = [
        *(at(0, START.format("b")), at(0, report("a", billed=1)), at(0, "END RequestId: a"), at(0, START.format("a"))),
        *(at(2, report("b", billed=2)), at(2, START.format("c")), at(2, "END RequestId: b")),
        *(at(3, report("c", billed=3)), at(3, "END RequestId: c")),
    ]
    assert {name: each.billed_ms for name, (each,) in attempts_in_whole(lines).items()} == {"a": 1, "b": 2, "c": 3}


def test_what_a_function_prints_as_json_into_a_text_log_is_no_failure(at: At, report: ReportLine) -> None:
    own: dict[str, object] = {
        "level": "ERROR",
        "errorType": "E",
        "errorMessage": "m",
        "requestId": "r1",
        "stackTrace": [],
    }
    for printed in (own, {"level": "WARN", "errorType": "RetryableError", "errorMessage": "will retry"}):
        lines = [at(0, START.format("r1")), at(1, json.dumps(printed)), at(2, report())]
        assert not attempts_in(lines)["r1"][0].has_failed


def test_what_is_no_report_or_has_no_billed_time_is_no_attempt(at: At) -> None:
    unbilled = '{"type":"platform.report","record":{"requestId":"r1","metrics":{"durationMs":3},"status":"success"}}'
    assert attempts_in([at(0, "REPORT RequestId: r1 torn"), at(1, unbilled), at(2, "hello")]) == {}


@given(st.lists(st.tuples(st.integers(0, 50), st.sampled_from(["START", "REPORT", RAISED, "{", ""]), st.text())))
def test_any_lines_are_read_without_an_error(lines: list[tuple[int, str, str]]) -> None:
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    made = [Line(at=noon + timedelta(milliseconds=ms), stream="s", text=start + text) for ms, start, text in lines]
    assert isinstance(attempts_in(sorted(made, key=lambda line: line.at)), dict)

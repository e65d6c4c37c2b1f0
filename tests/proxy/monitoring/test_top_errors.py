"""From rows of a query to kinds of error, counted by execution."""

import json
from typing import Any

from lambdascope_analytics.fingerprint import fingerprint
from lambdascope_proxy.monitoring.top_errors import ErrorKind, read_time, sightings_of, top_errors

FRAME = '\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}File "/var/task/app.py", line 6, in handler'


def row(second: int, message: str, stream: str = "s1", request_id: str = "") -> dict[str, str]:
    """A row as Logs Insights answers it."""
    known = {"@requestId": request_id} if request_id else {}
    return {"@timestamp": f"2026-11-22 10:00:{second:02d}.000", "@logStream": stream, "@message": message, **known}


def report(request_id: str, status: str) -> str:
    """A REPORT line that ends in this status."""
    figures = "Duration: 2000.00 ms\tBilled Duration: 2000 ms\tMemory Size: 128 MB\tMax Memory Used: 64 MB"
    return f"REPORT RequestId: {request_id}\t{figures}\tStatus: {status}"


def raised(message: str) -> str:
    """An uncaught Python exception."""
    return f"[ERROR] KeyError: {message}\nTraceback (most recent call last):\n{FRAME}\n"


def found_in(*rows: dict[str, str]) -> list[ErrorKind]:
    """The kinds of error in rows, which come newest first."""
    return top_errors(sightings_of(reversed(rows)))


def short(kinds: list[ErrorKind]) -> list[Any]:
    return [(kind.error_type, kind.count, kind.request_id) for kind in kinds]


def test_two_lines_about_one_death_count_once_and_the_telling_one_speaks() -> None:
    died = "RequestId: r1 Error: Runtime exited with error: signal: killed\nRuntime.OutOfMemory"
    (kind,) = found_in(row(1, died), row(1, report("r1", "error\tError Type: Runtime.OutOfMemory")))
    assert (kind.error_type, kind.count, kind.message) == (
        "Runtime.OutOfMemory",
        1,
        "Runtime exited with error: signal: killed",
    )


def test_the_same_error_with_other_values_is_one_kind() -> None:
    (kind,) = found_in(row(1, raised("'order-17'")), row(5, raised("'order-18'")), row(9, raised("'order-19'")))
    assert (kind.count, kind.message) == (3, "'order-19'")
    assert (kind.first_at, kind.last_at) == (read_time("2026-11-22 10:00:01.000"), read_time("2026-11-22 10:00:09.000"))


def test_the_most_frequent_comes_first_and_of_equals_the_latest() -> None:
    other, third = "[ERROR] ValueError: no", "[ERROR] OSError: no"
    assert short(found_in(row(1, other), row(2, third), row(3, raised("1")), row(4, raised("2")))) == [
        ("KeyError", 2, None),
        ("OSError", 1, None),
        ("ValueError", 1, None),
    ]


def test_an_init_that_fails_twice_for_one_request_is_one_error_of_that_request() -> None:
    # Both lines stand before START, so neither names the request.
    failed = "[ERROR] Runtime.ImportModuleError: Unable to import module 'app': No module named 'x'"
    status = "error\tError Type: Runtime.ImportModuleError"
    rows = (row(1, failed), row(2, failed), row(3, report("r1", status)), row(4, failed), row(5, report("r2", status)))
    assert short(found_in(*rows)) == [("Runtime.ImportModuleError", 2, "r2")]


def test_a_report_speaks_only_for_its_own_stream() -> None:
    failed, status = "[ERROR] Runtime.ImportModuleError: no", "error\tError Type: Runtime.ImportModuleError"
    kinds = found_in(row(1, failed, "s1"), row(2, report("r1", status), "s2"))
    assert {(kind.message, kind.request_id) for kind in kinds} == {("no", None), ("", "r1")}


def test_the_request_id_that_insights_discovered_is_taken() -> None:
    assert short(found_in(row(1, raised("1"), request_id="r7"))) == [("KeyError", 1, "r7")]


def test_an_error_that_was_logged_before_the_execution_failed_is_not_told_twice() -> None:
    logged = "[ERROR]\t2026-11-22T10:00:01.000Z\tr1\tretrying"
    (kind,) = found_in(row(1, logged), row(2, report("r1", "timeout")))
    assert (kind.error_type, kind.is_logged_only) == ("Sandbox.Timedout", False)
    (kind,) = found_in(row(1, logged))
    assert kind.is_logged_only


def test_what_a_function_prints_as_json_into_a_text_log_was_only_logged() -> None:
    entry: dict[str, object] = {
        "errorType": "RetryableError",
        "errorMessage": "will retry",
        "requestId": "r1",
        "stackTrace": [],
    }
    rows = [row(1, json.dumps(entry))]
    assert [top_errors(sightings_of(rows, is_text_log=is_text))[0].is_logged_only for is_text in (True, False)] == [
        True,
        False,
    ]


def test_fingerprints_are_those_of_the_history() -> None:
    # What a caller is told of the same failures; only so can the two be joined.
    told = "RequestId: 5b1f0c52-7f0e-4c6a-9a3e-2d1f4e6a7b80 Error: Task timed out after 2.00 seconds"
    (kind,) = found_in(row(1, report("r1", "timeout")))
    assert kind.fingerprint == fingerprint("Sandbox.Timedout", told)
    stack = ['  File "app.py", line 9, in handler\n    raise KeyError(order)\n']
    (kind,) = found_in(row(1, raised("'order-17'")))
    assert kind.fingerprint == fingerprint("KeyError", "'order-1'", stack)
    entry = {"errorType": "KeyError", "errorMessage": "'o'", "requestId": "r1", "stackTrace": stack}
    (kind,) = found_in(row(1, json.dumps(entry)))
    assert kind.fingerprint == fingerprint("KeyError", "'order-1'", stack)


def test_rows_that_are_no_errors_or_have_no_time_are_passed_over() -> None:
    assert found_in(row(1, "hello"), {"@message": raised("1")}, {"@timestamp": "soon", "@message": raised("1")}) == []

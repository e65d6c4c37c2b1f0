"""Lines of real runtimes and of the platform, and what they tell of failures."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.monitoring.error_lines import ErrorLine, Evidence, read_error_line

ID = "5b1f0c52-7f0e-4c6a-9a3e-2d1f4e6a7b80"
NBSP = "\N{NO-BREAK SPACE}"
FIGURES = "Duration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB\tMax Memory Used: 64 MB\t"
REPORT = f"REPORT RequestId: {ID}\t{FIGURES}"
TRACEBACK = "Traceback (most recent call last):"
AT = "2026-11-22T09:21:40.003Z"
THROWN = (
    '{"errorType":"TypeError","errorMessage":"x is not a function",'
    '"stack":["TypeError: x is not a function","    at handler (/var/task/index.js:3:9)"]}'
)
FRAME = '  File "/var/task/app.py", line 6, in handler'


def line_of(**known: Any) -> ErrorLine:
    """An uncaught exception without request id; give what differs."""
    usual: dict[str, Any] = {"request_id": None, "message": "", "stack": (), "evidence": Evidence.RAISED}
    return ErrorLine(**{**usual, **known})


def record(status: str, **more: Any) -> str:
    """A platform.report."""
    metrics = {"durationMs": 2000.5, "billedDurationMs": 2001, "memorySizeMB": 128, "maxMemoryUsedMB": 64}
    return json.dumps(
        {"type": "platform.report", "record": {"requestId": ID, "metrics": metrics, "status": status, **more}}
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            f"[ERROR] KeyError: 'no: such'\n{TRACEBACK}\n{NBSP}{NBSP}{FRAME.strip()}\n{NBSP * 4}boom()\n",
            line_of(error_type="KeyError", message="'no: such'", stack=(FRAME, "    boom()")),
        ),
        ("[ERROR] ValueError\nTraceback (most recent call last):\n", line_of(error_type="ValueError")),
        (
            "[ERROR] shop.errors.Declined: twice\nsaid\nTraceback (most recent call last):\n" + FRAME,
            line_of(error_type="shop.errors.Declined", message="twice\nsaid", stack=(FRAME,)),
        ),
        (
            "[ERROR] Runtime.ImportModuleError: Unable to import module 'app': No module named 'x'",
            line_of(
                error_type="Runtime.ImportModuleError", message="Unable to import module 'app': No module named 'x'"
            ),
        ),
        (
            f"[ERROR]\t2026-11-22T09:21:40.003Z\t{ID}\tstock is low\n",
            line_of(request_id=ID, error_type="Logged", message="stock is low", evidence=Evidence.LOGGED),
        ),
        (
            f"[ERROR]\t{AT}\t{ID}\tfailed\n{TRACEBACK}\n{FRAME}\nOSError: gone",
            line_of(
                request_id=ID,
                error_type="OSError",
                message="gone",
                stack=(TRACEBACK, FRAME, "OSError: gone"),
                evidence=Evidence.LOGGED,
            ),
        ),
        (
            f"{AT}\t{ID}\tERROR\tInvoke Error \t{THROWN}",
            line_of(
                request_id=ID,
                error_type="TypeError",
                message="x is not a function",
                stack=("TypeError: x is not a function", "    at handler (/var/task/index.js:3:9)"),
            ),
        ),
        (
            f"2026-11-22T09:21:40.003Z\t{ID}\tERROR\tRangeError: too far\n    at step (/var/task/index.js:9:1)",
            line_of(
                request_id=ID,
                error_type="RangeError",
                message="too far",
                stack=("    at step (/var/task/index.js:9:1)",),
                evidence=Evidence.LOGGED,
            ),
        ),
        (
            f"2026-11-22T09:21:40.003Z\t{ID}\tERROR\tno luck",
            line_of(request_id=ID, error_type="Logged", message="no luck", evidence=Evidence.LOGGED),
        ),
        (
            f"2026-11-22T09:21:40.003Z {ID} Task timed out after 3.00 seconds\n\n",
            line_of(
                request_id=ID,
                error_type="Sandbox.Timedout",
                message="Task timed out after 3.00 seconds",
                evidence=Evidence.DIED,
            ),
        ),
        (
            f"RequestId: {ID} Error: Runtime exited with error: signal: killed\nRuntime.OutOfMemory",
            line_of(
                request_id=ID,
                error_type="Runtime.OutOfMemory",
                message="Runtime exited with error: signal: killed",
                evidence=Evidence.DIED,
            ),
        ),
        (
            f"RequestId: {ID} Error: Runtime exited with error: exit status 3",
            line_of(
                request_id=ID,
                error_type="Runtime.ExitError",
                message="Runtime exited with error: exit status 3",
                evidence=Evidence.DIED,
            ),
        ),
        (
            REPORT + "Status: timeout",
            line_of(
                request_id=ID,
                error_type="Sandbox.Timedout",
                message="Task timed out after 3.00 seconds",
                evidence=Evidence.REPORTED,
            ),
        ),
        (
            REPORT + "Status: error\tError Type: Runtime.ExitError",
            line_of(request_id=ID, error_type="Runtime.ExitError", evidence=Evidence.REPORTED),
        ),
        (
            record("failure", errorType="Runtime.OutOfMemory"),
            line_of(request_id=ID, error_type="Runtime.OutOfMemory", evidence=Evidence.REPORTED),
        ),
        (
            record("timeout"),
            line_of(
                request_id=ID,
                error_type="Sandbox.Timedout",
                message="Task timed out after 2.00 seconds",
                evidence=Evidence.REPORTED,
            ),
        ),
        (
            json.dumps(
                {
                    "timestamp": "2026-11-22T09:21:40Z",
                    "level": "ERROR",
                    "errorMessage": "declined",
                    "errorType": "Declined",
                    "requestId": ID,
                    "stackTrace": [FRAME + "\n    raise Declined\n"],
                }
            ),
            line_of(request_id=ID, error_type="Declined", message="declined", stack=(FRAME + "\n    raise Declined",)),
        ),
        (
            json.dumps({"level": "ERROR", "message": "odd", "logger": "shop", "requestId": ID, "errorType": "OSError"}),
            line_of(request_id=ID, error_type="OSError", message="odd", evidence=Evidence.LOGGED),
        ),
        (
            json.dumps(
                {
                    "level": "ERROR",
                    "requestId": ID,
                    "message": {"errorType": "E", "errorMessage": "m", "stack": "E\n  at f"},
                }
            ),
            line_of(request_id=ID, error_type="E", message="m", stack=("E", "  at f")),
        ),
        (
            json.dumps(
                {"errorType": "Runtime.ImportModuleError", "errorMessage": "no", "requestId": "", "stackTrace": []}
            ),
            line_of(error_type="Runtime.ImportModuleError", message="no"),
        ),
    ],
)
def test_a_failure_is_read_from_what_a_runtime_or_the_platform_writes(text: str, expected: ErrorLine) -> None:
    assert read_error_line(text) == expected


OWN: dict[str, object] = {
    "errorType": "RetryableError",
    "errorMessage": "will retry",
    "requestId": ID,
    "stackTrace": [],
}


@pytest.mark.parametrize(
    ("entry", "is_text_log", "evidence"),
    [
        (OWN, False, Evidence.RAISED),
        (OWN, True, Evidence.LOGGED),
        ({**OWN, "level": "WARN"}, False, Evidence.LOGGED),
        ({**OWN, "logger": "shop"}, False, Evidence.LOGGED),
        ({"errorType": "E", "errorMessage": "m", "requestId": ID}, False, Evidence.LOGGED),
        ({"errorType": "E", "errorMessage": "m", "stackTrace": []}, False, Evidence.LOGGED),
    ],
)
def test_json_is_what_a_runtime_raised_only_in_a_json_log_and_in_the_runtimes_own_form(
    entry: dict[str, Any], is_text_log: bool, evidence: Evidence
) -> None:
    found = read_error_line(json.dumps(entry), is_text_log=is_text_log)
    assert found is not None
    assert found.evidence is evidence


@pytest.mark.parametrize(
    "text",
    [
        "",
        "an ordinary line about an ERROR",
        REPORT,
        record("success"),
        json.dumps({"type": "platform.start", "record": {"requestId": ID}}),
        json.dumps({"level": "ERROR", "message": "without a type"}),
        json.dumps({"errorType": 3}),
        "{not json",
        f"START RequestId: {ID} Version: 1",
        "[WARNING]\t2026-11-22T09:21:40.003Z\tx\tlow",
        # A handler that prints half a report.
        f"REPORT RequestId: {ID} Status: timeout",
    ],
)
def test_what_tells_of_no_failure_gives_none(text: str) -> None:
    assert read_error_line(text) is None


HEADS = [
    "",
    "[ERROR] ",
    "[ERROR]\t",
    "REPORT RequestId: ",
    "RequestId: x Error: ",
    '{"errorType": ',
    "a\tb\tERROR\t",
    "a {b",
]


@given(st.sampled_from(HEADS), st.text(), st.text())
def test_no_line_breaks_the_reader(head: str, middle: str, tail: str) -> None:
    found = read_error_line(f"{head}{middle}\n{tail}")
    assert found is None or found.error_type


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_no_json_breaks_the_reader(value: Any) -> None:
    # Wrong types in known places are what a function's own logs are full of.
    for key in ("errorType", "errorMessage", "message", "requestId", "stackTrace", "type", "record"):
        read_error_line(json.dumps({"errorType": "E", key: value}))

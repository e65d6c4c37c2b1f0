"""How an execution ended, told from the FunctionError header, the body and the log tail."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.classify import MESSAGE_CHARS, STACK_LINES, Verdict, judge
from lambdascope_proxy.report import parse_report

ID = "8f2c7d10-93be-4d0c-8a55-6b1e0f9d3c21"
KILLED = f"RequestId: {ID} Error: Runtime exited with error: signal: killed"


def report_line(extra: str = "", *, memory_mb: int = 128, used_mb: int = 64) -> str:
    numbers = "Duration: 3000.00 ms\tBilled Duration: 3000 ms"
    return f"REPORT RequestId: {ID}\t{numbers}\tMemory Size: {memory_mb} MB\tMax Memory Used: {used_mb} MB\t{extra}\n"


def verdict_on(body: Any, tail: str = "", function_error: str | None = "Unhandled") -> Verdict:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    report = parse_report(tail, ID)
    assert report or "REPORT" not in tail  # a report this test misspells would prove nothing
    return judge(function_error=function_error, body=raw, report=report, tail=tail, request_id=ID)


def failed_as(verdict: Verdict) -> tuple[str, str]:
    assert verdict.failure is not None
    assert verdict.result is None
    return verdict.kind.value, verdict.failure.error_type


RAISED = {"errorMessage": "no such order", "errorType": "KeyError", "requestId": ID, "stackTrace": ["  File ..."]}
NODE = {"errorType": "Error", "errorMessage": "no such order", "trace": ["Error: no such order", "    at handler"]}
NOTHING: dict[str, Any] = {}
NO_MODULE: dict[str, Any] = {
    "errorMessage": "Unable to import module 'app'",
    "errorType": "Runtime.ImportModuleError",
    "requestId": "",
    "stackTrace": [],
}
TIMED_OUT = {
    "errorType": "Sandbox.Timedout",
    "errorMessage": f"RequestId: {ID} Error: Task timed out after 3.00 seconds",
}
EXITED = {"errorType": "Runtime.ExitError", "errorMessage": f"RequestId: {ID} Error: Runtime exited: exit status 3"}
DIED = {"errorType": "Runtime.ExitError", "errorMessage": KILLED}
TOO_LARGE = {"errorType": "Function.ResponseSizeTooLarge", "errorMessage": "Response payload size exceeded maximum"}


@pytest.mark.parametrize(
    ("body", "tail", "ended"),
    [
        (RAISED, report_line(), ("function_error", "KeyError")),
        (NODE, "", ("function_error", "Error")),
        (NO_MODULE, "", ("function_error", "Runtime.ImportModuleError")),
        (TIMED_OUT, "", ("function_timeout", "Sandbox.Timedout")),
        (
            {"errorMessage": f"{ID} Task timed out after 3.01 seconds"},
            report_line("Status: timeout"),
            ("function_timeout", "Unhandled"),
        ),
        (
            EXITED,
            f"2026-11-22T09:21:40.003Z {ID} Task timed out after 3.01 seconds\n",
            ("function_timeout", "Runtime.ExitError"),
        ),
        (EXITED, report_line(), ("function_error", "Runtime.ExitError")),
        (DIED, report_line(used_mb=128), ("out_of_memory", "Runtime.ExitError")),
        (DIED, report_line(used_mb=64), ("function_error", "Runtime.ExitError")),
        (DIED, "", ("function_error", "Runtime.ExitError")),
        (EXITED, report_line("Status: error\tError Type: Runtime.OutOfMemory"), ("out_of_memory", "Runtime.ExitError")),
        ({"errorType": "Runtime.OutOfMemory", "errorMessage": "x"}, "", ("out_of_memory", "Runtime.OutOfMemory")),
        (TOO_LARGE, "", ("function_error", "Function.ResponseSizeTooLarge")),
        (NOTHING, "", ("function_error", "Unhandled")),
        ([1, 2], "", ("function_error", "Unhandled")),
        (b"", "", ("function_error", "Unhandled")),
        (b"\xff\xfe boom", "", ("function_error", "Unhandled")),
    ],
)
def test_every_form_of_a_function_error_has_its_outcome(body: Any, tail: str, ended: tuple[str, str]) -> None:
    assert failed_as(verdict_on(body, tail)) == ended


@pytest.mark.parametrize("header", ["Unhandled", "Handled", "SomethingNew"])
def test_any_value_of_the_header_is_a_failure(header: str) -> None:
    assert failed_as(verdict_on({}, function_error=header)) == ("function_error", header)


@pytest.mark.parametrize(
    ("body", "result"),
    [
        (b"null", None),
        (b'"a"', "a"),
        (b"[1]", [1]),
        (b"0", 0),
        (b"", None),
        (b'{"errorType": "KeyError"}', {"errorType": "KeyError"}),
    ],
)
def test_without_the_header_any_json_is_a_result(body: bytes, result: Any) -> None:
    # A handler may return an object that looks like an error: only the header says that it failed.
    assert verdict_on(body, function_error=None) == Verdict(kind=OutcomeKind.OK, result=result)


@pytest.mark.parametrize("body", [b"<html>", b"\xff\xfe", b"[" * 100_000, b"{'a': 1}"])
def test_what_is_not_json_is_a_tool_error_that_shows_its_beginning(body: bytes) -> None:
    verdict = verdict_on(body, function_error=None)
    assert failed_as(verdict) == ("tool_error", "NonJsonResult")
    assert verdict.failure is not None
    assert f"{len(body)} bytes" in verdict.failure.message
    assert len(verdict.failure.message) < 400


def test_the_message_and_the_innermost_stack_lines_come_along() -> None:
    lines = [f"line {number}\n" for number in range(40)]
    python = verdict_on({**RAISED, "errorMessage": "x" * 9000, "stackTrace": lines}).failure
    assert python is not None
    assert python.message == "x" * MESSAGE_CHARS
    assert python.stack == tuple(f"line {number}" for number in range(40 - STACK_LINES, 40))  # newest call last
    node = verdict_on({**NODE, "trace": lines}).failure
    assert node is not None
    assert node.stack == tuple(f"line {number}" for number in range(STACK_LINES))  # newest call first


@pytest.mark.parametrize("stack", ["text", {"a": 1}, None, 7])
def test_a_stack_of_another_shape_is_left_out(stack: object) -> None:
    failure = verdict_on({**RAISED, "stackTrace": stack}).failure
    assert failure is not None
    assert failure.stack == ()


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (TIMED_OUT, "timeout"),
        ({"errorType": "Runtime.OutOfMemory"}, "memory"),
        (TOO_LARGE, "6 MB"),
        (NO_MODULE, "owner"),
        (RAISED, "payload"),
    ],
)
def test_each_kind_of_failure_says_what_to_do(body: Any, word: str) -> None:
    failure = verdict_on(body).failure
    assert failure is not None
    assert word in failure.hint


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text() | st.sampled_from(["errorType", "errorMessage", "stackTrace", "trace"]), inner)
    ),
    max_leaves=8,
)


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()), st.text(max_size=20))
def test_no_body_breaks_the_verdict_and_an_error_stays_an_error(body: bytes, header: str) -> None:
    verdict = judge(function_error=header or None, body=body, report=None, tail="", request_id=None)
    assert verdict.kind.is_failure or not header
    assert (verdict.failure is not None) == verdict.kind.is_failure

"""System lines told from what a handler prints like them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.monitoring.log_marks import marks_of

START, END, REPORT = (
    "START RequestId: {} Version: 1\n",
    "END RequestId: {}\n",
    "REPORT RequestId: {}\tDuration: 1.00 ms\n",
)


def record(kind: str, request_id: str) -> str:
    return json.dumps({"type": f"platform.{kind}", "record": {"requestId": request_id}})


def reports_in(*messages: str) -> list[int]:
    """Where reports of the platform stand."""
    return [at for at, mark in enumerate(marks_of(messages)) if mark and mark.kind == "REPORT"]


A, B = [text.format("a") for text in (START, END, REPORT)], [text.format("b") for text in (START, END, REPORT)]


@pytest.mark.parametrize(
    ("messages", "found"),
    [
        ([*A, *B, *A], [2, 5, 8]),
        ([A[0], A[2], "x", *A[1:]], [4]),
        ([A[0], A[2]], []),
        ([A[0], B[2], record("report", "a"), *A[1:]], [4]),
        ([A[0], A[1], A[2], "printed", *A[1:]], [5]),
        ([A[0], B[0], *A[1:]], [3]),
        ([*A[1:], *B], [1, 4]),
        ([A[2], B[2]], [0, 1]),
        ([record("start", "a"), A[2], record("report", "a")], [2]),
        ([record("start", "a"), record("report", "a"), record("report", "a")], [2]),
        ([record("start", "a"), record("start", "b"), record("report", "a"), record("report", "b")], [2, 3]),
        ([record("start", "a"), record("report", "a")] * 2, [1, 3]),
    ],
    ids=[
        "one after the other", "printed before the end", "printed while it runs", "of another, as JSON", "printed end",
        "printed start", "begun before", "reports alone", "text in a JSON log", "printed record", "several at once",
        "tried again",
    ],
)  # fmt: skip
def test_reports_are_those_of_the_platform(messages: list[str], found: list[int]) -> None:
    assert reports_in(*messages) == found


@given(st.lists(st.sampled_from([*A, *B, record("report", "a"), "x"])))
def test_whatever_a_handler_prints_its_execution_has_the_report_after_its_end(printed: list[str]) -> None:
    c = [text.format("c") for text in (START, END, REPORT)]
    messages = [c[0], *printed, *c[1:]]
    assert reports_in(*messages)[-1] == len(messages) - 1
    assert [at for at in reports_in(*messages) if messages[at] == c[2]] == [len(messages) - 1]

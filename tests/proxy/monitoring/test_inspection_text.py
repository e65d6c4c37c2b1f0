"""What is said of one execution: text within a model's budget, data for programs, and what could not be had."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lambdascope_analytics.pricing import load_rates
from lambdascope_analytics.privacy.scrubber import Scrubber
from lambdascope_proxy.cloudwatch.log_events import LogEvent
from lambdascope_proxy.monitoring.inspection import Inspection, priced
from lambdascope_proxy.monitoring.inspection_text import data_of, log_lines, notes_of, text_of
from lambdascope_proxy.monitoring.request_log import attempts_of
from lambdascope_proxy.monitoring.request_reading import RequestLog
from lambdascope_proxy.selection import Function

TEN = datetime(2026, 11, 22, 10, tzinfo=UTC)
OURS = "5b1f0c52-7f0e-4c6a-9a3e-2d1f4e6a7b80"
CALL = "0196f3a2-7c00-7000-8000-000000000001"
START, END = f"START RequestId: {OURS} Version: 7\n", f"END RequestId: {OURS}\n"
REPORT = (
    f"REPORT RequestId: {OURS}\tDuration: 20.00 ms\tBilled Duration: 20 ms\tMemory Size: 256 MB\t"
    "Max Memory Used: 40 MB\t\n"
)
ROW: Mapping[str, Any] = {
    "call_id": CALL,
    "started_at": TEN,
    "client_name": "agent",
    "target": "lambda",
    "transport": "stdio",
    "tool_name": "invoke_function",
    "function_name": "orders",
    "executed_version": "7",
    "region": "us-east-1",
    "request_id": OURS,
    "outcome": "ok",
    "total_ms": 40.0,
    "proxy_ms": 4.0,
    "overhead_ms": 16.0,
    "duration_ms": 20.0,
    "billed_ms": 20,
    "memory_mb": 256,
    "max_memory_mb": 40,
    "cost_usd": "0.000001",
    "cost_source": "measured",
    "rates_version": "2026-09-19",
}
NEIGHBOUR = {"place": -1, "call_id": CALL, "started_at": TEN, "tool_name": "list_functions", "outcome": "ok"}


@pytest.fixture
def inspect(function_of: Callable[..., Function]) -> Callable[..., Inspection]:
    """An inspection with these lines between START and END."""

    def make(*between: str, row: Mapping[str, Any] | None = ROW, repeated: int = 1, **known: Any) -> Inspection:
        events = [
            LogEvent(time=TEN + timedelta(milliseconds=number), stream="a", message=line)
            for number, line in enumerate([START, *between, END, REPORT] * repeated)
        ]
        attempts = attempts_of(events, OURS)
        fields: dict[str, Any] = {
            "request_id": OURS,
            "row": row,
            "function": function_of(),
            "log": RequestLog(group="/aws/lambda/orders", attempts=attempts),
            "attempts": priced(attempts, function_of(), load_rates(), Scrubber().text),
            "neighbours": (),
            "trace_url": "",
            "shortfalls": (),
        }
        return Inspection(**{**fields, **known})

    return make


def text(inspection: Inspection) -> str:
    return text_of(inspection, *log_lines(inspection, Scrubber().text, 30_000))


def test_the_text_tells_what_when_where_the_time_went_what_it_cost_and_what_it_logged(
    inspect: Callable[..., Inspection],
) -> None:
    told = text(inspect("hello\n", neighbours=[NEIGHBOUR])).splitlines()
    parts = "proxy 4.0 ms (10%) + network and platform 16.0 ms (40%) + handler 20.0 ms (50%)"
    assert told[:5] == [
        f"orders, version 7, request {OURS}, call {CALL}",
        "ok",
        "began 2026-11-22T10:00:00Z, us-east-1, through invoke_function, client agent",
        f"Time: 40.0 ms = {parts}. Most of it: handler.",
        "handler 20.0 ms, billed 20 ms, memory 40 of 256 MB, cost $0.000001 (measured, rates of 2026-09-19)",
    ]
    assert told[5:8] == ["Log, 4 lines:", f"10:00:00.000 {START.strip()}", "10:00:00.001 hello"]
    assert f"-1 2026-11-22T10:00:00Z list_functions ok, call {CALL}" in told
    assert told[-1].startswith("Next: ")


def test_of_many_lines_the_newest_are_kept_and_the_rest_counted(inspect: Callable[..., Inspection]) -> None:
    found = inspect(*(f"line {number}\n" for number in range(1_000)))
    lines, left_out = log_lines(found, Scrubber().text, 2_000)
    assert lines[-1].endswith(REPORT.strip())
    assert len(lines) + left_out == 1_003
    assert sum(len(line) + 1 for line in lines) <= 2_000
    assert data_of(found, lines, left_out)["log_lines_left_out"] == left_out
    assert f"of {1_003} lines:" in text(found)


def test_the_text_stays_under_eight_thousand_bytes_whatever_there_is_to_say(
    inspect: Callable[..., Inspection],
) -> None:
    row = {**ROW, "error_message": "é" * 2_000, "outcome": "accepted", "duration_ms": None, "trace_id": "0" * 32}
    found = inspect(
        *("é" * 900 + "\n" for _ in range(50)),
        row={**row, "function_name": "f" * 64},
        repeated=3,
        neighbours=[{**NEIGHBOUR, "function_name": "g" * 64, "total_ms": 10.0, "place": each} for each in range(-3, 3)],
        trace_url="https://tempo/{trace_id}",
    )
    assert len(text(found).encode()) < 8_000


def test_secrets_in_log_lines_are_masked_before_anything_is_cut(inspect: Callable[..., Inspection]) -> None:
    found = inspect(f"key AKIAIOSFODNN7EXAMPLE {'x' * 30_000}\n")
    lines, _ = log_lines(found, Scrubber().text, 30_000)
    assert "key [masked]" in lines[1]
    assert "AKIA" not in str(lines)


def test_attempts_are_listed_where_there_are_several_or_the_history_waits_for_them(
    inspect: Callable[..., Inspection],
) -> None:
    assert "Attempt" not in text(inspect())
    assert "Attempt 2: began_at 2026-11-22T10:00:00.003000Z, outcome ok, duration_ms 20.0" in text(inspect(repeated=2))
    assert "memory_used_mb 40" in text(inspect(repeated=2))
    accepted = {**ROW, "outcome": "accepted", "duration_ms": None, "invocation_type": "Event"}
    found = inspect(row=accepted)
    assert "Attempt 1: " in text(found)
    assert "asynchronous" in text(found)
    assert "not reconciled yet" in notes_of(found)[0]


def test_requests_sent_are_not_called_attempts(inspect: Callable[..., Inspection]) -> None:
    told = text(inspect(row={**ROW, "attempts": 3}))
    assert "invoke requests 3" in told
    assert "ttempt" not in told
    assert "invoke requests" not in text(inspect(row={**ROW, "attempts": 1}))


@pytest.mark.parametrize(
    ("caller", "is_told"),
    [
        ({"transport": "http"}, True),
        ({"transport": "http", "session_id": "s"}, False),
        ({"transport": "stdio"}, False),
    ],
)
def test_that_there_is_no_session_is_said(
    inspect: Callable[..., Inspection], caller: dict[str, str], is_told: bool
) -> None:
    """An empty list alone reads as if the session had no other calls."""
    assert any("has no session" in note for note in notes_of(inspect(row={**ROW, **caller}))) is is_told


def test_an_execution_that_never_came_through_says_so(inspect: Callable[..., Inspection]) -> None:
    found = inspect(row=None)
    assert "not through this proxy" in text(found)
    data = data_of(found, [], 0)
    assert (data["source"], data["clocks"], data["execution"]["billed_ms"]) == ("logs", [], 20)


def test_what_is_missing_is_said(inspect: Callable[..., Inspection]) -> None:
    log = RequestLog(group="/aws/lambda/orders", has_gap=True)
    found = inspect(shortfalls=("Log lines missing: no permission",), log=log, attempts=())
    assert notes_of(found) == (
        "Log lines missing: no permission",
        "It wrote more lines than are read here: there is a gap before the newest.",
    )


def test_programs_get_parts_with_names(inspect: Callable[..., Inspection]) -> None:
    found = inspect("hello\n", neighbours=[NEIGHBOUR])
    data = data_of(found, *log_lines(found, Scrubber().text, 30_000))
    assert data["source"] == "history"
    assert data["execution"]["request_id"] == OURS
    assert data["clocks"][2] == {"name": "handler", "ms": 20.0, "share": 0.5}
    assert data["attempts"][0]["billed_ms"] == 20
    assert data["session"] == [{**NEIGHBOUR, "started_at": "2026-11-22T10:00:00Z"}]
    assert data["bill"]["cost_usd"] == "0.000000000000"


def test_an_end_that_no_line_tells_is_said_to_be_unknown(inspect: Callable[..., Inspection]) -> None:
    assert "no line says how it ended" in text(inspect(row={"tool_name": "query_history"}))

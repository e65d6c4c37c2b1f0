"""What `lambdascope inspect` shows."""

from typing import Any

from lambdascope_proxy.views.execution import show_execution
from lambdascope_proxy.views.page import Page, Surface

CALL = "01a20451-54e4-72d7-88a0-a035acfb6bc8"
REQUEST = "55668bea-135a-4f18-bb88-b680e65e3b61"
URL = "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#" + "x" * 100
DATA: dict[str, Any] = {
    "source": "history",
    "execution": {
        "call_id": CALL,
        "started_at": "2026-11-22T17:32:48.740597Z",
        "tool_name": "invoke_function",
        "function_name": "charge-card",
        "executed_version": "7",
        "region": "us-east-1",
        "outcome": "function_error",
        "error_type": "CardDeclinedError",
        "error_message": "order 1005",
        "duration_ms": 5.82,
        "billed_ms": 1149,
        "init_ms": 144.62,
        "memory_mb": 256,
        "max_memory_mb": 15,
        "cost_usd": "0.000000220000",
        "cost_source": "measured",
        "request_id": REQUEST,
        "trace_id": "27acb21c",
    },
    "clocks": [
        {"name": "proxy", "ms": 184.939, "share": 0.9544},
        {"name": "handler", "ms": 8.846, "share": 0.0456},
    ],
    "attempts": [{"began_at": "2026-11-22T17:32:48.926000Z", "outcome": "function_error"}],
    "log_lines": ["17:32:48.926 START RequestId", "17:32:48.932 Traceback\n  line 1", "17:32:48.933 \x1b[31mred"],
    "log_lines_left_out": 0,
    "links": {"log_stream": URL},
    "session": [],
    "next_step": 'query_logs(function_names=["charge-card"], preset="errors") shows whether it is alone.',
}
SHOWN = f"""\
charge-card, from the history
outcome   function_error: CardDeclinedError: order 1005
began     2026-11-22 17:32:48.740 UTC
function  charge-card, version 7, in us-east-1
handler   5.82 ms, billed 1,149 ms, cold start 144.62 ms
memory    15 of 256 MB
cost      $0.00000022, measured
call      {CALL}
request   {REQUEST}

Where the time went: 193.78 ms
             ms  share
─────────────────────────────────────────────────────
proxy    184.94  95.4%  ████████████████████████████▋
handler    8.85   4.6%  █▍

Log (times in UTC)
17:32:48.926  START RequestId
17:32:48.932  Traceback
                line 1
17:32:48.933  \\x1b[31mred

Also known
tool_name  invoke_function
trace_id   27acb21c

Links
log stream: {URL}

Next: `lambdascope logs charge-card --preset errors` shows whether it is alone.
"""


def shown(**changed: Any) -> str:
    page = Page(Surface(width=100))
    show_execution(DATA | changed, page)
    return page.text()


def test_everything_known_is_shown_the_rest_of_the_facts_last() -> None:
    assert shown() == SHOWN


def test_an_execution_of_which_little_is_known_shows_that() -> None:
    facts = {
        "request_id": REQUEST,
        "function_name": "charge-card",
        "memory_mb": 256,
        "began_at": "2026-11-22T17:00:00Z",
    }
    bare: dict[str, Any] = {"clocks": [], "attempts": [], "log_lines": [], "links": {}, "source": "logs"}
    assert shown(execution=facts, **bare).splitlines()[:7] == [
        "charge-card, from the logs",
        "outcome   no line says how it ended",
        "began     2026-11-22 17:00:00 UTC",
        "function  charge-card",
        "memory    256 MB configured",
        f"request   {REQUEST}",
        "",
    ]


def test_several_attempts_are_listed_each_with_what_it_took() -> None:
    attempts = [
        {"began_at": "2026-11-22T17:32:48.926000Z", "outcome": "function_error", "billed_ms": 1500, "cost_usd": "0.10"},
        {"began_at": "2026-11-22T17:32:49.926000Z", "billed_ms": 3},
    ]
    lines = shown(attempts=attempts).split("Attempts (times in UTC)\n")[1].splitlines()[:4]
    assert [line.split() for line in lines] == [
        ["began", "outcome", "billed", "ms", "cost"],
        ["─" * len(lines[1])],
        ["2026-11-22", "17:32:48.926", "function_error", "1,500", "$0.1"],
        ["2026-11-22", "17:32:49.926", "3"],
    ]


def test_used_memory_and_requests_sent_are_named_as_what_they_are() -> None:
    drawn = shown(
        attempts=[{"max_memory_mb": 40}, {"max_memory_mb": 41}], execution={**DATA["execution"], "attempts": 2}
    )
    assert drawn.split("Attempts (times in UTC)\n")[1].splitlines()[0].strip() == "memory used MB"
    assert "invoke requests  2\n" in drawn


def test_only_the_command_line_names_the_command_that_completes_a_call() -> None:
    pending = {"outcome": "accepted", "function_name": "orders"}
    told = "Next: Ask again. `lambdascope history reconcile` does so now.\n"
    assert told in shown(execution=pending, next_step="Ask again.")
    assert "reconcile" not in shown(execution={**pending, "duration_ms": 3.0})


def test_the_session_tells_what_came_before_and_after() -> None:
    row = {"tool_name": "invoke_function", "function_name": "orders", "outcome": "ok", "call_id": CALL}
    session = [row | {"place": place, "started_at": "2026-11-22T17:32:47Z", "total_ms": 8.5} for place in (-1, 2)]
    drawn = shown(session=session)
    assert "The calls around it in its session (times in UTC)\n1" in drawn  # too wide for a table of 100 characters
    assert ["+2" in drawn, "-1" in drawn] == [True, True]
    assert "total ms" in drawn


def test_lines_that_were_left_out_are_counted() -> None:
    assert "\nLog (times in UTC; 1,234 older lines left out)\n" in shown(log_lines_left_out=1234)

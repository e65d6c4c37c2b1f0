"""When a call is settled by what the logs tell, and what its row then says."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from lambdascope_analytics.fingerprint import fingerprint
from lambdascope_analytics.pricing import load_rates
from lambdascope_proxy.reconcile.attempts import Attempt, Line, attempts_in
from lambdascope_proxy.reconcile.pending import Pending
from lambdascope_proxy.reconcile.settling import amendment_of, is_settled
from lambdascope_proxy.selection import Function

At = Callable[..., Line]
ReportLine = Callable[..., str]
PendingOf = Callable[..., Pending]
FunctionOf = Callable[..., Function]
RAISED = "[ERROR] KeyError: 'order'\nTraceback (most recent call last):\n  File \"app.py\", line 6, in handler"
SECOND = timedelta(seconds=1)


@pytest.fixture
def attempts(at: At, report: ReportLine) -> Callable[..., list[Attempt]]:
    """Makes attempts a minute apart, each told by how it ended: ok, error or timeout."""

    def make(*endings: str) -> list[Attempt]:
        lines: list[Line] = []
        for number, ending in enumerate(endings):
            began = number * 60_000
            lines.append(at(began, "START RequestId: r1 Version: $LATEST"))
            if ending == "error":
                lines.append(at(began + 5, RAISED))
            status = ["Status: timeout"] if ending == "timeout" else []
            lines.append(at(began + 41, "END RequestId: r1"))
            lines.append(at(began + 41, report("r1", "41.37", 42 + number, *status)))
        return attempts_in(lines)["r1"]

    return make


def settled(pending: Pending, function: Function, attempts: Sequence[Attempt], after: timedelta) -> bool:
    """Whether it is settled so long after the last attempt."""
    return is_settled(pending, function, attempts, attempts[-1].at + after)


@pytest.mark.parametrize(
    ("endings", "quiet_s", "is_so"),
    [
        (["ok"], 0, True),
        (["error"], 0, False),
        (["error"], 15 * 60 + 2, False),
        (["error"], 15 * 60 + 3, True),  # 15 minutes and the timeout of three seconds
        (["error", "ok"], 0, True),
        (["error", "timeout"], 60, False),
        (["error", "timeout", "error"], 0, True),
    ],
)
def test_an_asynchronous_call_is_settled_when_no_more_attempts_come(
    attempts: Callable[..., list[Attempt]], pending_of: PendingOf, function_of: FunctionOf,
    endings: list[str], quiet_s: int, is_so: bool
) -> None:  # fmt: skip
    function = function_of(runtime="python3.13")
    assert settled(pending_of(), function, attempts(*endings), quiet_s * SECOND) is is_so


def test_silence_of_a_runtime_that_may_not_log_errors_is_no_success_until_no_retry_comes(
    attempts: Callable[..., list[Attempt]], pending_of: PendingOf, function_of: FunctionOf
) -> None:
    function = function_of(runtime="java21")
    assert not settled(pending_of(), function, attempts("ok"), 60 * SECOND)
    assert settled(pending_of(), function, attempts("ok"), timedelta(minutes=15, seconds=3))


@pytest.mark.parametrize("endings", [["ok"], ["ok", "ok", "ok"]])
def test_a_runtime_whose_log_does_not_tell_of_failures_leaves_open_how_it_ended(
    attempts: Callable[..., list[Attempt]], pending_of: PendingOf, function_of: FunctionOf, endings: list[str]
) -> None:
    """Three attempts that all failed were written down as a success."""
    made = attempts(*endings)
    row = amendment_of(pending_of(), function_of(runtime="java21"), made, load_rates())
    assert "outcome" not in row
    assert (row["billed_ms"], row["cost_source"]) == (sum(each.billed_ms for each in made), "logs")
    assert amendment_of(pending_of(), function_of(runtime="java21"), attempts("timeout"), load_rates())["outcome"] == (
        "function_timeout"
    )


def test_who_waited_had_one_execution(
    attempts: Callable[..., list[Attempt]], pending_of: PendingOf, function_of: FunctionOf
) -> None:
    row = amendment_of(pending_of(outcome="ok"), function_of(), attempts("ok", "ok"), load_rates())
    assert row["billed_ms"] == 43


def test_a_call_somebody_waited_for_is_settled_by_its_report_and_nothing_by_none(
    attempts: Callable[..., list[Attempt]], pending_of: PendingOf, function_of: FunctionOf, noon: datetime
) -> None:
    assert settled(pending_of(outcome="function_error"), function_of(), attempts("error"), 0 * SECOND)
    assert not is_settled(pending_of(outcome="ok"), function_of(), [], noon + timedelta(days=2))


def test_the_row_has_the_sums_of_what_was_billed_and_the_rest_of_the_last_attempt(
    attempts: Callable[..., list[Attempt]], pending_of: PendingOf, function_of: FunctionOf
) -> None:
    row = amendment_of(
        pending_of(), function_of(runtime="python3.13"), attempts("error", "timeout", "ok"), load_rates()
    )
    # Three requests, and 42 + 43 + 44 ms of a quarter of a GB.
    cost_usd = 3 * Decimal("0.0000002") + Decimal("0.129") * Decimal("0.25") * Decimal("0.0000166667")
    assert {name: value for name, value in row.items() if value is not None} == {
        "call_id": pending_of().call_id,
        "started_at": pending_of().started_at,
        "outcome": "ok",
        "duration_ms": 41.37,
        "billed_ms": 129,
        "cold_start": False,
        "memory_mb": 256,
        "max_memory_mb": 91,
        "executed_version": "$LATEST",
        "cost_usd": cost_usd.quantize(Decimal("1e-12")),
        "cost_source": "logs",
        "rates_version": load_rates().version,
    }


def test_a_failure_is_told_as_a_caller_who_waits_would_have_heard_it(
    attempts: Callable[..., list[Attempt]], pending_of: PendingOf, function_of: FunctionOf
) -> None:
    function = function_of(runtime="python3.13")
    raised = amendment_of(pending_of(), function, attempts("error"), load_rates())
    assert (raised["outcome"], raised["error_type"], raised["error_message"]) == (
        "function_error",
        "KeyError",
        "'order'",
    )
    assert raised["error_fingerprint"] == fingerprint("KeyError", "'order'", ['  File "app.py", line 9, in handler\n'])
    timed_out = amendment_of(pending_of(), function, attempts("timeout"), load_rates())
    assert (timed_out["outcome"], timed_out["error_type"], timed_out["error_message"]) == (
        "function_timeout",
        "Sandbox.Timedout",
        "RequestId: r1 Error: Task timed out after 0.04 seconds",
    )


def test_who_waited_knows_how_it_ended_and_only_the_kind_of_failure_is_refined(
    attempts: Callable[..., list[Attempt]], pending_of: PendingOf, function_of: FunctionOf
) -> None:
    def outcome(known: str, ending: str) -> Any:
        pending = pending_of(outcome=known, invoke_ms=50.0)
        return amendment_of(pending, function_of(), attempts(ending), load_rates()).get("outcome")

    assert outcome("ok", "ok") is None
    assert outcome("tool_error", "error") is None
    assert outcome("function_error", "error") is None
    assert outcome("function_error", "timeout") == "function_timeout"


def test_only_a_call_somebody_waited_for_has_an_overhead(
    attempts: Callable[..., list[Attempt]], pending_of: PendingOf, function_of: FunctionOf
) -> None:
    waited = amendment_of(pending_of(outcome="ok", invoke_ms=50.0), function_of(), attempts("ok"), load_rates())
    assert waited["overhead_ms"] == 8.63
    assert amendment_of(pending_of(), function_of(), attempts("ok"), load_rates())["overhead_ms"] is None


@pytest.mark.parametrize(
    ("request_bytes", "requests"), [(None, 2), (256 * 1024, 2), (256 * 1024 + 1, 3), (1024 * 1024, 14)]
)
def test_a_large_event_counts_as_more_than_one_request_and_each_retry_as_one_more(
    attempts: Callable[..., list[Attempt]],
    pending_of: PendingOf,
    function_of: FunctionOf,
    request_bytes: int | None,
    requests: int,
) -> None:
    made = attempts("error", "ok")
    row = amendment_of(pending_of(request_bytes=request_bytes), function_of(), made, load_rates())
    compute = Decimal("0.085") * Decimal("0.25") * Decimal("0.0000166667")
    assert row["cost_usd"] == (requests * Decimal("0.0000002") + compute).quantize(Decimal("1e-12"))


def test_a_large_payload_that_somebody_waited_for_is_one_request(
    attempts: Callable[..., list[Attempt]], pending_of: PendingOf, function_of: FunctionOf
) -> None:
    costs = [
        amendment_of(pending_of(outcome="ok", request_bytes=size), function_of(), attempts("ok"), load_rates())
        for size in (1, 6 * 1024 * 1024)
    ]
    assert costs[0]["cost_usd"] == costs[1]["cost_usd"]


@pytest.mark.parametrize("region", ["cn-north-1", "xx-nowhere-1"])
def test_without_a_price_in_dollars_the_measures_are_known_and_the_cost_is_not(
    attempts: Callable[..., list[Attempt]], pending_of: PendingOf, function_of: FunctionOf, region: str
) -> None:
    row = amendment_of(pending_of(), function_of(region=region), attempts("ok"), load_rates())
    assert (row["billed_ms"], row["cost_source"], row.get("cost_usd")) == (42, "none", None)


def test_what_ran_is_priced_at_the_architecture_it_ran_on_and_with_its_storage(
    attempts: Callable[..., list[Attempt]], pending_of: PendingOf, function_of: FunctionOf
) -> None:
    function = function_of(architecture="x86_64", ephemeral_storage_mb=1536)
    row = amendment_of(pending_of(architecture="arm64"), function, attempts("ok"), load_rates())
    seconds = Decimal("0.042")
    cost_usd = Decimal("0.0000002") + seconds * (Decimal("0.25") * Decimal("0.0000133334") + Decimal("0.0000000309"))
    assert row["cost_usd"] == cost_usd.quantize(Decimal("1e-12"))

"""What the logs told of calls, as metrics: each execution once, and no price twice."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from lambdascope_analytics.pricing import load_rates
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.reconcile.attempts import Attempt, Line, attempts_in
from lambdascope_proxy.reconcile.pending import Pending
from lambdascope_proxy.reconcile.settled import Settled
from lambdascope_proxy.reconcile.settled_meter import meter_settled
from lambdascope_proxy.reconcile.settling import amendment_of
from lambdascope_proxy.selection import Function

At = Callable[..., Line]
ReportLine = Callable[..., str]
PendingOf = Callable[..., Pending]
FunctionOf = Callable[..., Function]
FUNCTION = (("faas.invoked_name", "orders"), ("faas.invoked_region", "us-east-1"))
OF_CLIENT = (*FUNCTION, ("lambdascope.client.name", "tests"))
CALLER = (("gen_ai.tool.name", "invoke_function"), ("lambdascope.client.name", "tests"))


@pytest.fixture
def attempts(at: At, report: ReportLine) -> list[Attempt]:
    """A cold start that timed out, and a second attempt that did not."""
    cold = report("r1", "300.00", 500, "Init Duration: 200.00 ms", "Status: timeout")
    return attempts_in([at(500, cold), at(60_000, report("r1", "41.00", 42))])["r1"]


def test_an_asynchronous_call_is_metered_by_all_its_attempts_and_costs_what_its_row_says(
    metered: Any, attempts: list[Attempt], pending_of: PendingOf, function_of: FunctionOf
) -> None:
    pending = pending_of(tool_name="invoke_function", client_name="tests", request_bytes=600 * 1024)
    function = function_of(runtime="python3.13")
    meter_settled(
        metered.meters,
        [Settled(pending=pending, function=function, attempts=attempts, outcome=OutcomeKind.OK)],
    )
    read = metered.read()
    accepted = (("lambdascope.cost_source", "logs"), ("lambdascope.outcome", "accepted"))
    cost_usd = amendment_of(pending, function, attempts, load_rates())["cost_usd"]
    assert cost_usd > Decimal("0.0000004")
    assert read["lambdascope.cost"] == {tuple(sorted((*FUNCTION, *CALLER, *accepted))): pytest.approx(float(cost_usd))}
    assert read["lambdascope.calls.completed"] == {(*OF_CLIENT, ("lambdascope.outcome", "ok")): 1}
    assert read["lambdascope.lambda.billed.duration"] == {OF_CLIENT: pytest.approx(0.542)}
    assert read["lambdascope.lambda.cold_starts"] == {FUNCTION: 1}
    assert read["lambdascope.lambda.init.duration"] == {FUNCTION: (1, 0.2)}
    by_start = read["lambdascope.lambda.handler.duration"]
    assert {series[-1]: count for series, (count, _) in by_start.items()} == {
        ("lambdascope.cold_start", "true"): 1,
        ("lambdascope.cold_start", "false"): 1,
    }
    assert "lambdascope.lambda.platform.duration" not in read


def test_the_price_of_a_call_somebody_waited_for_is_not_counted_again(
    metered: Any, attempts: list[Attempt], pending_of: PendingOf, function_of: FunctionOf
) -> None:
    # It was estimated, and counted, when it ended.
    call = Settled(pending=pending_of(outcome="ok"), function=function_of(), attempts=attempts, outcome=None)
    meter_settled(metered.meters, [call])
    read = metered.read()
    assert read["lambdascope.lambda.billed.duration"] == {FUNCTION: 0.042}
    assert not {name for name in read if name.endswith("cost")} | (set(read) & {"lambdascope.calls.completed"})
    assert "lambdascope.calls.unpriced" not in read


def test_an_asynchronous_call_whose_end_or_price_the_logs_leave_open_says_so(
    metered: Any, at: At, report: ReportLine, pending_of: PendingOf, function_of: FunctionOf
) -> None:
    pending = pending_of(region="xx-nowhere-1", architecture=None)
    function = function_of(region="xx-nowhere-1", architecture=None)
    attempts = attempts_in([at(50, report("r1"))])["r1"]
    meter_settled(metered.meters, [Settled(pending=pending, function=function, attempts=attempts, outcome=None)])
    read = metered.read()
    assert "lambdascope.calls.completed" not in read
    assert sum(read["lambdascope.calls.unpriced"].values()) == 1
